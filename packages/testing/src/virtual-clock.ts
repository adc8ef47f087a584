import type { Clock } from '@holdfast/policy';
import { knownOptions, milliseconds } from '@holdfast/policy';
import { safeInteger } from './check-integer.ts';
import type { RunLimits } from './run-limits.ts';
import { SimulatedTime } from './simulated-time.ts';

/** Options of {@link virtualClock}. */
export interface VirtualClockOptions {
  /**
   * What the clock shows at first, in milliseconds.
   *
   * @default 0
   */
  readonly startMs?: number | undefined;
  /**
   * Shuffles timers that are due at the same instant, the same way in every run with this seed.
   * Without it they fire in the order in which they were armed.
   *
   * @default undefined
   */
  readonly seed?: number | undefined;
}

/**
 * A clock that stands still until the test moves it.
 *
 * Each method that moves it first lets what is under way react, then fires one timer after another,
 * and lets all reactions settle after each: promises however deeply chained, `process.nextTick`, and
 * one `setImmediate` deep. Real timers and real I/O are not its business: it neither drives nor awaits
 * them. A callback that throws ends the method with that error; the clock then stands at the time of
 * that callback, the other timers stay armed, and it can be moved on.
 */
export interface VirtualClock extends Clock {
  /** The seed that orders timers due at the same instant: print it in a failing test. */
  readonly seed: number | undefined;
  /** How many timers are armed, those with `unref()` included. */
  readonly pending: number;
  /** When the next timer is due, in this clock's milliseconds; undefined when none is armed. */
  readonly nextTimerAt: number | undefined;
  /**
   * Lets `ms` milliseconds pass and fires all that is due on the way, in the order of time; also what
   * the callbacks arm on the way.
   *
   * @throws `RangeError` if `ms` is negative or not finite.
   * @throws `Error` if the clock is already being moved, or zero delays follow one another
   * without end.
   */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until the clock shows `timeMs`.
   *
   * @throws `RangeError` if that time is over, or not finite.
   * @throws `Error` as {@link VirtualClock.advance} does.
   */
  advanceTo(timeMs: number): Promise<void>;
  /**
   * Goes from timer to timer until none is left that would keep a process alive.
   *
   * A timer with `unref()` fires if it is due before the last of the others, and otherwise stays armed.
   *
   * @throws `Error` that names the timer to come when a limit is reached, or the clock is
   * already being moved.
   */
  runUntilIdle(limits?: RunLimits): Promise<void>;
  /**
   * Goes from timer to timer until the promise settles; returns its value or throws its very error.
   *
   * Time stops there: timers due later, or at the same instant but after it, stay armed.
   *
   * @throws `Error` if nothing is left that would keep a process alive and the promise is still
   * pending, if a limit is reached, or if the clock is already being moved.
   */
  runUntil<T>(promise: PromiseLike<T>, limits?: RunLimits): Promise<T>;
  /** Lets all reactions settle while time stands still. Can be called at any time. */
  flush(): Promise<void>;
}

/**
 * Makes a clock for tests, in which hours pass in an instant and races come out the same in each run.
 *
 * It is strict where a real one is lenient: a delay that is negative, infinite or not a number throws.
 * With a `seed`, timers due together fire in an order drawn from it: run a test with many seeds to
 * see the races that one order hides.
 *
 * @throws `TypeError` or `RangeError` if an option cannot be used.
 *
 * @example
 * ```ts
 * import { virtualClock } from '@holdfast/testing';
 *
 * const clock = virtualClock();
 * let opened = false;
 * clock.setTimeout(() => {
 *   opened = true;
 * }, 3_600_000);
 *
 * await clock.advance(3_599_999); // opened is false
 * await clock.advance(1); // opened is true
 * ```
 */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  knownOptions(options, ['startMs', 'seed']);
  const { startMs = 0, seed } = options;
  milliseconds('startMs', startMs);
  if (seed !== undefined) safeInteger('seed', seed);
  return new SimulatedTime(startMs, seed);
}
