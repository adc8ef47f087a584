import { knownOptions, positiveInteger, positiveMilliseconds } from '@holdfast/policy';
import { TimeWindow } from '../time-window.ts';
import { sharedTrip, type Trip, type TripCounter, type TripReading } from '../trip.ts';

/** What {@link failuresWithin} is told. */
export interface FailuresWithinOptions {
  /** How many failures open the circuit. */
  readonly failures: number;
  /** Within how many milliseconds they must come. The window moves on by tenths of itself. */
  readonly windowMs: number;
}

class FailuresCounter implements TripCounter {
  private readonly limit: number;
  readonly window: TimeWindow;

  constructor({ failures, windowMs }: FailuresWithinOptions, former: TripCounter | undefined) {
    this.limit = failures;
    this.window = new TimeWindow(windowMs);
    if (former instanceof FailuresCounter) this.window.takeOver(former.window);
  }

  success(): boolean {
    return false;
  }

  failure(now: number): boolean {
    this.window.add(now, true);
    return this.window.hits >= this.limit;
  }

  reset(): void {
    this.window.clear();
  }

  reading(now: number): TripReading {
    this.window.expire(now);
    const { calls, hits } = this.window;
    return { trip: 'failuresWithin', calls, hits, value: hits, limit: this.limit };
  }
}

/**
 * Opens the circuit at so many failures within a time, whatever the number of successes: for calls
 * that are rare, or of which each failure is expensive.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ trip: failuresWithin({ failures: 3, windowMs: 60_000 }) });
 * ```
 */
export function failuresWithin(options: FailuresWithinOptions): Trip {
  const { failures, windowMs } = knownOptions(options, ['failures', 'windowMs']);
  positiveInteger('failures', failures);
  positiveMilliseconds('windowMs', windowMs);
  const limits = { failures, windowMs };
  return sharedTrip({
    trip: 'failuresWithin',
    options: limits,
    needsTime: 'failures',
    counter: (former) => new FailuresCounter(limits, former),
  });
}
