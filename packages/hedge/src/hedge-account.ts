import { bothBudgets, type RetryBudget, type Run, runGuarded } from '@holdfast/policy';

/** What a hedged call spends of the retry budgets: of its own, and of that of the policy. */
export class HedgeAccount {
  /** What hedges are taken from. */
  private readonly budget: RetryBudget | undefined;
  /** What the call pays into. */
  private readonly earner: RetryBudget | undefined;
  private readonly policy: string;
  private hedges = 0;

  constructor(run: Run, at: number, ofPolicy: RetryBudget | undefined, policy: string) {
    const ofCall = run.retryBudget;
    this.policy = policy;
    this.budget = bothBudgets(ofCall, ofPolicy);
    this.earner = bothBudgets(unpaid(ofCall, run, at), unpaid(ofPolicy, run, at));
    this.spare(() => this.earner?.begin());
  }

  /** Whether a further hedge may start. */
  tryHedge(): boolean {
    let isGranted = true;
    this.spare(() => (isGranted = this.budget?.tryRetry() ?? true));
    if (isGranted) this.hedges++;
    return isGranted;
  }

  /** The call has its answer. */
  close(): void {
    for (; this.hedges > 0; this.hedges--) this.spare(() => this.budget?.retryEnded());
    this.spare(() => this.earner?.end());
  }

  /** A budget of the user's own may throw; a call must not notice. */
  private spare(callback: () => void): void {
    runGuarded(callback, { kind: 'hedge', event: 'budget', policy: this.policy });
  }
}

/** The budget, unless a layer outside shares it and so has paid for the call already. */
function unpaid(budget: RetryBudget | undefined, run: Run, at: number): RetryBudget | undefined {
  const isPaid = run.plan.layers.some(
    (layer, i) =>
      i < at && ((budget === run.retryBudget && 'budget' in layer) || layer.budget === budget),
  );
  return isPaid ? undefined : budget;
}
