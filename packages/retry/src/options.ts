import {
  type Clock,
  commonOptions,
  invalidOption,
  knownOptions,
  milliseconds,
  optionalFunction,
  type Outcome,
  positiveCount,
  type RetryBudget,
} from '@holdfast/policy';
import type { Backoff } from './backoff.ts';

/** What {@link retry} can be told. `R` is what the operations return. */
export interface RetryOptions<R = unknown> {
  /**
   * How often the operation is called at most, the first call included. Infinity leaves the end to
   * `maxElapsedMs`, to the deadline or to the caller.
   *
   * @default 3 (as in the AWS SDKs and resilience4j)
   */
  readonly maxAttempts?: number | undefined;
  /**
   * No attempt begins later than so many milliseconds after the call came in. It does not cut an
   * attempt off: put a `timeout` outside for that.
   *
   * @default undefined
   */
  readonly maxElapsedMs?: number | undefined;
  /**
   * How long to wait between two attempts; a list is short for `delays(list)`. A delay that ends after
   * the deadline is not even begun: the call is answered at once.
   *
   * @default exponential() (full jitter, from 100 ms, at most 20 s)
   */
  readonly backoff?: Backoff | readonly number[] | undefined;
  /**
   * Begins the second attempt without a delay; the back-off starts with the third.
   *
   * @default false
   */
  readonly fastFirst?: boolean | undefined;
  /**
   * Whether an outcome is worth a further attempt; asked about each one, values included, except after
   * the caller has given up. It may be async. If it throws, the call rejects with what it threw.
   *
   * @default isRetryable (and a RejectedError whose retryAfterMs fits the deadline or maxElapsedMs)
   */
  readonly shouldRetry?:
    | ((outcome: Outcome<R>, attempt: number) => boolean | PromiseLike<boolean>)
    | undefined;
  /**
   * The delay that an outcome itself asks for, in milliseconds, such as that of a `Retry-After` header;
   * undefined leaves it to the back-off. It is never shortened: if it does not fit the deadline or
   * `maxElapsedMs`, the call is answered at once. Infinity gives up.
   *
   * @default undefined
   */
  readonly delayFrom?: ((outcome: Outcome<R>, attempt: number) => number | undefined) | undefined;
  /**
   * What the retries of this policy share; see `retryBudget`. Where the call brings one as well, both
   * have to grant a retry.
   *
   * @default undefined
   */
  readonly budget?: RetryBudget | undefined;
  /**
   * Closes a value that is discarded since a further attempt follows. What it throws is reported as a
   * process warning. By default a disposable value is disposed, and the body of a response cancelled.
   *
   * @default Symbol.asyncDispose, Symbol.dispose, or body.cancel()
   */
  readonly dispose?: ((value: R) => unknown) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'retry'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const names = [
  'maxAttempts',
  'maxElapsedMs',
  'backoff',
  'fastFirst',
  'shouldRetry',
  'delayFrom',
  'budget',
  'dispose',
  'name',
  'clock',
];

const budgetMethods = ['begin', 'end', 'tryRetry', 'retryEnded'] as const;

function checkBudget(budget: RetryBudget): void {
  const isBudget =
    typeof budget === 'object' &&
    budget !== null &&
    budgetMethods.every((method) => typeof budget[method] === 'function');
  if (!isBudget) throw invalidOption('budget', 'a retry budget', budget, TypeError);
}

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: RetryOptions<never>): void {
  const { maxAttempts, maxElapsedMs, backoff, fastFirst } = knownOptions(options, names);
  if (maxAttempts !== undefined) positiveCount('maxAttempts', maxAttempts);
  if (maxElapsedMs !== undefined) milliseconds('maxElapsedMs', maxElapsedMs);
  if (backoff !== undefined && typeof backoff !== 'function' && !Array.isArray(backoff)) {
    throw invalidOption('backoff', 'a function or a list of milliseconds', backoff, TypeError);
  }
  if (fastFirst !== undefined && typeof fastFirst !== 'boolean') {
    throw invalidOption('fastFirst', 'a boolean', fastFirst, TypeError);
  }
  optionalFunction('shouldRetry', options.shouldRetry);
  optionalFunction('delayFrom', options.delayFrom);
  optionalFunction('dispose', options.dispose);
  if (options.budget !== undefined) checkBudget(options.budget);
  commonOptions(options);
}
