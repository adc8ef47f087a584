import { type ExecutionContext, invalidOption } from '@holdfast/policy';
import type { BucketSource, KeptBucket, MakeBucket } from './bucket-source.ts';

/** At how many of the oldest keys is looked for one that can be forgotten for nothing. */
const candidates = 8;

/** Throws unless `key` can be a key. */
function checkKey(key: string | undefined): string | undefined {
  if (key === undefined || typeof key === 'string') return key;
  throw invalidOption('key', 'a string or undefined', key, TypeError);
}

/** The keys that are remembered: a bounded number of them, by when they were used last. */
export class KeyedBuckets<Bucket extends KeptBucket<Bucket>> implements BucketSource<Bucket> {
  private readonly all = new Map<string | undefined, Bucket>();
  private readonly make: MakeBucket<Bucket>;
  private readonly most: number;
  private readonly keyOf: ((context: ExecutionContext) => string | undefined) | undefined;
  private oldest: Bucket | undefined = undefined;
  private newest: Bucket | undefined = undefined;

  constructor(make: MakeBucket<Bucket>, most: number, keyOf: KeyedBuckets<Bucket>['keyOf']) {
    this.make = make;
    this.most = most;
    this.keyOf = keyOf;
  }

  get size(): number {
    return this.all.size;
  }

  bucketFor(context: ExecutionContext, now: number): Bucket {
    const { keyOf } = this;
    return this.use(keyOf?.(context), now);
  }

  find(key: string | undefined): Bucket | undefined {
    return this.all.get(checkKey(key));
  }

  use(key: string | undefined, now: number): Bucket {
    const found = this.find(key);
    if (found !== undefined) {
      this.renew(found);
      return found;
    }
    // With calls waiting for the oldest of them there are a few more for a while.
    while (this.all.size >= this.most && this.forgetOne(now));
    const made = this.make(key);
    this.all.set(key, made);
    this.link(made);
    return made;
  }

  buckets(): Iterable<Bucket> {
    return this.all.values();
  }

  forget(key: string): boolean {
    const bucket = this.find(key);
    // Whoever waits there is not forgotten.
    if (bucket === undefined || bucket.line.size > 0) return false;
    this.drop(bucket);
    return true;
  }

  private forgetOne(now: number): boolean {
    let bucket = this.oldest;
    let idle: Bucket | undefined;
    for (let i = 0; i < candidates && bucket !== undefined; i++) {
      const { newer }: Bucket = bucket;
      // A key for which calls wait is in use, and must not be in the way of the others.
      if (bucket.line.size > 0) this.renew(bucket);
      else if (bucket.state.resetAfter(now) <= 0) {
        idle = bucket;
        break;
      } else idle ??= bucket;
      bucket = newer;
    }
    if (idle === undefined) return false;
    this.drop(idle);
    return true;
  }

  private drop(bucket: Bucket): void {
    this.unlink(bucket);
    this.all.delete(bucket.key);
  }

  /** Makes it the one that was used last. */
  private renew(bucket: Bucket): void {
    if (bucket === this.newest) return;
    this.unlink(bucket);
    this.link(bucket);
  }

  private link(bucket: Bucket): void {
    bucket.older = this.newest;
    if (this.newest === undefined) this.oldest = bucket;
    else this.newest.newer = bucket;
    this.newest = bucket;
  }

  private unlink(bucket: Bucket): void {
    const { older, newer } = bucket;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.newest = older;
    else newer.older = older;
    bucket.older = bucket.newer = undefined;
  }
}
