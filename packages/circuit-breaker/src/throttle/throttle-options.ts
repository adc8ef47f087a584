import {
  type Clock,
  commonOptions,
  count,
  invalidOption,
  knownOptions,
  numberBetween,
  optionalFunction,
  type Outcome,
  positiveMilliseconds,
} from '@holdfast/policy';

/** What {@link adaptiveThrottle} can be told. */
export interface AdaptiveThrottleOptions<R = unknown> {
  /**
   * How many calls go for each that is accepted, from 1 up: it rejects only what is beyond that. The
   * lower, the less is sent in vain to what is overloaded; the higher, the sooner it is noticed that
   * it has recovered.
   *
   * @default 2 (as in the book)
   */
  readonly k?: number | undefined;
  /**
   * How far back calls count, in milliseconds. The window moves on by tenths of itself.
   *
   * @default 120_000 (as in the book)
   */
  readonly windowMs?: number | undefined;
  /**
   * How many calls the window must have before any is rejected: an integer from 0 up. The formula
   * alone rejects every other call after a single failure.
   *
   * @default 20 (as in a circuit breaker)
   */
  readonly minimumCalls?: number | undefined;
  /**
   * The highest probability of a rejection, from 0 to 1. The rest goes through whatever happens, to
   * notice a recovery: with 1, after an outage hardly any call is sent until the window has moved on.
   *
   * @default 0.95
   */
  readonly maxProbability?: number | undefined;
  /**
   * Whether a call that ended so was not accepted, was accepted (false), or says nothing about it
   * (`'ignore'`). It is not asked about the caller's own abort, about a call that a layer inside did
   * not let start, or about a timeout that struck before the start: those are always ignored. It must
   * be synchronous; what it throws becomes the answer of the call, which is ignored.
   *
   * @default an error is a failure, unless it is a `RejectedError`
   */
  readonly isFailure?: ((outcome: Outcome<R>) => boolean | 'ignore') | undefined;
  /**
   * Where chance comes from: numbers from 0 up to, but not including, 1. What it throws becomes the
   * answer of the call.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'adaptive-throttle'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** What can be changed while an adaptive throttle lives; see `configure`. */
export type ThrottleConfigureOptions<R = unknown> = Omit<
  AdaptiveThrottleOptions<R>,
  'random' | 'name' | 'clock'
>;

const changeable = ['k', 'windowMs', 'minimumCalls', 'maxProbability', 'isFailure'];
const names = [...changeable, 'random', 'name', 'clock'];

/** Throws an error that names the first option that cannot be used to reconfigure. */
export function checkThrottleChange(options: ThrottleConfigureOptions<never>): void {
  checkThrottle(knownOptions(options, changeable));
}

/** Throws an error that names the first option that cannot be used. */
export function checkThrottle(options: AdaptiveThrottleOptions<never>): void {
  const { k, windowMs, minimumCalls, maxProbability } = knownOptions(options, names);
  if (k !== undefined && !(Number.isFinite(k) && k >= 1)) {
    const kind = typeof k === 'number' ? RangeError : TypeError;
    throw invalidOption('k', 'a finite number from 1 up', k, kind);
  }
  if (windowMs !== undefined) positiveMilliseconds('windowMs', windowMs);
  if (minimumCalls !== undefined) count('minimumCalls', minimumCalls);
  if (maxProbability !== undefined) numberBetween('maxProbability', maxProbability, 0, 1);
  optionalFunction('isFailure', options.isFailure);
  optionalFunction('random', options.random);
  commonOptions(options);
}
