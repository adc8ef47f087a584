import { knownOptions, positiveInteger, positiveMilliseconds } from '@holdfast/policy';
import type { RateAlgorithm } from '../algorithm.ts';
import { WindowLog } from './window-log.ts';

/** What {@link slidingWindow} is told. */
export interface SlidingWindowOptions {
  /** How many calls may go within any `windowMs`: an integer from 1 up. */
  readonly limit: number;
  /** The window, in milliseconds. */
  readonly windowMs: number;
}

/**
 * Exact: within any `windowMs`, wherever it begins, no more than `limit` calls go, and all of them may
 * go at one moment. It remembers when each of them went: up to `limit` times for each key.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const quota = rateLimiter({ algorithm: slidingWindow({ limit: 100, windowMs: 60_000 }) });
 * ```
 */
export function slidingWindow(options: SlidingWindowOptions): RateAlgorithm {
  const { limit, windowMs } = knownOptions(options, ['limit', 'windowMs']);
  positiveInteger('limit', limit);
  positiveMilliseconds('windowMs', windowMs);
  const makeState = (): WindowLog => new WindowLog(limit, windowMs);
  const takeOver: NonNullable<RateAlgorithm['takeOver']> = (former) =>
    WindowLog.from(former, limit, windowMs);
  return { kind: 'sliding-window', limit, windowMs, capacity: limit, makeState, takeOver };
}
