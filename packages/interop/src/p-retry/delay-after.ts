import type { Settings } from './settings.ts';

/** The longest delay that p-retry keeps, in milliseconds. */
const longestDelayMs = 2 ** 31 - 1;

/**
 * The delay after a failure, in milliseconds, when `retriesConsumed` retries have been consumed. It is a
 * whole number; below half a millisecond there is none.
 */
export function delayAfter(retriesConsumed: number, settings: Settings): number {
  const { minTimeout, maxTimeout, factor, randomize } = settings;
  // A factor that has grown to Infinity times 0 would be NaN.
  if (minTimeout === 0) return 0;
  const chance = randomize ? 1 + Math.random() : 1;
  const delayMs = Math.round(chance * minTimeout * factor ** retriesConsumed);
  return Math.min(delayMs, Math.ceil(maxTimeout), longestDelayMs);
}
