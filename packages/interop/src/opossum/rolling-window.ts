import { systemClock } from '@holdfast/policy';
import { type Bucket, bucketOf, type Counter, emptyBucket, type Stats } from './bucket.ts';

/** How a window is cut. */
export interface WindowOptions {
  readonly buckets: number;
  readonly bucketMs: number;
  /** Whether somebody else tells when a slice is over. */
  readonly isRotatedByHand: boolean;
  readonly seed: Partial<Stats> | undefined;
}

/** A slice, and how many of its failures say something about what is called. */
interface Slice {
  readonly bucket: Bucket;
  blamed: number;
}

/**
 * The latest slices of time, newest first. No timer turns it: whoever looks at it first has it catch
 * up with the clock. What decides about opening is kept as running totals.
 */
export class RollingWindow {
  /** All calls in the window. */
  fires = 0;
  /** The failures in the window for which not the breaker's own semaphore is to blame. */
  blamed = 0;
  private readonly bucketMs: number;
  private readonly beganAt: number = systemClock.now();
  private turns: number;
  private slices: readonly Slice[];

  constructor({ buckets, bucketMs, isRotatedByHand, seed }: WindowOptions) {
    this.bucketMs = bucketMs;
    this.turns = isRotatedByHand ? Number.POSITIVE_INFINITY : 0;
    this.slices = Array.from({ length: buckets }, () => ({ bucket: emptyBucket(), blamed: 0 }));
    if (seed !== undefined) this.begin(bucketOf(seed));
  }

  /** Counts from former counts on. */
  private begin(bucket: Bucket): void {
    const blamed = Math.max(0, bucket.failures - bucket.semaphoreRejections);
    this.slices = [{ bucket, blamed }, ...this.slices.slice(1)];
    this.fires = bucket.fires;
    this.blamed = blamed;
  }

  /** The slices as they are now; the first is being filled. */
  get buckets(): Bucket[] {
    this.catchUp();
    return this.slices.map(({ bucket }) => bucket);
  }

  /** When the current slice ends, in milliseconds of the clock of the process. */
  get sliceEndsAt(): number {
    this.catchUp();
    return this.beganAt + (this.turns + 1) * this.bucketMs;
  }

  count(name: Counter): Bucket {
    this.catchUp();
    const { bucket } = this.newest;
    bucket[name]++;
    if (name === 'fires') this.fires++;
    return bucket;
  }

  /** The failure that has been counted last says something about what is called. */
  blame(): void {
    this.newest.blamed++;
    this.blamed++;
  }

  /** Goes on to the next slice and forgets the oldest. */
  rotate(): void {
    const oldest = this.slices[this.slices.length - 1] as Slice;
    this.fires -= oldest.bucket.fires;
    this.blamed -= oldest.blamed;
    this.slices = [{ bucket: emptyBucket(), blamed: 0 }, ...this.slices.slice(0, -1)];
  }

  /** Stays as it is from now on. */
  freeze(): void {
    this.catchUp();
    this.turns = Number.POSITIVE_INFINITY;
  }

  catchUp(): void {
    if (this.turns === Number.POSITIVE_INFINITY) return;
    const turns = Math.floor((systemClock.now() - this.beganAt) / this.bucketMs);
    for (let left = Math.min(turns - this.turns, this.slices.length); left > 0; left--) {
      this.rotate();
    }
    this.turns = Math.max(this.turns, turns);
  }

  private get newest(): Slice {
    return this.slices[0] as Slice;
  }
}
