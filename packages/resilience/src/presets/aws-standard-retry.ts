import {
  type Clock,
  isTimeoutError,
  type Outcome,
  positiveInteger,
  type RetryBudget,
} from '@holdfast/policy';
import { exponential, isRetryable, type Retry, retry, type RetryOptions } from '@holdfast/retry';

/**
 * What {@link awsStandardRetry} can be told.
 *
 * @typeParam R - What the operations return.
 */
export interface AwsStandardRetryOptions<R = unknown>
  extends Omit<RetryOptions<R>, 'budget' | 'shouldRetry'> {
  /**
   * How often the operation is called at most, the first call included.
   *
   * @default 3
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Whether an outcome is worth a further attempt.
   *
   * @default isRetryable
   */
  readonly shouldRetry?: ((outcome: Outcome<R>, attempt: number) => boolean) | undefined;
  /**
   * How many tokens the bucket holds, which is full at first: an integer from 1 up.
   *
   * @default 500
   */
  readonly tokens?: number | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const retryCost = 5;
const timeoutCost = 10;

/** The retry quota of the SDKs: retries take out of it, and successes give back. */
class RetryQuota implements RetryBudget {
  private readonly capacity: number;
  private tokens: number;
  /** What the retry that is about to be asked for costs. */
  private cost = retryCost;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.tokens = capacity;
  }

  begin(): void {}

  end(): void {}

  tryRetry(): boolean {
    if (this.tokens < this.cost) return false;
    this.tokens -= this.cost;
    return true;
  }

  retryEnded(): void {}

  /** Hears of each outcome before anybody asks for a retry. */
  note(outcome: Outcome<unknown>, attempt: number): void {
    if (outcome.ok) this.giveBack(attempt === 1 ? 1 : retryCost);
    else this.cost = isTimeoutError(outcome.error) ? timeoutCost : retryCost;
  }

  private giveBack(tokens: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + tokens);
  }
}

/**
 * The retry of the AWS SDKs in their "standard" mode: three attempts, full jitter from 100 ms up to
 * 20 s, and a bucket of 500 tokens, of which a retry takes 5, one after a timeout 10. A success gives 1
 * back, one at a retry 5. Give the same policy to all that call the same dependency: they share the
 * bucket.
 *
 * Source: "Retry behavior" in the AWS SDKs and Tools Reference Guide, and `StandardRetryStrategy` of the
 * AWS SDK for JavaScript 3. Unlike there, a success after a timeout gives 5 back rather than 10, and
 * throttled calls do not begin at 500 ms: say so by `delayFrom`.
 *
 * @typeParam R - What the operations return.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const table = awsStandardRetry({ maxAttempts: 5 });
 *
 * await table.execute(({ signal }) => readItem('apple', { signal }));
 * ```
 */
export function awsStandardRetry<R = unknown>(options: AwsStandardRetryOptions<R> = {}): Retry<R> {
  const { tokens = 500, shouldRetry = isRetryable, ...others } = options;
  const budget = new RetryQuota(positiveInteger('tokens', tokens));
  return retry<R>({
    maxAttempts: 3,
    backoff: exponential({ initialMs: 100, maxMs: 20_000 }),
    name: 'aws-standard-retry',
    ...others,
    budget,
    shouldRetry: (outcome, attempt) => {
      const isWanted = shouldRetry(outcome, attempt);
      budget.note(outcome, attempt);
      return isWanted;
    },
  });
}
