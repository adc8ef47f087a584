import type { ExecutionContext } from '@holdfast/policy';

/** One key: what is remembered of it, and the calls that wait for it. */
export interface KeptBucket<Self> {
  /** The next older and the next newer of all keys, by use. */
  older: Self | undefined;
  newer: Self | undefined;
  readonly key: string | undefined;
  readonly line: { readonly size: number };
  readonly state: {
    /** After how many milliseconds nobody can tell that the key was forgotten. */
    resetAfter(now: number): number;
  };
}

/** Makes the bucket of a key. */
export type MakeBucket<Bucket> = (key: string | undefined) => Bucket;

/** Where a limiter with keys finds the bucket of a call. */
export interface BucketSource<Bucket> {
  /** How many keys are remembered. */
  readonly size: number;
  /** The bucket for a call; throws what the user's function throws, and when it answers nonsense. */
  bucketFor(context: ExecutionContext, now: number): Bucket;
  /** The bucket of a key, made if there is none, as the one used last. */
  use(key: string | undefined, now: number): Bucket;
  /** The bucket of a key, if there is one; this is no use of it. */
  find(key: string | undefined): Bucket | undefined;
  /** All buckets that are remembered. */
  buckets(): Iterable<Bucket>;
  /** Forgets a key; false if it is not remembered, or if calls wait for it. */
  forget(key: string): boolean;
}
