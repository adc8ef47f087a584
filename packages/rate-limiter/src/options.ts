import {
  type Clock,
  commonOptions,
  count,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  milliseconds,
  optionalFunction,
  positiveInteger,
} from '@holdfast/policy';
import type { AdaptiveRate } from './adaptive-rate.ts';
import type { RateAlgorithm } from './algorithm.ts';

/** What {@link rateLimiter} is told. */
export interface RateLimiterOptions {
  /** The limit and its rule: made by {@link gcra}, {@link tokenBucket} or {@link slidingWindow}. */
  readonly algorithm: RateAlgorithm;
  /**
   * How many calls may wait until they may go, for each key: an integer from 0 up, or Infinity.
   * Without room in the line a call is refused at once.
   *
   * @default 0 (nobody waits)
   */
  readonly maxQueued?: number | undefined;
  /**
   * How long a call may wait, in milliseconds from 0 up. One that would have to wait for longer, or
   * past its deadline, is refused at once.
   *
   * @default Infinity
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * Whose limit a call counts against: each key has its own. All calls for which it answers undefined
   * have one limit together. What it throws, the call rejects with.
   *
   * @default undefined (one limit for all calls)
   */
  readonly key?: ((context: ExecutionContext) => string | undefined) | undefined;
  /**
   * How many keys are remembered: an integer from 1 up. Beyond it the key that has not been used for
   * longest is forgotten, one with all of its limit left before others; a forgotten key begins anew.
   *
   * @default 10_000
   */
  readonly maxKeys?: number | undefined;
  /**
   * How many units a call counts for: an integer from 1 up. A call that weighs more than may ever go
   * at one moment rejects with a `RangeError`. What it throws, the call rejects with.
   *
   * @default undefined (1 each)
   */
  readonly weight?: ((context: ExecutionContext) => number) | undefined;
  /**
   * The class in which a call waits: an integer from 0, which goes first, to 7; undefined is 3. These
   * are the urgencies of HTTP (RFC 9218). What it throws, the call rejects with.
   *
   * @default undefined (first come, first served)
   */
  readonly priority?: ((context: ExecutionContext) => number | undefined) | undefined;
  /**
   * After how many milliseconds of waiting a call moves up by one class, so that nobody starves.
   *
   * @default 1_000
   */
  readonly ageAfterMs?: number | undefined;
  /**
   * Goes slower when what is called says that it gets too much; made by {@link adaptiveRate}.
   *
   * @default undefined
   */
  readonly adaptive?: AdaptiveRate | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'rate-limiter'
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
  'algorithm',
  'maxQueued',
  'maxWaitMs',
  'key',
  'maxKeys',
  'weight',
  'priority',
  'ageAfterMs',
  'adaptive',
  'name',
  'clock',
];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: RateLimiterOptions): void {
  const { algorithm, maxQueued, maxWaitMs, maxKeys, ageAfterMs, adaptive, ...others } =
    knownOptions(options, names);
  if (typeof algorithm?.makeState !== 'function') {
    const expected = 'what gcra, tokenBucket or slidingWindow made';
    throw invalidOption('algorithm', expected, algorithm, TypeError);
  }
  if (maxQueued !== undefined) count('maxQueued', maxQueued);
  if (maxWaitMs !== undefined && maxWaitMs !== Number.POSITIVE_INFINITY) {
    milliseconds('maxWaitMs', maxWaitMs);
  }
  if (maxKeys !== undefined) positiveInteger('maxKeys', maxKeys);
  if (ageAfterMs !== undefined) positiveInteger('ageAfterMs', ageAfterMs);
  if (adaptive !== undefined && typeof adaptive?.throttle !== 'function') {
    throw invalidOption('adaptive', 'what adaptiveRate made', adaptive, TypeError);
  }
  optionalFunction('key', others.key);
  optionalFunction('weight', others.weight);
  optionalFunction('priority', others.priority);
  commonOptions(options);
}
