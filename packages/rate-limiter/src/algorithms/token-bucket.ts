import { invalidOption, knownOptions, positiveInteger } from '@holdfast/policy';
import type { RateAlgorithm } from '../algorithm.ts';
import { LeakyBucket } from './leaky-bucket.ts';

/** What {@link tokenBucket} is told. */
export interface TokenBucketOptions {
  /** How many tokens come into the bucket in a second: a number above 0. */
  readonly replenishRate: number;
  /**
   * How many tokens the bucket holds, and so how many calls may go at one moment: an integer from 1
   * up.
   *
   * @default Math.ceil(replenishRate) (what comes in within a second)
   */
  readonly burstCapacity?: number | undefined;
}

const secondMs = 1_000;
/** Beyond that, times in milliseconds have no fraction any more, and headers cannot tell them. */
const longestMs = 10_000 * 366 * 24 * 3_600 * secondMs;

/**
 * A bucket of tokens, full at first: each call takes one, and waits or is refused while there is
 * none. In any time `T`, in seconds, no more than `burstCapacity + T * replenishRate` go. The options
 * are named as in API gateways.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const bursty = rateLimiter({ algorithm: tokenBucket({ replenishRate: 10, burstCapacity: 100 }) });
 * ```
 */
export function tokenBucket(options: TokenBucketOptions): RateAlgorithm {
  const { replenishRate, burstCapacity } = knownOptions(options, [
    'replenishRate',
    'burstCapacity',
  ]);
  if (!(typeof replenishRate === 'number' && replenishRate > 0 && replenishRate < Infinity)) {
    const kind = typeof replenishRate === 'number' ? RangeError : TypeError;
    throw invalidOption('replenishRate', 'a finite number above 0', replenishRate, kind);
  }
  const capacity = positiveInteger('burstCapacity', burstCapacity ?? Math.ceil(replenishRate));
  const intervalMs = secondMs / replenishRate;
  if (capacity * intervalMs > longestMs) {
    const expected = 'a number that fills the bucket within 10,000 years';
    throw invalidOption('replenishRate', expected, replenishRate, RangeError);
  }
  const makeState = (): LeakyBucket => new LeakyBucket(intervalMs, capacity);
  const takeOver: NonNullable<RateAlgorithm['takeOver']> = (former, now) =>
    LeakyBucket.from(former, now, [intervalMs, capacity]);
  return {
    kind: 'token-bucket',
    limit: capacity,
    windowMs: capacity * intervalMs,
    capacity,
    makeState,
    takeOver,
  };
}
