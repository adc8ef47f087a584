import {
  type ExecutionContext,
  knownOptions,
  optionalFunction,
  positiveInteger,
} from '@holdfast/policy';
import type { BucketSource, KeptBucket, MakeBucket } from './bucket-source.ts';
import { KeyedBuckets } from './keyed-buckets.ts';

/** What {@link perKey} can be told. */
export interface PerKeyOptions {
  /**
   * Whose limit a call counts against. All calls for which it answers undefined have one limit
   * together. What it throws, the call rejects with. `tryAcquire` and its kin are told the key instead.
   *
   * @default undefined (for limiters that are only asked by hand)
   */
  readonly key?: ((context: ExecutionContext) => string | undefined) | undefined;
  /**
   * How many keys are remembered: an integer from 1 up. Beyond it the key that has not been used for
   * longest is forgotten, one with all of its limit left before others; a forgotten key begins anew.
   *
   * @default 10_000
   */
  readonly maxKeys?: number | undefined;
}

/**
 * A limit for each key: a description without state, so that several limiters may be made with one.
 * Made by {@link perKey}.
 */
export interface PerKey {
  /** How many keys are remembered. */
  readonly maxKeys: number;
}

/** What a {@link PerKey} really is. */
export interface KeyedLimits extends PerKey {
  makeSource<Bucket extends KeptBucket<Bucket>>(make: MakeBucket<Bucket>): BucketSource<Bucket>;
}

/**
 * A limit of its own for each key, such as a tenant, a host or an address, in bounded memory.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const tenant = contextKey<string>('tenant');
 * const limiter = rateLimiter({
 *   algorithm: tokenBucket({ replenishRate: 10, burstCapacity: 100 }),
 *   keys: perKey({ key: (context) => context.get(tenant) }),
 * });
 * ```
 */
export function perKey(options: PerKeyOptions = {}): PerKey {
  const { key, maxKeys = 10_000 } = knownOptions(options, ['key', 'maxKeys']);
  optionalFunction('key', key);
  const limits: KeyedLimits = {
    maxKeys: positiveInteger('maxKeys', maxKeys),
    makeSource: (make) => new KeyedBuckets(make, maxKeys, key),
  };
  return limits;
}
