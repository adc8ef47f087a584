import { type RateState, rounding, type Taken } from '../algorithm.ts';

/** Units that go at one moment. */
class Entry implements Taken {
  units: number;
  readonly at: number;

  constructor(units: number, at: number) {
    this.units = units;
    this.at = at;
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
  /** Units of all entries. */
  private used = 0;
  private newest = Number.NEGATIVE_INFINITY;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  waitFor(now: number, units: number): number {
    this.expire(now);
    // More than the limit can only be a whole line of calls: it takes so many windows longer.
    const windows = Math.ceil(units / this.limit) - 1;
    const rest = units - windows * this.limit;
    const freeAt = this.newest > now ? this.freeAfterReserved(rest) : this.freeAt(now, rest);
    const wait = freeAt - now + windows * this.windowMs;
    return wait > rounding ? wait : 0;
  }

  /** When so many units may go, if all that has been taken has gone: when enough of the oldest expired. */
  private freeAt(now: number, units: number): number {
    let missing = units - (this.limit - this.used);
    let freeAt = now;
    for (let i = 0; i < this.size && missing > 0; i++) {
      const entry = this.entry(i);
      missing -= entry.units;
      freeAt = entry.at + this.windowMs;
    }
    return freeAt;
  }

  /** The same with units that are reserved for later: never before them, so that they keep their time. */
  private freeAfterReserved(units: number): number {
    let free = this.limit - units;
    for (let i = this.size - 1; i >= 0; i--) {
      const entry = this.entry(i);
      free -= entry.units;
      if (free < 0) return Math.max(this.newest, entry.at + this.windowMs);
    }
    return this.newest;
  }

  take(now: number, units: number): Taken {
    const entry = new Entry(units, now + this.waitFor(now, units));
    this.push(entry);
    return entry;
  }

  takeOne(now: number): boolean {
    this.expire(now);
    if (this.used >= this.limit) return false;
    this.push(new Entry(1, now));
    return true;
  }

  giveBack(taken: Taken): void {
    if (!(taken instanceof Entry)) return;
    // One that has expired counts no more.
    if (this.isHeld(taken)) this.used -= taken.units;
    taken.units = 0;
  }

  private isHeld(taken: Entry): boolean {
    return this.size > 0 && taken.units > 0 && this.entry(0).at <= taken.at;
  }

  remaining(now: number): number {
    this.expire(now);
    return Math.max(0, this.limit - this.used);
  }

  resetAfter(now: number): number {
    this.expire(now);
    return this.used === 0 ? 0 : Math.max(0, this.newest + this.windowMs - now);
  }

  private entry(index: number): Entry {
    return this.entries[(this.head + index) & (this.entries.length - 1)] as Entry;
  }

  private push(entry: Entry): void {
    const { entries, size } = this;
    if (size === entries.length) this.grow();
    this.entries[(this.head + size) & (this.entries.length - 1)] = entry;
    this.size++;
    this.used += entry.units;
    if (entry.at > this.newest) this.newest = entry.at;
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
    const { entries } = this;
    while (this.size > 0) {
      const entry = this.entry(0);
      if (now - entry.at < this.windowMs - rounding) return;
      this.used -= entry.units;
      entry.units = 0;
      entries[this.head] = undefined;
      this.head = (this.head + 1) & (entries.length - 1);
      this.size--;
    }
  }
}
