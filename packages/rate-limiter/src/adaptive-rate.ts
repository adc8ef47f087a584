import {
  invalidOption,
  isRejectedError,
  knownOptions,
  milliseconds,
  type Outcome,
  positiveMilliseconds,
  ratio,
} from '@holdfast/policy';
import type { RateAlgorithm } from './algorithm.ts';
import { type Learning, type LearningState, RateLearner } from './learner.ts';
import { type ThrottleRules, ThrottledState } from './throttled-state.ts';

/**
 * What an outcome says about the rate: true that it is too high, a number that nothing should go for
 * so many milliseconds besides, false neither.
 */
export type ThrottleAnswer = boolean | number;

/** What {@link adaptiveRate} can be told. */
export interface AdaptiveRateOptions<R = unknown> {
  /**
   * Whether an outcome says that what is called gets too much. By default a value or an error whose
   * `status` or `statusCode` is 429 does; nothing goes then for as long as its `retryAfterMs`, or the
   * seconds of its header `Retry-After`, ask for. What it throws is reported as a process warning.
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
  /**
   * The longest pause that is kept, in milliseconds, whatever the other side asks for.
   *
   * @default 60_000
   */
  readonly maxPauseMs?: number | undefined;
}

/**
 * How a limiter learns from what is called: a description without state, so that several limiters may
 * be made with one. Made by {@link adaptiveRate}.
 */
export interface AdaptiveRate {
  /** Its options, defaults included, for `describe()`; functions are left out. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an {@link AdaptiveRate} really is. */
export interface AdaptiveSource extends AdaptiveRate {
  makeState(algorithm: RateAlgorithm): LearningState;
  makeLearner(limiter: Learning): RateLearner;
}

const tooManyRequests = 429;
const secondMs = 1_000;

interface Answer {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly retryAfterMs?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
}

function saysTooMany(outcome: Outcome<unknown>): ThrottleAnswer {
  const answer = (outcome.ok ? outcome.value : outcome.error) as Answer | null;
  if (typeof answer !== 'object' || answer === null || isRejectedError(answer)) return false;
  const { status, statusCode } = answer;
  return (status === tooManyRequests || statusCode === tooManyRequests) && pauseAskedFor(answer);
}

/** Dates are left to whoever has a calendar. */
function pauseAskedFor({ retryAfterMs, headers }: Answer): ThrottleAnswer {
  if (typeof retryAfterMs === 'number' && retryAfterMs >= 0) return retryAfterMs;
  const get = headers?.['get'];
  const isMap = typeof get === 'function';
  const text: unknown = isMap ? get.call(headers, 'retry-after') : headers?.['retry-after'];
  return typeof text === 'string' && /^\d+$/u.test(text) ? Number(text) * secondMs : true;
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
  const names = ['isThrottled', 'decrease', 'minShare', 'recoverMs', 'maxPauseMs'];
  const {
    isThrottled = saysTooMany,
    decrease = 0.7,
    minShare = 0.05,
    recoverMs = 60_000,
    maxPauseMs = 60_000,
  } = knownOptions(options, names);
  if (typeof isThrottled !== 'function') {
    throw invalidOption('isThrottled', 'a function', isThrottled, TypeError);
  }
  const rules: ThrottleRules = {
    decrease: ratio('decrease', decrease),
    minShare: ratio('minShare', minShare),
    recoverMs: positiveMilliseconds('recoverMs', recoverMs),
  };
  milliseconds('maxPauseMs', maxPauseMs);
  const source: AdaptiveSource = {
    options: { ...rules, maxPauseMs },
    makeState: (algorithm) => new ThrottledState(algorithm, rules),
    makeLearner: (limiter) =>
      new RateLearner(limiter, (outcome) => {
        const answer = isThrottled(outcome as Outcome<R>);
        if (typeof answer === 'number') return Math.min(maxPauseMs, Math.max(0, answer));
        return answer ? 0 : undefined;
      }),
  };
  return source;
}
