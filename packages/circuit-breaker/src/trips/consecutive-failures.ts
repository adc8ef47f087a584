import { positiveInteger } from '@holdfast/policy';
import { sharedTrip, type Trip, type TripCounter, type TripReading } from '../trip.ts';

export class ConsecutiveCounter implements TripCounter {
  failures: number;
  private readonly limit: number;

  constructor(limit: number, former: TripCounter | undefined) {
    this.limit = limit;
    this.failures = former instanceof ConsecutiveCounter ? former.failures : 0;
  }

  success(): boolean {
    this.failures = 0;
    return false;
  }

  failure(): boolean {
    this.failures++;
    return this.failures >= this.limit;
  }

  reset(): void {
    this.failures = 0;
  }

  reading(): TripReading {
    const { failures, limit } = this;
    return {
      trip: 'consecutiveFailures',
      calls: failures,
      hits: failures,
      value: failures,
      limit,
    };
  }
}

/**
 * Opens the circuit after so many failures in a row, with no success in between. It reads no clock.
 *
 * @throws `TypeError` or `RangeError` when `failures` is not an integer from 1 up.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ trip: consecutiveFailures(5) });
 * ```
 */
export function consecutiveFailures(failures: number): Trip {
  positiveInteger('failures', failures);
  return sharedTrip({
    trip: 'consecutiveFailures',
    options: { failures },
    needsTime: 'never',
    counter: (former) => new ConsecutiveCounter(failures, former),
  });
}
