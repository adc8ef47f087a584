import type { Clock } from '@holdfast/policy';
import type { RateState } from '../algorithm.ts';
import type { Claim } from './claim.ts';
import type { RedisStore } from './redis-store.ts';
import type { SharedBucket } from './shared-bucket.ts';
import type { SharedRule } from './shared-rule.ts';

/** What all buckets of a limiter have in common. */
export interface BucketOwner {
  readonly clock: Clock;
  readonly store: RedisStore;
  readonly rule: SharedRule;
  /** For how long a share may be kept, in milliseconds; 0 if nothing is taken ahead. */
  readonly holdMs: number;
  readonly maxWaitMs: number;
  /** Whether those who ask together go by rank, and not as they came. */
  readonly hasOrder: boolean;
  /** The rank of whatever comes last. */
  readonly lastRank: number;
  /** How many units may go at one moment while Redis is away, if there are counts. */
  readonly localCapacity: number;
  /** The counts of a key while Redis is away; undefined if there are none. */
  makeLocal(awaySince: number): RateState | undefined;
  /** This bucket wants to hear what becomes of Redis, and to be swept. */
  activate(bucket: SharedBucket): void;
  /** A claim has got what it wanted. */
  served(claim: Claim): void;
  /** A claim may not go now: it waits, or is refused. */
  decide(claim: Claim, now: number): void;
  /** A claim may not go by what is in hand, and Redis is away. */
  decideAway(claim: Claim, now: number): void;
  /** Redis is away: those in line go, are refused, or wait on. */
  decideLine(bucket: SharedBucket, now: number): void;
}
