import {
  invalidOption,
  isRejectedError,
  knownOptions,
  type Outcome,
  positiveMilliseconds,
  ratio,
} from '@holdfast/policy';
import type { RateAlgorithm, RateState } from './algorithm.ts';
import { ThrottledState } from './throttled-state.ts';

/**
 * What an outcome says about the rate: true that it is too high, a number that nothing should go for
 * so many milliseconds besides, false neither.
 */
export type ThrottleAnswer = boolean | number;

/** What {@link adaptiveRate} can be told. */
export interface AdaptiveRateOptions<R = unknown> {
  /**
   * Whether an outcome says that what is called gets too much. By default a value or an error whose
   * `status` or `statusCode` is 429 does.
   *
   * @default undefined
   */
  readonly isThrottled?: ((outcome: Outcome<R>) => ThrottleAnswer) | undefined;
  /**
   * To which share of itself the rate falls each time: a number above 0 and at most 1.
   *
   * @default 0.7 (as in the adaptive retry mode of the AWS SDKs)
   */
  readonly decrease?: number | undefined;
  /**
   * The share of the limit below which the rate does not fall: a number above 0 and at most 1.
   *
   * @default 0.05
   */
  readonly minShare?: number | undefined;
  /**
   * In how many milliseconds the rate would rise from nothing to all of the limit.
   *
   * @default 60_000
   */
  readonly recoverMs?: number | undefined;
}

/** How a limiter learns from what is called; made by {@link adaptiveRate}. */
export interface AdaptiveRate {
  /** Whether an outcome says that the rate is too high. */
  isThrottled(outcome: Outcome<unknown>): ThrottleAnswer;
  /** Puts itself in front of the counts of a key. */
  throttle(state: RateState, algorithm: RateAlgorithm): ThrottledState;
  /** Its options, for `describe()`. */
  readonly described: Readonly<Record<string, unknown>>;
}

const tooManyRequests = 429;

function hasStatus429(thing: unknown): boolean {
  if (typeof thing !== 'object' || thing === null) return false;
  const { status, statusCode } = thing as Readonly<Record<string, unknown>>;
  return status === tooManyRequests || statusCode === tooManyRequests;
}

function saysTooMany(outcome: Outcome<unknown>): boolean {
  if (outcome.ok) return hasStatus429(outcome.value);
  return !isRejectedError(outcome.error) && hasStatus429(outcome.error);
}

/**
 * Makes a limiter go slower than its limit when what is called says that it gets too much, and by and
 * by faster again: the rate falls by a factor, at most once for all the calls that were on their way
 * at the time, and rises evenly, never above the limit.
 *
 * Additive increase and multiplicative decrease share a capacity fairly and without oscillation
 * (Chiu and Jain, 1989).
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const limiter = rateLimiter({
 *   algorithm: gcra({ limit: 100, windowMs: 1_000, burst: 10 }),
 *   adaptive: adaptiveRate(),
 * });
 * ```
 */
export function adaptiveRate<R = unknown>(options: AdaptiveRateOptions<R> = {}): AdaptiveRate {
  const names = ['isThrottled', 'decrease', 'minShare', 'recoverMs'];
  const {
    isThrottled = saysTooMany,
    decrease = 0.7,
    minShare = 0.05,
    recoverMs = 60_000,
  } = knownOptions(options, names);
  if (typeof isThrottled !== 'function') {
    throw invalidOption('isThrottled', 'a function', isThrottled, TypeError);
  }
  const described = {
    decrease: ratio('decrease', decrease),
    minShare: ratio('minShare', minShare),
    recoverMs: positiveMilliseconds('recoverMs', recoverMs),
  };
  return {
    isThrottled,
    throttle: (state, algorithm) => new ThrottledState(state, algorithm, described),
    described,
  };
}
