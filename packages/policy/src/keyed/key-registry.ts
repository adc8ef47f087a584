import type { KeyEntry } from './key-entry.ts';

/** At how many of the oldest keys is looked for one that can be forgotten for nothing. */
const candidates = 8;

/** Why a key was forgotten. */
export type ForgottenReason = 'idle' | 'full';

/** Whom to tell of it. */
export type OnForgotten = (entry: KeyEntry, reason: ForgottenReason) => void;

/**
 * The keys, and among them the idle ones in the order in which they became so: the first of these has
 * been idle for longest. Each change costs a few links, however many keys there are.
 */
export class KeyRegistry {
  private readonly all = new Map<string | undefined, KeyEntry>();
  private readonly most: number;
  private readonly idleMs: number;
  private readonly onForgotten: OnForgotten;
  private oldest: KeyEntry | undefined = undefined;
  private newest: KeyEntry | undefined = undefined;

  constructor(most: number, idleMs: number, onForgotten: OnForgotten) {
    this.most = most;
    this.idleMs = idleMs;
    this.onForgotten = onForgotten;
  }

  get size(): number {
    return this.all.size;
  }

  get isOverfull(): boolean {
    return this.all.size > this.most;
  }

  get(key: string | undefined): KeyEntry | undefined {
    return this.all.get(key);
  }

  has(key: string | undefined): boolean {
    return this.all.has(key);
  }

  any(): KeyEntry | undefined {
    return this.all.values().next().value;
  }

  keys(): MapIterator<string | undefined> {
    return this.all.keys();
  }

  /** Forgets the key idle for longest, if there is no room for another one. */
  reserve(now: number): void {
    if (this.all.size >= this.most) this.makeRoom(now);
  }

  /** Adds a key that is not there, as one in use. */
  add(entry: KeyEntry): void {
    entry.inFlight = 1;
    this.all.set(entry.key, entry);
  }

  /** A call comes in. */
  hold(entry: KeyEntry): void {
    if (entry.inFlight++ === 0) this.unlink(entry);
  }

  /** A call has ended. */
  release(entry: KeyEntry, now: number): void {
    this.rest(entry, now);
    if (this.isOverfull) this.makeRoom(now);
  }

  /** As {@link KeyRegistry.release}, for a key that stays until the next one needs its room. */
  rest(entry: KeyEntry, now: number): void {
    if (--entry.inFlight > 0 || entry.isForgotten) return;
    entry.idleSince = now;
    this.link(entry);
  }

  delete(key: string | undefined): boolean {
    const entry = this.all.get(key);
    if (entry === undefined) return false;
    this.remove(entry);
    return true;
  }

  /** Forgets what has been idle for too long. */
  sweep(now: number): void {
    for (let entry = this.oldest; entry !== undefined; entry = this.oldest) {
      // The second is for a time so short that it is lost in rounding.
      if (entry.idleSince + this.idleMs > now || entry.idleSince === now) return;
      if (entry.mattersForMs() > 0) this.renew(entry, now);
      else this.forget(entry, 'idle');
    }
  }

  /** For how long what any of the keys remembers matters although nobody calls. */
  mattersForMs(): number {
    let longest = 0;
    for (const entry of this.all.values()) {
      longest = Math.max(longest, entry.mattersForMs());
      if (longest === Number.POSITIVE_INFINITY) break;
    }
    return longest;
  }

  /** When the next key will have been idle for too long; undefined while none is idle. */
  nextDue(): number | undefined {
    return this.oldest && this.oldest.idleSince + this.idleMs;
  }

  private makeRoom(now: number): void {
    let entry = this.oldest;
    let second: KeyEntry | undefined;
    for (let i = 0; i < candidates && entry !== undefined; i++) {
      const { newer } = entry;
      const matters = entry.mattersForMs();
      if (matters === 0) {
        this.forget(entry, 'full');
        return;
      }
      // What somebody holds by hand is in use, and not in the way of the others.
      if (matters === Number.POSITIVE_INFINITY) this.renew(entry, now);
      else second ??= entry;
      entry = newer;
    }
    if (second !== undefined) this.forget(second, 'full');
  }

  private renew(entry: KeyEntry, now: number): void {
    this.unlink(entry);
    entry.idleSince = now;
    this.link(entry);
  }

  private forget(entry: KeyEntry, reason: ForgottenReason): void {
    this.remove(entry);
    this.onForgotten(entry, reason);
  }

  private remove(entry: KeyEntry): void {
    this.all.delete(entry.key);
    entry.isForgotten = true;
    if (entry.inFlight === 0) this.unlink(entry);
  }

  private link(entry: KeyEntry): void {
    const { newest } = this;
    entry.older = newest;
    if (newest === undefined) this.oldest = entry;
    else newest.newer = entry;
    this.newest = entry;
  }

  private unlink(entry: KeyEntry): void {
    const { older, newer } = entry;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.newest = older;
    else newer.older = older;
    entry.older = entry.newer = undefined;
  }
}
