import type { Clock, ClockTimer } from '@holdfast/policy';
import type { SharedBucket } from './shared-bucket.ts';

/**
 * The buckets with something under way, and one timer that looks after them: it gives back what is too
 * old and forgets those that are at rest. It never keeps the process alive.
 */
export class ActiveBuckets {
  private readonly buckets = new Set<SharedBucket>();
  private readonly clock: Clock;
  private readonly periodMs: number;
  private timer: ClockTimer | undefined = undefined;

  constructor(clock: Clock, periodMs: number) {
    this.clock = clock;
    this.periodMs = periodMs;
  }

  add(bucket: SharedBucket): void {
    this.buckets.add(bucket);
    if (this.timer !== undefined) return;
    this.timer = this.clock.setTimeout(() => this.sweep(), this.periodMs);
    this.timer.unref();
  }

  /** All of them, as they are now. */
  all(): readonly SharedBucket[] {
    return [...this.buckets];
  }

  private sweep(): void {
    this.timer = undefined;
    const now = this.clock.now();
    for (const bucket of this.all()) {
      bucket.sweep(now);
      if (bucket.isIdle) this.buckets.delete(bucket);
    }
    const [first] = this.buckets;
    if (first !== undefined) this.add(first);
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
