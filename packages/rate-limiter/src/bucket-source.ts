import type { ExecutionContext } from '@holdfast/policy';
import type { Bucket } from './bucket.ts';

/** Makes the bucket of a key. */
export type MakeBucket = (key: string | undefined) => Bucket;

/** Where a limiter with keys finds the bucket of a call. */
export interface BucketSource {
  /** How many keys are remembered. */
  readonly size: number;
  /** The bucket for a call; throws what the user's function throws, and when it answers nonsense. */
  bucketFor(context: ExecutionContext, now: number): Bucket;
  /** The bucket of a key, made if there is none, as the one used last. */
  use(key: string | undefined, now: number): Bucket;
  /** The bucket of a key, if there is one; this is no use of it. */
  find(key: string | undefined): Bucket | undefined;
  /** Forgets a key; false if it is not remembered, or if calls wait for it. */
  forget(key: string): boolean;
}
