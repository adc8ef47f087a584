import {
  type EnterVerdict,
  type EventSource,
  isPolicyError,
  type Outcome,
  parked,
  type Policy,
  recentTime,
  refused,
  type Run,
} from '@holdfast/policy';
import type { AnswerOfAnother } from './coalesce.ts';
import { type CacheEvents, topics } from './events.ts';
import { Flight } from './flight.ts';
import { amount, type CacheOptions, checkOptions } from './options.ts';
import { SharedFlights } from './shared-flights.ts';
import { Entry, Store } from './store.ts';

const defaultMaxEntries = 1_000;

/** What a cache keeps under a key, as {@link Cache.peek} tells it. */
export type CachedOutcome<R = unknown> = Outcome<R> & {
  /** How long ago it came, in milliseconds. */
  readonly ageMs: number;
  /** Whether its time to live has not passed. */
  readonly isFresh: boolean;
};

/**
 * A policy that answers from memory where it can; made by {@link cache}.
 *
 * @typeParam R - What the operations return.
 */
export interface Cache<in out R = unknown>
  extends Policy<AnswerOfAnother<R>, R, CacheEvents>,
    EventSource<CacheEvents> {
  /** How many answers are kept, those included that are stale and that nobody has asked for since. */
  readonly size: number;
  /** What is kept under a key: the stored object itself. Does not count as a use. */
  peek(key: string): CachedOutcome<R> | undefined;
  /**
   * Forgets what is kept under a key, and lets no flight store what it began to read before. Calls
   * that wait for such a flight still get its answer; those that come later do not. True if something
   * was kept.
   */
  delete(key: string): boolean;
  /** Does the same for all keys. */
  clear(): void;
}

class CachePolicy<R> extends SharedFlights<R, CacheEvents> implements Cache<R> {
  readonly kind: string = 'cache';
  protected readonly topics = topics;
  private readonly options: CacheOptions<R>;
  private readonly revalidateMs: number;
  private readonly errorMs: number;
  private readonly maxWeight: number;
  private readonly store: Store;

  constructor(options: CacheOptions<R>) {
    super(options.name ?? 'cache', options);
    this.options = { ...options, maxEntries: options.maxEntries ?? defaultMaxEntries };
    this.revalidateMs = options.staleWhileRevalidateMs ?? 0;
    this.errorMs = options.staleIfErrorMs ?? 0;
    this.maxWeight = options.maxWeight ?? Number.POSITIVE_INFINITY;
    this.store = new Store(options.maxEntries ?? defaultMaxEntries, this.maxWeight);
  }

  get size(): number {
    return this.store.size;
  }

  peek(key: string): CachedOutcome<R> | undefined {
    const entry = this.store.get(key);
    if (entry === undefined) return undefined;
    const { ok, value, storedAt, freshUntil } = entry;
    const now = this.clock.now();
    const rest = { ageMs: now - storedAt, isFresh: now < freshUntil };
    return ok ? { ok, value: value as R, ...rest } : { ok: false, error: value, ...rest };
  }

  delete(key: string): boolean {
    this.flights.delete(key);
    return this.store.delete(key);
  }

  clear(): void {
    this.flights.clear();
    this.store.clear();
  }

  // --- Coming in ----------------------------------------------------------------------------------

  protected enterWith(run: Run, at: number, key: string): EnterVerdict {
    const entry = this.store.get(key);
    if (entry === undefined) return this.miss(run, at, key);
    // Within a turn of the event loop, calls share a reading: that much later it may be found stale.
    const now = recentTime(this.clock);
    if (now >= entry.freshUntil) return this.enterStale(run, at, entry);
    this.store.touch(entry);
    if (this.isHeard(topics.hit)) {
      this.tell(topics.hit, { key, ok: entry.ok, ageMs: now - entry.storedAt });
    }
    return this.serve(run, entry);
  }

  private serve(run: Run, { ok, value }: Entry): EnterVerdict {
    if (ok) this.answerWith(run, value);
    else run.answer(false, value);
    return refused;
  }

  private miss(run: Run, at: number, key: string): EnterVerdict {
    const verdict = this.board(run, at, key);
    if (verdict !== undefined) return verdict;
    if (this.isHeard(topics.miss)) this.tell(topics.miss, { key });
    return parked;
  }

  private enterStale(run: Run, at: number, entry: Entry): EnterVerdict {
    const { key, ok, freshUntil, storedAt } = entry;
    const now = this.clock.now();
    if (ok && now < freshUntil + this.revalidateMs) {
      this.store.touch(entry);
      if (!this.flights.has(key)) this.takeOff(run, at, new Flight(key, true));
      this.tellStale(key, { because: 'revalidating', error: undefined, ageMs: now - storedAt });
      return this.serve(run, entry);
    }
    if (!ok || now >= freshUntil + this.errorMs) this.store.delete(key);
    return this.miss(run, at, key);
  }

  private tellStale(key: string, details: Readonly<Record<string, unknown>>): void {
    if (this.isHeard(topics.stale)) this.tell(topics.stale, { key, ...details });
  }

  // --- The end of a flight ------------------------------------------------------------------------

  protected settle(flight: Flight): void {
    const entry = this.entryOf(flight);
    // Somebody has deleted the key meanwhile: this answer may be older than what made them do so.
    if (!this.retire(flight)) return;
    const { key, ok, value, isRefresh } = flight;
    if (entry !== undefined) this.keep(entry, flight);
    else if (ok) this.store.delete(key);
    else this.fallBack(flight);
    if (!isRefresh) return;
    const isAnswer = ok || entry !== undefined;
    const topic = topics[isAnswer ? 'refreshed' : 'refresh-failed'];
    if (this.isHeard(topic)) this.tell(topic, isAnswer ? { key, ok } : { key, error: value });
  }

  /** What is to be kept of a flight. It fails with what the functions among the options throw. */
  private entryOf(flight: Flight): Entry | undefined {
    const { key, ok, value } = flight;
    try {
      const lifetimeMs = ok ? this.ttlOf(value as R) : this.negativeTtlOf(value);
      if (lifetimeMs === 0) return undefined;
      const weight = ok ? this.weightOf(value as R) : 0;
      if (weight > this.maxWeight) return undefined;
      const storedAt = this.clock.now();
      return new Entry(key, { ok, value, storedAt, freshUntil: storedAt + lifetimeMs, weight });
    } catch (error) {
      flight.ended(false, error);
      return undefined;
    }
  }

  private ttlOf(value: R): number {
    const { ttlMs } = this.options;
    return typeof ttlMs === 'number' ? ttlMs : amount('ttlMs', ttlMs(value));
  }

  /** Open circuits and timeouts are about a moment: they are no answer. */
  private negativeTtlOf(error: unknown): number {
    const { negativeTtlMs = 0 } = this.options;
    if (isPolicyError(error)) return 0;
    if (typeof negativeTtlMs === 'number') return negativeTtlMs;
    return amount('negativeTtlMs', negativeTtlMs(error));
  }

  private weightOf(value: R): number {
    const { weightOf } = this.options;
    return weightOf === undefined ? 0 : amount('weightOf', weightOf(value));
  }

  private keep(entry: Entry, flight: Flight): void {
    const { store } = this;
    flight.isStored = true;
    store.put(entry);
    for (let gone = store.evict(); gone !== undefined; gone = store.evict()) {
      if (this.isHeard(topics.evicted)) this.tell(topics.evicted, { key: gone.key });
    }
  }

  /** Gives those who wait a value that is not too old in place of the error, if there is one. */
  private fallBack(flight: Flight): void {
    const entry = this.store.get(flight.key);
    const now = this.clock.now();
    if (entry?.ok !== true || now >= entry.freshUntil + this.errorMs) return;
    this.store.touch(entry);
    flight.stale = { error: flight.value, ageMs: now - entry.storedAt };
    flight.isStored = true;
    flight.ended(true, entry.value);
  }

  protected override answerFrom(run: Run, flight: Flight): void {
    const { key, stale } = flight;
    if (stale !== undefined) this.tellStale(key, { because: 'error', ...stale });
    super.answerFrom(run, flight);
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { ttlMs, negativeTtlMs = 0, maxEntries } = this.options;
    return {
      ...(typeof ttlMs === 'number' ? { ttlMs } : {}),
      staleWhileRevalidateMs: this.revalidateMs,
      staleIfErrorMs: this.errorMs,
      ...(typeof negativeTtlMs === 'number' ? { negativeTtlMs } : {}),
      maxEntries,
      maxWeight: this.maxWeight,
      whenAbandoned: this.whenAbandoned,
    };
  }
}

/**
 * Answers from memory where it can. Calls that ask for the same thing at the same time share one
 * execution, as under `coalesce`; what it brings is kept for `ttlMs`. After that it may be served while
 * it is refreshed in the background (`staleWhileRevalidateMs`) or because the operation failed
 * (`staleIfErrorMs`). The number of answers is bounded; there are no timers.
 *
 * Every caller gets the same object: treat it as read-only, or set `clone`. An answer is only as old as
 * the options allow, counted from its arrival.
 *
 * @typeParam R - What the operations return.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const sku = contextKey<string>('sku');
 * const stock = cache<number>({ key: (context) => context.get(sku), ttlMs: 1_000 });
 *
 * const apples = await stock.execute(() => readStock('apple'), { properties: [sku('apple')] });
 * ```
 */
export function cache<R = unknown>(options: CacheOptions<R>): Cache<R> {
  checkOptions(options);
  return new CachePolicy<R>(options);
}
