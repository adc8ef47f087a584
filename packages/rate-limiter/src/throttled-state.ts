import type { RateAlgorithm, RateState, Taken } from './algorithm.ts';

/** How fast a rate falls and rises. */
export interface ThrottleRules {
  readonly decrease: number;
  readonly minShare: number;
  readonly recoverMs: number;
}

/** The counts of a key whose rate is, for a while, only a share of the limit. */
export class ThrottledState implements RateState {
  private readonly state: RateState;
  private readonly algorithm: RateAlgorithm;
  private readonly rules: ThrottleRules;
  private shareThen = 1;
  /** From when on the share rises. */
  private risesFrom = 0;
  /** When the rate fell last. */
  private fellAt = Number.NEGATIVE_INFINITY;
  private pausedUntil = Number.NEGATIVE_INFINITY;
  /** While the share is less than 1: when the next unit may go. */
  private nextAt = Number.NEGATIVE_INFINITY;

  constructor(state: RateState, algorithm: RateAlgorithm, rules: ThrottleRules) {
    this.state = state;
    this.algorithm = algorithm;
    this.rules = rules;
  }

  /** The share of the limit that may go. */
  share(now: number): number {
    if (this.shareThen === 1) return 1;
    const risen = Math.max(0, now - this.risesFrom) / this.rules.recoverMs;
    return Math.min(1, this.shareThen + risen);
  }

  /**
   * Somebody has said at `now` that a call that began at `began` was too much. Those that were on
   * their way when the rate fell say nothing about the present one.
   */
  fall(now: number, began: number, pauseMs: number): void {
    if (began >= this.fellAt) {
      this.shareThen = Math.max(this.rules.minShare, this.share(now) * this.rules.decrease);
      this.fellAt = now;
      this.nextAt = Math.max(this.nextAt, now);
    }
    this.pausedUntil = Math.max(this.pausedUntil, now + pauseMs);
    this.risesFrom = Math.max(now, this.pausedUntil);
  }

  waitFor(now: number, units: number): number {
    const waitMs = this.state.waitFor(now, units);
    // A call pays afterwards: the one that comes next waits for it.
    const behind = this.share(now) === 1 ? 0 : this.nextAt - now;
    return Math.max(waitMs, this.pausedUntil - now, behind);
  }

  private interval(share: number): number {
    return this.algorithm.windowMs / (this.algorithm.limit * share);
  }

  takeOne(now: number): boolean {
    if (this.waitFor(now, 1) > 0) return false;
    this.pace(now, 1);
    return this.state.takeOne(now);
  }

  take(now: number, units: number): Taken {
    const waitMs = this.waitFor(now, units);
    this.pace(now + waitMs, units);
    return this.state.take(now, units);
  }

  private pace(at: number, units: number): void {
    const share = this.share(at);
    if (share === 1) this.shareThen = 1;
    else this.nextAt = Math.max(this.nextAt, at) + units * this.interval(share);
  }

  giveBack(taken: Taken): void {
    this.state.giveBack(taken);
  }

  remaining(now: number): number {
    return this.waitFor(now, 1) > 0 ? 0 : this.state.remaining(now);
  }

  resetAfter(now: number): number {
    const share = this.share(now);
    const recovery = share === 1 ? 0 : (1 - share) * this.rules.recoverMs;
    return Math.max(this.state.resetAfter(now), this.pausedUntil - now, recovery, 0);
  }
}
