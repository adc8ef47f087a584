import { knownOptions, positiveInteger, positiveMilliseconds, ratio } from '@holdfast/policy';
import { TimeWindow } from '../time-window.ts';
import { sharedTrip, type Trip, type TripCounter, type TripReading } from '../trip.ts';

/** What {@link slowCalls} is told. */
export interface SlowCallsOptions {
  /** From which duration on a call is slow, in milliseconds, all that is inside the breaker included. */
  readonly slowCallMs: number;
  /**
   * The share of slow calls among the calls of the window that opens the circuit, above 0 and up to 1.
   *
   * @default 0.5
   */
  readonly slowCallRatio?: number | undefined;
  /**
   * How far back calls count, in milliseconds. The window moves on by tenths of itself.
   *
   * @default 30_000
   */
  readonly windowMs?: number | undefined;
  /**
   * How many calls the window must have before the circuit may open.
   *
   * @default 20
   */
  readonly minimumCalls?: number | undefined;
}

type Limits = Readonly<Record<keyof SlowCallsOptions, number>>;

class SlowCallsCounter implements TripCounter {
  private readonly limits: Limits;
  readonly window: TimeWindow;

  constructor(limits: Limits, former: TripCounter | undefined) {
    this.limits = limits;
    this.window = new TimeWindow(limits.windowMs);
    if (former instanceof SlowCallsCounter) this.window.takeOver(former.window);
  }

  success(now: number, durationMs: number): boolean {
    const { limits, window } = this;
    const isSlow = durationMs >= limits.slowCallMs;
    window.add(now, isSlow);
    if (!isSlow || window.calls < limits.minimumCalls) return false;
    return window.hits / window.calls >= limits.slowCallRatio;
  }

  failure(now: number, durationMs: number): boolean {
    return this.success(now, durationMs);
  }

  reset(): void {
    this.window.clear();
  }

  reading(now: number): TripReading {
    this.window.expire(now);
    const { calls, hits } = this.window;
    const value = calls === 0 ? 0 : hits / calls;
    return { trip: 'slowCalls', calls, hits, value, limit: this.limits.slowCallRatio };
  }
}

/**
 * Opens the circuit when the share of slow calls in a window of time is too high, be they successes
 * or failures. A probe of a half-open circuit that is slow counts as failed.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ trip: slowCalls({ slowCallMs: 2_000, slowCallRatio: 0.8 }) });
 * ```
 */
export function slowCalls(options: SlowCallsOptions): Trip {
  const names = ['slowCallMs', 'slowCallRatio', 'windowMs', 'minimumCalls'];
  const given = knownOptions(options, names);
  const limits = {
    slowCallMs: positiveMilliseconds('slowCallMs', given.slowCallMs),
    slowCallRatio: ratio('slowCallRatio', given.slowCallRatio ?? 0.5),
    windowMs: positiveMilliseconds('windowMs', given.windowMs ?? 30_000),
    minimumCalls: positiveInteger('minimumCalls', given.minimumCalls ?? 20),
  };
  return sharedTrip({
    trip: 'slowCalls',
    options: limits,
    needsTime: 'calls',
    slowCallMs: limits.slowCallMs,
    counter: (former) => new SlowCallsCounter(limits, former),
  });
}
