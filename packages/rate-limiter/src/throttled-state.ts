import type { RateAlgorithm, RateState, Taken } from './algorithm.ts';
import { countsFrom } from './counts-from.ts';

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

  constructor(
    algorithm: RateAlgorithm,
    rules: ThrottleRules,
    state: RateState = algorithm.makeState(),
  ) {
    this.state = state;
    this.algorithm = algorithm;
    this.rules = rules;
  }

  /** The same share of another limit, with what has been counted until `now`. */
  under(algorithm: RateAlgorithm, now: number): ThrottledState {
    const state = countsFrom(algorithm, { algorithm: this.algorithm, state: this.state }, now);
    const next = new ThrottledState(algorithm, this.rules, state);
    next.shareThen = this.shareThen;
    next.risesFrom = this.risesFrom;
    next.fellAt = this.fellAt;
    next.pausedUntil = this.pausedUntil;
    next.nextAt = this.nextAt;
    return next;
  }

  /** The share of the limit that may go. */
  share(now: number): number {
    if (this.shareThen === 1) return 1;
    const risen = Math.max(0, now - this.risesFrom) / this.rules.recoverMs;
    return Math.min(1, this.shareThen + risen);
  }

  /**
   * Somebody has said at `now` that a call that began at `began` was too much. Those that were on
   * their way when the rate fell say nothing about the present one, but a pause is a pause.
   */
  fall(now: number, began: number, pauseMs: number): void {
    const isNews = began > this.fellAt;
    const { decrease, minShare } = this.rules;
    const share = this.share(now);
    this.shareThen = isNews ? Math.max(minShare, share * decrease) : share;
    this.pausedUntil = Math.max(this.pausedUntil, now + pauseMs);
    this.risesFrom = this.pausedUntil;
    this.nextAt = Math.max(this.nextAt, this.risesFrom);
    if (isNews) this.fellAt = now;
  }

  waitFor(now: number, units: number): number {
    const begin = Math.max(now, this.pausedUntil);
    const share = this.share(begin);
    const pacedMs = share === 1 ? 0 : this.nextAt - begin + (units - 1) * this.interval(share);
    return begin - now + Math.max(this.state.waitFor(begin, units), pacedMs, 0);
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
    const at = now + this.waitFor(now, units);
    this.pace(at, units);
    return this.state.take(at, units);
  }

  /** The first unit goes at once, and each other one has had its time before. */
  private pace(at: number, units: number): void {
    const share = this.share(at);
    if (share === 1) this.shareThen = 1;
    else {
      const interval = this.interval(share);
      this.nextAt = Math.max(this.nextAt, at - (units - 1) * interval) + units * interval;
    }
  }

  giveBack(taken: Taken, now: number): void {
    this.state.giveBack(taken, now);
    this.nextAt -= taken.units * this.interval(this.share(now));
  }

  remaining(now: number): number {
    if (this.waitFor(now, 1) > 0) return 0;
    return this.share(now) === 1 ? this.state.remaining(now) : 1;
  }

  resetAfter(now: number): number {
    const pauseMs = Math.max(0, this.risesFrom - now);
    const recoveryMs = (1 - this.share(now)) * this.rules.recoverMs;
    return Math.max(this.state.resetAfter(now), pauseMs + recoveryMs);
  }
}
