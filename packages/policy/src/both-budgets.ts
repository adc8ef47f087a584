import type { RetryBudget } from './retry-budget.ts';

/** Two budgets as one: a retry has to be granted by both. That of the call is asked first. */
class BothBudgets implements RetryBudget {
  private readonly first: RetryBudget;
  private readonly second: RetryBudget;

  constructor(first: RetryBudget, second: RetryBudget) {
    this.first = first;
    this.second = second;
  }

  begin(): void {
    this.first.begin();
    this.second.begin();
  }

  end(): void {
    this.first.end();
    this.second.end();
  }

  tryRetry(): boolean {
    if (!this.first.tryRetry()) return false;
    if (this.second.tryRetry()) return true;
    this.first.retryEnded();
    return false;
  }

  retryEnded(): void {
    this.first.retryEnded();
    this.second.retryEnded();
  }
}

/**
 * What a call has to spend: the budget that came with it, and that of the policy. With both, each has
 * to grant a further attempt.
 *
 * @example
 * ```ts
 * const budget = bothBudgets(run.retryBudget, this.budget);
 * ```
 */
export function bothBudgets(
  ofCall: RetryBudget | undefined,
  ofPolicy: RetryBudget | undefined,
): RetryBudget | undefined {
  if (ofCall === undefined || ofCall === ofPolicy) return ofPolicy;
  return ofPolicy === undefined ? ofCall : new BothBudgets(ofCall, ofPolicy);
}
