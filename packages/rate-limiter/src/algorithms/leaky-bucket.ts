import { type RateState, rounding, type Taken } from '../algorithm.ts';

/**
 * One number tells it all: when a bucket that leaks one unit per `intervalMs` is empty. That is the
 * theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), and the same as a bucket
 * of tokens, seen from the other side.
 */
export class LeakyBucket implements RateState {
  private readonly intervalMs: number;
  private readonly capacity: number;
  private emptyAt: number;

  constructor(intervalMs: number, capacity: number) {
    this.intervalMs = intervalMs;
    this.capacity = capacity;
    this.emptyAt = Number.NEGATIVE_INFINITY;
  }

  waitFor(now: number, units: number): number {
    const emptyAt = this.emptyAt > now ? this.emptyAt : now;
    const wait = emptyAt - now + (units - this.capacity) * this.intervalMs;
    return wait > rounding ? wait : 0;
  }

  take(now: number, units: number): Taken {
    const wait = this.waitFor(now, units);
    this.add(now, units);
    return { units, at: now + wait };
  }

  takeOne(now: number): boolean {
    if (this.waitFor(now, 1) > 0) return false;
    this.add(now, 1);
    return true;
  }

  private add(now: number, units: number): void {
    this.emptyAt = (this.emptyAt > now ? this.emptyAt : now) + units * this.intervalMs;
  }

  /** What was taken later keeps its time: only what stands behind all of it is free again. */
  giveBack({ units, at }: Taken): void {
    const filledUntil = at + this.capacity * this.intervalMs;
    const later = Math.max(0, (this.emptyAt - filledUntil) / this.intervalMs);
    this.emptyAt -= Math.max(0, units - later) * this.intervalMs;
  }

  remaining(now: number): number {
    const taken = (this.emptyAt - now) / this.intervalMs;
    return Math.max(0, Math.floor(this.capacity - Math.max(0, taken) + rounding));
  }

  resetAfter(now: number): number {
    return Math.max(0, this.emptyAt - now);
  }
}
