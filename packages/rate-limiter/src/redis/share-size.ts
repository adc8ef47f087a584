/** The share is refilled when less than this of it is left. */
const lowWater = 0.5;
/** A process that calls less often in the time that a share may be kept gets none. */
const leastCalls = 4;

/**
 * How much to take ahead: what goes in half of the time for which it may be kept, at the rate at which
 * calls have come since the last question; and no more than was wanted before that one, and twice what
 * was taken ahead with it. So neither a single burst nor somebody who calls rarely takes anything.
 */
export class ShareSize {
  /** When fewer units than this are in hand, it is time for more. */
  low = 0;
  private size = 0;
  private used = 0;
  private usedBefore = 0;
  private since: number;
  private readonly most: number;
  private readonly holdMs: number;

  constructor(most: number, holdMs: number, now: number) {
    this.most = most;
    this.holdMs = holdMs;
    this.since = now;
  }

  /** So many units have been wanted. */
  note(units: number): void {
    this.used += units;
  }

  /** How many units to take ahead now. */
  next(now: number): number {
    const { most, holdMs, used, usedBefore, size } = this;
    const passedMs = Math.max(now - this.since, 1);
    const calls = (used * holdMs) / passedMs;
    const wanted = calls < leastCalls ? 0 : Math.ceil(calls / 2);
    this.size = Math.max(0, Math.min(most, wanted, 2 * size + usedBefore));
    this.usedBefore = used;
    this.low = Math.ceil(this.size * lowWater);
    this.used = 0;
    this.since = now;
    return this.size;
  }
}
