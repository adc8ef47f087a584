/** Sums of shares are not exact: one that should be 1 may be a little less. */
const tolerance = 1e-9;

/** How far a ramp is. It reads no clock and knows no circuit. */
export class RampProgress {
  /** The epoch of the circuit whose calls it admits. */
  readonly epoch: number;
  private readonly startedAt: number;
  private readonly durationMs: number;
  private readonly initialShare: number;
  /** What the calls so far have not used of their shares: a call goes as soon as it is 1. */
  private credit: number;

  constructor(epoch: number, startedAt: number, durationMs: number, initialShare: number) {
    this.epoch = epoch;
    this.startedAt = startedAt;
    this.durationMs = durationMs;
    this.initialShare = initialShare;
    this.credit = 1 - initialShare;
  }

  /** Which share of the calls goes through at `now`; from 1 on the ramp is over. */
  share(now: number): number {
    const passed = (now - this.startedAt) / this.durationMs;
    return this.initialShare + (1 - this.initialShare) * Math.max(0, passed);
  }

  /** For how many milliseconds from `now` on it goes on. */
  leftMs(now: number): number {
    return Math.max(0, this.startedAt + this.durationMs - now);
  }

  /** Whether the call that comes at `now` goes through. */
  admits(now: number): boolean {
    this.credit += this.share(now);
    if (this.credit < 1 - tolerance) return false;
    this.credit--;
    return true;
  }
}
