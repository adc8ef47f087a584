import type { Bucket } from './bucket.ts';

/** At how many of the oldest keys is looked for one that can be forgotten for nothing. */
const candidates = 8;

/** The keys that are remembered: a bounded number of them, by when they were used last. */
export class Buckets {
  private readonly all = new Map<string | undefined, Bucket>();
  private readonly make: (key: string | undefined) => Bucket;
  private readonly most: number;
  private oldest: Bucket | undefined = undefined;
  private newest: Bucket | undefined = undefined;

  constructor(make: (key: string | undefined) => Bucket, most: number) {
    this.make = make;
    this.most = most;
  }

  get size(): number {
    return this.all.size;
  }

  /** The bucket of a key, if there is one; this is no use of it. */
  peek(key: string | undefined): Bucket | undefined {
    return this.all.get(key);
  }

  /** The bucket of a key, made if there is none, as the one used last. */
  use(key: string | undefined, now: number): Bucket {
    const found = this.all.get(key);
    if (found !== undefined) {
      if (found !== this.newest) {
        this.unlink(found);
        this.link(found);
      }
      return found;
    }
    if (this.all.size >= this.most) this.forgetOne(now);
    const made = this.make(key);
    this.all.set(key, made);
    this.link(made);
    return made;
  }

  delete(key: string | undefined): boolean {
    const bucket = this.all.get(key);
    // Whoever waits there is not forgotten.
    if (bucket === undefined || bucket.line.size > 0) return false;
    this.forget(bucket);
    return true;
  }

  private forgetOne(now: number): void {
    let bucket = this.oldest;
    let idle: Bucket | undefined;
    for (let i = 0; i < candidates && bucket !== undefined; i++, bucket = bucket.newer) {
      if (bucket.isUntouched(now)) {
        this.forget(bucket);
        return;
      }
      if (bucket.line.size === 0) idle ??= bucket;
    }
    // With calls waiting in all of them there is one more for a while.
    if (idle !== undefined) this.forget(idle);
  }

  private forget(bucket: Bucket): void {
    this.unlink(bucket);
    this.all.delete(bucket.key);
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
