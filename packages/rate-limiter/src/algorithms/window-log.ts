import { type RateState, rounding, type Taken } from '../algorithm.ts';

/** Units that go at one moment. */
class Entry implements Taken {
  readonly units: number;
  readonly at: number;
  /** Units of all entries there have ever been, up to this one. */
  upTo: number;

  constructor(units: number, at: number, upTo: number) {
    this.units = units;
    this.at = at;
    this.upTo = upTo;
  }
}

/**
 * The moments of all that went within the last window, in a ring that grows up to the limit. It is
 * exact: at no moment have more than the limit gone within the window before. Its price is memory,
 * some bytes for each of them.
 */
export class WindowLog implements RateState {
  private readonly limit: number;
  private readonly windowMs: number;
  private entries: (Entry | undefined)[] = [undefined, undefined, undefined, undefined];
  /** Where the oldest entry is. */
  private head = 0;
  private size = 0;
  /** Units of all entries that have ever been, without and with the present ones. */
  private expired = 0;
  private total = 0;
  /** When the last entry goes. */
  private newest = Number.NEGATIVE_INFINITY;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  /** A log with the entries of `former`, if that is one; what had left its window is gone. */
  static from(former: RateState, limit: number, windowMs: number): WindowLog | undefined {
    if (!(former instanceof WindowLog)) return undefined;
    const log = new WindowLog(limit, windowMs);
    log.entries = [...former.entries];
    log.head = former.head;
    log.size = former.size;
    log.expired = former.expired;
    log.total = former.total;
    log.newest = former.newest;
    return log;
  }

  waitFor(now: number, units: number): number {
    this.expire(now);
    // More than the limit can only be a whole line of calls: it takes so many windows longer.
    const windows = Math.ceil(units / this.limit) - 1;
    const rest = units - windows * this.limit;
    const missing = this.total - this.expired + rest - this.limit;
    let wait = this.newest > now ? this.newest - now : 0;
    if (missing > 0) wait = Math.max(wait, this.whenExpired(missing) - now);
    wait += windows * this.windowMs;
    return wait > rounding ? wait : 0;
  }

  /** When so many units will have expired: the entries are in the order of time. */
  private whenExpired(units: number): number {
    const upTo = this.expired + units;
    let low = 0;
    if (this.entry(0).upTo < upTo) {
      let high = this.size - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.entry(middle).upTo < upTo) low = middle;
        else high = middle;
      }
      low = high;
    }
    return this.entry(low).at + this.windowMs;
  }

  take(now: number, units: number): Taken {
    return this.push(units, now + this.waitFor(now, units));
  }

  takeOne(now: number): boolean {
    this.expire(now);
    if (this.total - this.expired >= this.limit || this.newest > now) return false;
    this.push(1, now);
    return true;
  }

  /** Whatever was taken later keeps its time. */
  giveBack(taken: Taken): void {
    let place = this.size - 1;
    while (place >= 0 && this.entry(place) !== taken) place--;
    // What has expired counts no more.
    if (place === -1) return;
    for (let i = place; i < this.size - 1; i++) {
      const later = this.entry(i + 1);
      later.upTo -= taken.units;
      this.entries[this.placeOf(i)] = later;
    }
    this.size--;
    this.entries[this.placeOf(this.size)] = undefined;
    this.total -= taken.units;
    this.newest = this.size === 0 ? Number.NEGATIVE_INFINITY : this.entry(this.size - 1).at;
  }

  remaining(now: number): number {
    this.expire(now);
    return this.newest > now ? 0 : Math.max(0, this.limit - (this.total - this.expired));
  }

  resetAfter(now: number): number {
    this.expire(now);
    return this.size === 0 ? 0 : Math.max(0, this.newest + this.windowMs - now);
  }

  private placeOf(index: number): number {
    return (this.head + index) & (this.entries.length - 1);
  }

  private entry(index: number): Entry {
    return this.entries[this.placeOf(index)] as Entry;
  }

  private push(units: number, at: number): Entry {
    if (this.size === this.entries.length) this.grow();
    this.total += units;
    // The entries are in the order of time, also if the clock goes back.
    if (at > this.newest) this.newest = at;
    const entry = new Entry(units, this.newest, this.total);
    this.entries[this.placeOf(this.size)] = entry;
    this.size++;
    return entry;
  }

  /** The length stays a power of two, so that places wrap around by a mask. */
  private grow(): void {
    const { size } = this;
    const larger = new Array<Entry | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < size; i++) larger[i] = this.entry(i);
    this.entries = larger;
    this.head = 0;
  }

  private expire(now: number): void {
    while (this.size > 0) {
      const entry = this.entry(0);
      if (now - entry.at < this.windowMs - rounding) return;
      this.expired = entry.upTo;
      this.entries[this.head] = undefined;
      this.head = this.placeOf(1);
      this.size--;
    }
  }
}
