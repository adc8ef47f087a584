import { knownOptions, positiveInteger, positiveMilliseconds } from '@holdfast/policy';
import type { RateAlgorithm } from '../algorithm.ts';
import { LeakyBucket } from './leaky-bucket.ts';

/** What {@link gcra} is told. */
export interface GcraOptions {
  /** How many calls may go in `windowMs`, in the long run: an integer from 1 up. */
  readonly limit: number;
  /** The window of the limit, in milliseconds. */
  readonly windowMs: number;
  /**
   * How many calls may go at one moment, after a pause: an integer from 1 up.
   *
   * @default 1 (evenly spaced, `windowMs / limit` apart)
   */
  readonly burst?: number | undefined;
}

/**
 * Smooth: calls go evenly spaced, with at most `burst` of them at one moment. In any time `T` no more
 * than `burst + T * limit / windowMs` go. It remembers one number for each key.
 *
 * The generic cell rate algorithm of ATM networks (ITU-T I.371), in its virtual scheduling form.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const smooth = rateLimiter({ algorithm: gcra({ limit: 100, windowMs: 1_000, burst: 10 }) });
 * ```
 */
export function gcra(options: GcraOptions): RateAlgorithm {
  const { limit, windowMs, burst = 1 } = knownOptions(options, ['limit', 'windowMs', 'burst']);
  positiveInteger('limit', limit);
  positiveMilliseconds('windowMs', windowMs);
  positiveInteger('burst', burst);
  const makeState = (): LeakyBucket => new LeakyBucket(windowMs / limit, burst);
  const takeOver: NonNullable<RateAlgorithm['takeOver']> = (former, now) =>
    LeakyBucket.from(former, now, [windowMs / limit, burst]);
  return { kind: 'gcra', limit, windowMs, capacity: burst, makeState, takeOver };
}
