import { count, knownOptions, numberBetween } from './options.ts';
import type { MeasuredRetryBudget } from './retry-budget.ts';

/** What {@link concurrentRetryBudget} can be told. */
export interface ConcurrentRetryBudgetOptions {
  /**
   * Which share of the active calls may be retrying at a time, from 0 to 1.
   *
   * @default 0.2 (as in Envoy)
   */
  readonly ratio?: number | undefined;
  /**
   * How many retries may be active at a time, however few the calls are.
   *
   * @default 3 (as in Envoy)
   */
  readonly minConcurrent?: number | undefined;
}

class ConcurrentBudget implements MeasuredRetryBudget {
  private readonly ratio: number;
  private readonly minConcurrent: number;
  private calls = 0;
  private retries = 0;

  constructor(ratio: number, minConcurrent: number) {
    this.ratio = ratio;
    this.minConcurrent = minConcurrent;
  }

  get available(): number {
    const allowed = Math.max(this.minConcurrent, Math.floor(this.ratio * this.calls));
    return Math.max(0, allowed - this.retries);
  }

  begin(): void {
    this.calls++;
  }

  end(): void {
    this.calls--;
  }

  tryRetry(): boolean {
    if (this.available === 0) return false;
    this.retries++;
    return true;
  }

  retryEnded(): void {
    this.retries--;
  }
}

/**
 * A budget by concurrency: at most a `ratio` of the calls that are active may be retrying, back-off
 * included, and always `minConcurrent` of them. It follows the load at once and needs no clock.
 *
 * Source of the algorithm: the retry budget of Envoy.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const policy = retry({ budget: concurrentRetryBudget({ minConcurrent: 10 }) });
 * ```
 */
export function concurrentRetryBudget(
  options: ConcurrentRetryBudgetOptions = {},
): MeasuredRetryBudget {
  knownOptions(options, ['ratio', 'minConcurrent']);
  const { ratio = 0.2, minConcurrent = 3 } = options;
  numberBetween('ratio', ratio, 0, 1);
  count('minConcurrent', minConcurrent);
  return new ConcurrentBudget(ratio, minConcurrent);
}
