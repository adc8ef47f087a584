/** What is kept under a key: an entry of a {@link Store}, in the order of use. */
export class Entry {
  readonly key: string;
  readonly ok: boolean;
  readonly value: unknown;
  readonly storedAt: number;
  /** Until when it is fresh, in milliseconds of the clock. */
  readonly freshUntil: number;
  readonly weight: number;
  older: Entry = this;
  newer: Entry = this;

  constructor(key: string, what: Omit<Entry, 'key' | 'older' | 'newer'>) {
    this.key = key;
    this.ok = what.ok;
    this.value = what.value;
    this.storedAt = what.storedAt;
    this.freshUntil = what.freshUntil;
    this.weight = what.weight;
  }
}

const nothing = { ok: false, value: undefined, storedAt: 0, freshUntil: 0, weight: 0 };

/** Entries by key, within bounds: the one that was not used for longest goes first. O(1) each. */
export class Store {
  private readonly entries: Map<string, Entry> = new Map();
  /** Both ends of the list: its `older` is the newest entry, its `newer` the oldest. */
  private readonly ends: Entry = new Entry('', nothing);
  private readonly maxEntries: number;
  private readonly maxWeight: number;
  private weight = 0;

  constructor(maxEntries: number, maxWeight: number) {
    this.maxEntries = maxEntries;
    this.maxWeight = maxWeight;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  /** The entry was used just now. */
  touch(entry: Entry): void {
    if (this.ends.older === entry) return;
    unlink(entry);
    this.linkNewest(entry);
  }

  /** Puts an entry in place of another of that key. */
  put(entry: Entry): void {
    this.delete(entry.key);
    this.entries.set(entry.key, entry);
    this.weight += entry.weight;
    this.linkNewest(entry);
  }

  /** Takes out one entry more than fits, if there is one, and returns it. */
  evict(): Entry | undefined {
    if (this.entries.size <= this.maxEntries && this.weight <= this.maxWeight) return undefined;
    const oldest = this.ends.newer;
    this.delete(oldest.key);
    return oldest;
  }

  delete(key: string): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) return false;
    this.entries.delete(key);
    // Sums of fractions drift: an empty store weighs nothing.
    this.weight = this.entries.size === 0 ? 0 : this.weight - entry.weight;
    unlink(entry);
    return true;
  }

  clear(): void {
    this.entries.clear();
    this.weight = 0;
    this.ends.older = this.ends.newer = this.ends;
  }

  private linkNewest(entry: Entry): void {
    const last = this.ends.older;
    entry.older = last;
    entry.newer = this.ends;
    last.newer = entry;
    this.ends.older = entry;
  }
}

function unlink(entry: Entry): void {
  entry.older.newer = entry.newer;
  entry.newer.older = entry.older;
}
