import type { RateState, Taken } from '../algorithm.ts';
import type { BucketOwner } from './bucket-owner.ts';

/** What a process lets go of a key by itself, while Redis is away. */
export class LocalUse {
  private readonly owner: BucketOwner;
  private state: RateState | undefined = undefined;
  /** Since when Redis has been away, when the counts were made. */
  private since = Number.NaN;
  /** How many units have gone that Redis does not know of. */
  private used = 0;

  constructor(owner: BucketOwner) {
    this.owner = owner;
  }

  /** The counts of this process alone, while Redis is away and there are any. */
  counts(): RateState | undefined {
    const { store } = this.owner;
    if (!store.isAway) return undefined;
    if (this.since !== store.awaySince) {
      this.state = this.owner.makeLocal(store.awaySince);
      this.since = store.awaySince;
      this.used = 0;
    }
    return this.state;
  }

  /** Takes so many units, if there are any counts and they may go at once. */
  take(now: number, units: number): Taken | undefined {
    const counts = this.counts();
    if (counts === undefined || counts.waitFor(now, units) > 0) return undefined;
    this.used += units;
    return counts.take(now, units);
  }

  giveBack(taken: Taken, now: number): void {
    this.used = Math.max(0, this.used - taken.units);
    this.counts()?.giveBack(taken, now);
  }

  /**
   * How many units Redis has to be told of at `now`: those that have gone, but not more than the counts
   * still hold; time has made good for the others, here and there. The bound holds with no less: each of
   * the counts began as if its part of what Redis may have let go before had gone here.
   */
  owed(now: number): number {
    const { state, used, owner } = this;
    if (state === undefined || used === 0) return 0;
    return Math.min(used, owner.localCapacity - state.remaining(now));
  }

  /** As `owed`; nothing is owed any more, and the counts are of no use. */
  settle(now: number): number {
    const units = this.owed(now);
    this.used = 0;
    this.state = undefined;
    this.since = Number.NaN;
    return units;
  }
}
