import type { Trip, TripCounter } from '@holdfast/circuit-breaker';
import type { ResolvedOptions } from './resolve-options.ts';
import type { Status } from './status.ts';

/** What decides whether a failure opens the circuit. */
export interface ErrorRate {
  readonly status: Status;
  readonly options: ResolvedOptions;
  /** Whether the breaker is still warming up. */
  readonly isWarmingUp: boolean;
}

/**
 * Opens when the failures in the window of a {@link Status} are more than a percentage of the calls in
 * it. All calls are in the denominator, also those that were rejected or that a cache answered; a
 * closing circuit forgets nothing. The status counts, so that the counter has nothing of its own.
 */
export function errorRateTrip(rate: ErrorRate): Trip {
  const { errorThresholdPercentage, volumeThreshold, rollingCountTimeout } = rate.options;
  const counter: TripCounter = {
    success: () => false,
    failure: () => isTooHigh(rate),
    reset: () => undefined,
    reading: () => {
      const { fires, blamed, percentage } = rate.status.rate();
      const value = fires === 0 ? 0 : percentage;
      return { trip, calls: fires, hits: blamed, value, limit: errorThresholdPercentage };
    },
  };
  return {
    trip,
    options: { errorThresholdPercentage, volumeThreshold, rollingCountTimeout },
    needsTime: 'never',
    counter: () => counter,
  };
}

const trip = 'errorRate';

function isTooHigh({ status, options, isWarmingUp }: ErrorRate): boolean {
  if (isWarmingUp) return false;
  const { fires, percentage } = status.rate();
  return fires >= options.volumeThreshold && percentage > options.errorThresholdPercentage;
}
