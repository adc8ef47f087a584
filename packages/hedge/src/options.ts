import {
  type Clock,
  commonOptions,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  milliseconds,
  optionalFunction,
  type Outcome,
  positiveInteger,
  type RetryBudget,
} from '@holdfast/policy';
import type { LearntDelay } from './quantile-delay.ts';

/** What {@link hedge} is told. */
export interface HedgeOptions<in R = unknown> {
  /**
   * Which operations may run more than once at the same time: `true` for all, or a function of the
   * context. Say it only of what has no effects, such as reads, or of what is idempotent. Whatever is
   * not safe goes through as if there were no hedge. What it throws, the call rejects with.
   */
  readonly safe: true | ((context: ExecutionContext) => boolean);
  /**
   * How long to wait for an answer before a further attempt starts beside the one that is slow, in
   * milliseconds: 0 starts all at once, Infinity starts another only when one has failed. A function
   * of the context and of the number of the hedge, from 1; or what {@link quantileDelay} learns. What
   * the function throws, the call rejects with.
   */
  readonly afterMs: number | ((context: ExecutionContext, hedge: number) => number) | LearntDelay;
  /**
   * How many attempts may start beside the first: an integer from 1 up.
   *
   * @default 1
   */
  readonly maxHedges?: number | undefined;
  /**
   * Whether an outcome is a bad one: it does not win as long as there is hope for a better one, and
   * the next hedge starts at once. What it throws, the call rejects with.
   *
   * @default undefined (errors are bad, values are good)
   */
  readonly isFailure?: ((outcome: Outcome<R>) => boolean) | undefined;
  /**
   * What hedges and retries share, so that they cannot multiply the load of what is slow already.
   * Without enough in it no further hedge starts; those on their way go on. A call may bring another
   * along; then both have to grant.
   *
   * @default undefined
   */
  readonly budget?: RetryBudget | undefined;
  /**
   * Closes a value that came too late or was not good enough. Without it, `Symbol.asyncDispose`,
   * `Symbol.dispose` or the body of a response is used.
   *
   * @default undefined
   */
  readonly dispose?: ((value: R) => unknown) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'hedge'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const names = ['safe', 'afterMs', 'maxHedges', 'isFailure', 'budget', 'dispose', 'name', 'clock'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: HedgeOptions<never>): void {
  const { safe, afterMs, maxHedges, isFailure, budget, dispose } = knownOptions(options, names);
  if (safe !== true && typeof safe !== 'function') {
    throw invalidOption('safe', 'true or a function', safe, TypeError);
  }
  checkDelay(afterMs);
  if (maxHedges !== undefined) positiveInteger('maxHedges', maxHedges);
  optionalFunction('isFailure', isFailure);
  optionalFunction('dispose', dispose);
  if (budget !== undefined && typeof budget?.tryRetry !== 'function') {
    throw invalidOption('budget', 'a retry budget', budget, TypeError);
  }
  commonOptions(options);
}

function checkDelay(afterMs: HedgeOptions['afterMs']): void {
  if (typeof afterMs === 'number') {
    if (afterMs !== Number.POSITIVE_INFINITY) milliseconds('afterMs', afterMs);
  } else if (typeof afterMs !== 'function' && typeof afterMs?.learn !== 'function') {
    const expected = 'a number of milliseconds, a function, or what quantileDelay made';
    throw invalidOption('afterMs', expected, afterMs, TypeError);
  }
}
