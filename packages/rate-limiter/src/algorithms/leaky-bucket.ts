import { type RateState, rounding, type Taken } from '../algorithm.ts';

interface Poured extends Taken {
  /** When the bucket would be empty, as it was after this, had nothing ever been given back. */
  readonly mark: number;
}

/**
 * One number tells it all: when a bucket that leaks one unit per `intervalMs` is empty. That is the
 * theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), and the same as a bucket
 * of tokens, seen from the other side.
 */
export class LeakyBucket implements RateState {
  private readonly intervalMs: number;
  /** How long a full bucket takes to leak. */
  private readonly capacityMs: number;
  private emptyAt: number;
  /** How much has been given back, in milliseconds. */
  private returnedMs = 0;

  constructor(intervalMs: number, capacity: number) {
    this.intervalMs = intervalMs;
    this.capacityMs = capacity * intervalMs;
    this.emptyAt = Number.NEGATIVE_INFINITY;
  }

  /** A bucket as full as `former` is at `now`, if that is one: what is in it leaks at the new rate. */
  static from(
    former: RateState,
    now: number,
    [intervalMs, capacity]: readonly [intervalMs: number, capacity: number],
  ): LeakyBucket | undefined {
    if (!(former instanceof LeakyBucket)) return undefined;
    const bucket = new LeakyBucket(intervalMs, capacity);
    const levelMs = former.levelMs(now);
    if (levelMs > 0) bucket.emptyAt = now + (levelMs / former.intervalMs) * intervalMs;
    return bucket;
  }

  /** How full it is, in milliseconds. */
  private levelMs(now: number): number {
    return Math.max(0, this.emptyAt - now);
  }

  waitFor(now: number, units: number): number {
    const wait = this.levelMs(now) + units * this.intervalMs - this.capacityMs;
    return wait > rounding ? wait : 0;
  }

  take(now: number, units: number): Poured {
    const at = now + this.waitFor(now, units);
    this.emptyAt = now + this.levelMs(now) + units * this.intervalMs;
    return { units, at, mark: this.emptyAt + this.returnedMs };
  }

  takeOne(now: number): boolean {
    const { emptyAt, intervalMs } = this;
    const filled = (emptyAt > now ? emptyAt : now) + intervalMs;
    if (filled - now - this.capacityMs > rounding) return false;
    this.emptyAt = filled;
    return true;
  }

  /**
   * Without it, the bucket is empty so much sooner; but not sooner than if all that was poured later
   * had come at the last of its moments, into an empty bucket.
   */
  giveBack(taken: Taken, now: number): void {
    const { units, at, mark } = taken as Poured;
    // Nothing that was poured came later than this: what had to wait filled the bucket to the brim.
    const lastAt = Math.max(now, at, this.emptyAt - this.capacityMs);
    const laterMs = this.emptyAt + this.returnedMs - mark;
    const least = laterMs > 0 ? lastAt + laterMs : Number.NEGATIVE_INFINITY;
    const before = this.emptyAt;
    this.emptyAt = Math.min(before, Math.max(before - units * this.intervalMs, least));
    this.returnedMs += before - this.emptyAt;
  }

  remaining(now: number): number {
    const freeMs = this.capacityMs - this.levelMs(now) + rounding;
    return Math.max(0, Math.floor(freeMs / this.intervalMs));
  }

  resetAfter(now: number): number {
    return this.levelMs(now);
  }
}
