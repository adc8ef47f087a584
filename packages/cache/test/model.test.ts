import { type Cache, cache, type CachedOutcome } from '@holdfast/cache';
import { contextKey, isTimeoutError, type PolicyEvent } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const ttlMs = 20;
const negativeTtlMs = 10;
const maxEntries = 3;
const maxWeight = 7;
const keys = ['a', 'b', 'c', 'd'];
const keyOf = contextKey<string>('key');

/** What a value or an error is good for is told by its number, so that all cases come up. */
const lifetimeOf = (id: number): number => (id % 5 === 0 ? 0 : ttlMs);
const weightOf = (id: number): number => (id % 7 === 0 ? maxWeight + 1 : 1 + (id % 4));
const negativeLifetimeOf = (id: number): number => (id % 2 === 0 ? negativeTtlMs : 0);

interface Settings {
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  readonly whenAbandoned: 'abort' | 'finish';
}

interface ModelEntry {
  readonly key: string;
  readonly ok: boolean;
  readonly id: number;
  readonly storedAt: number;
  readonly freshUntil: number;
}

interface ModelFlight {
  readonly id: number;
  readonly key: string;
  readonly isRefresh: boolean;
  waiters: ModelCall[];
  isOver: boolean;
  /** A newer flight of the key may begin beside it, and what it brings is not kept. */
  isForgotten: boolean;
  isAborted: boolean;
}

interface ModelCall {
  readonly controller: AbortController;
  readonly deadline: number;
  readonly settlements: string[];
  expected: string | undefined;
}

/** What the real cache has begun for a flight. */
interface RealFlight {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly ends: PromiseWithResolvers<number>;
}

function inShort(error: unknown): string {
  return isTimeoutError(error) ? 'TIMEOUT' : String(error);
}

/** A cache as lists that are searched from end to end, and the real one beside it. */
class World {
  readonly clock: VirtualClock = virtualClock();
  private readonly settings: Settings;
  private readonly real: Cache<number>;
  private readonly realFlights: RealFlight[] = [];
  private readonly heard: string[] = [];
  private readonly expectedEvents: string[] = [];
  private readonly calls: ModelCall[] = [];
  private readonly flights: ModelFlight[] = [];
  /** In the order of use. */
  private entries: ModelEntry[] = [];

  constructor(settings: Settings) {
    this.settings = settings;
    this.real = cache<number>({
      key: (context) => context.get(keyOf),
      ttlMs: lifetimeOf,
      negativeTtlMs: (error) => negativeLifetimeOf(error as number),
      maxEntries,
      maxWeight,
      weightOf,
      clock: this.clock,
      ...settings,
    });
    for (const name of ['evicted', 'abandoned', 'refreshed', 'refresh-failed'] as const) {
      this.real.on(name, (event: PolicyEvent & { key: string }) => {
        this.heard.push(`${event.event} ${event.key}`);
      });
    }
  }

  // --- Calls ---------------------------------------------------------------------------------------

  call(index: number, deadlineMs: number | undefined): void {
    const key = keys[index] as string;
    const controller = new AbortController();
    const deadline = deadlineMs === undefined ? Infinity : this.clock.now() + deadlineMs;
    const call: ModelCall = { controller, deadline, settlements: [], expected: undefined };
    this.calls.push(call);
    this.enterModel(call, key);
    const options = {
      signal: controller.signal,
      properties: [keyOf(key)],
      ...(deadlineMs === undefined ? {} : { deadline }),
    };
    this.real
      .execute(({ signal }) => {
        const ends = Promise.withResolvers<number>();
        this.realFlights.push({ key, signal, ends });
        return ends.promise;
      }, options)
      .then(
        (value) => call.settlements.push(`value ${value}`),
        (error: unknown) => call.settlements.push(inShort(error)),
      );
  }

  private enterModel(call: ModelCall, key: string): void {
    const now = this.clock.now();
    const entry = this.find(key);
    const { staleWhileRevalidateMs, staleIfErrorMs } = this.settings;
    if (entry !== undefined && now < entry.freshUntil) {
      this.touch(entry);
      call.expected = entry.ok ? `value ${entry.id}` : String(entry.id);
      return;
    }
    if (entry?.ok === true && now < entry.freshUntil + staleWhileRevalidateMs) {
      this.touch(entry);
      if (this.current(key) === undefined) this.begin(key, true);
      call.expected = `value ${entry.id}`;
      return;
    }
    if (entry !== undefined && (!entry.ok || now >= entry.freshUntil + staleIfErrorMs)) {
      this.remove(key);
    }
    (this.current(key) ?? this.begin(key, false)).waiters.push(call);
  }

  private begin(key: string, isRefresh: boolean): ModelFlight {
    const flight: ModelFlight = {
      id: this.flights.length,
      key,
      isRefresh,
      waiters: [],
      isOver: false,
      isForgotten: false,
      isAborted: false,
    };
    this.flights.push(flight);
    return flight;
  }

  /** The flight that a call would join. */
  private current(key: string): ModelFlight | undefined {
    return this.flights.find((each) => each.key === key && !each.isOver && !each.isForgotten);
  }

  // --- Entries -------------------------------------------------------------------------------------

  private find(key: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.key === key);
  }

  private remove(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
  }

  private touch(entry: ModelEntry): void {
    this.remove(entry.key);
    this.entries.push(entry);
  }

  private put(entry: ModelEntry): void {
    this.touch(entry);
    const weight = (): number =>
      this.entries.reduce((sum, { ok, id }) => sum + (ok ? weightOf(id) : 0), 0);
    while (this.entries.length > maxEntries || weight() > maxWeight) {
      this.expectedEvents.push(`evicted ${this.entries.shift()?.key}`);
    }
  }

  delete(index: number): void {
    const key = keys[index] as string;
    const flight = this.current(key);
    if (flight !== undefined) flight.isForgotten = true;
    expect(this.real.delete(key)).toBe(this.find(key) !== undefined);
    this.remove(key);
  }

  clear(): void {
    for (const flight of this.flights) flight.isForgotten = true;
    this.entries = [];
    this.real.clear();
  }

  // --- Ends ----------------------------------------------------------------------------------------

  /** Lets an operation end, perhaps of a flight that nobody waits for any more. */
  async settle(index: number, ok: boolean): Promise<void> {
    const open = this.realFlights.flatMap(({ ends }, id) =>
      this.ended.has(id) ? [] : [{ ends, id }],
    );
    const picked = open[index % Math.max(1, open.length)];
    if (picked === undefined) return;
    const { ends, id } = picked;
    this.ended.add(id);
    this.land(this.flights[id] as ModelFlight, ok);
    if (ok) ends.resolve(id);
    else ends.reject(id);
    await this.clock.flush();
  }

  private readonly ended: Set<number> = new Set();

  private land(flight: ModelFlight, ok: boolean): void {
    if (flight.isOver) return;
    flight.isOver = true;
    const answer = flight.isForgotten ? undefined : this.keepOrFallBack(flight, ok);
    for (const call of flight.waiters) {
      call.expected = answer ?? (ok ? `value ${flight.id}` : String(flight.id));
    }
  }

  /** What those who wait get instead of the answer, if anything. */
  private keepOrFallBack({ key, id, isRefresh }: ModelFlight, ok: boolean): string | undefined {
    const now = this.clock.now();
    const former = this.find(key);
    const lifetimeMs = ok ? lifetimeOf(id) : negativeLifetimeOf(id);
    const fits = !ok || weightOf(id) <= maxWeight;
    const isKept = lifetimeMs > 0 && fits;
    if (isKept) this.put({ key, ok, id, storedAt: now, freshUntil: now + lifetimeMs });
    else if (ok) this.remove(key);
    const event = ok || isKept ? 'refreshed' : 'refresh-failed';
    if (isRefresh) this.expectedEvents.push(`${event} ${key}`);
    if (ok || isKept || former?.ok !== true) return undefined;
    if (now >= former.freshUntil + this.settings.staleIfErrorMs) return undefined;
    this.touch(former);
    return `value ${former.id}`;
  }

  abort(index: number): void {
    const present = this.calls.filter((each) => each.expected === undefined);
    const call = present[index % Math.max(1, present.length)];
    if (call === undefined) return;
    this.leave(call, 'aborted');
    call.controller.abort('aborted');
  }

  private leave(call: ModelCall, expected: string): void {
    call.expected = expected;
    const flight = this.flights.find(({ waiters }) => waiters.includes(call)) as ModelFlight;
    flight.waiters = flight.waiters.filter((each) => each !== call);
    if (flight.waiters.length > 0 || this.settings.whenAbandoned === 'finish') return;
    flight.isOver = flight.isAborted = true;
    this.expectedEvents.push(`abandoned ${flight.key}`);
  }

  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.now() < until) {
      const waiting = this.calls.filter((each) => each.expected === undefined);
      const next = Math.min(until, ...waiting.map(({ deadline }) => deadline));
      for (const call of waiting) if (call.deadline <= next) this.leave(call, 'TIMEOUT');
      await this.clock.advanceTo(next);
    }
  }

  // --- Comparison ----------------------------------------------------------------------------------

  async check(): Promise<void> {
    await this.clock.flush();
    const [real, model] = [this.realFlights, this.flights];
    expect(real.map(({ key }) => key)).toEqual(model.map(({ key }) => key));
    expect(real.map(({ signal }) => signal.aborted)).toEqual(model.map((each) => each.isAborted));
    expect(this.real.size).toBe(this.entries.length);
    for (const key of keys) expect(this.real.peek(key)).toEqual(this.peek(key));
    expect(this.heard.toSorted()).toEqual(this.expectedEvents.toSorted());
    for (const { settlements, expected } of this.calls) {
      expect(settlements).toEqual(expected === undefined ? [] : [expected]);
    }
  }

  private peek(key: string): CachedOutcome | undefined {
    const entry = this.find(key);
    if (entry === undefined) return undefined;
    const now = this.clock.now();
    const age = { ageMs: now - entry.storedAt, isFresh: now < entry.freshUntil };
    return entry.ok
      ? { ok: true, value: entry.id, ...age }
      : { ok: false, error: entry.id, ...age };
  }

  /** Lets everything come to its end; nothing may be left. */
  async finish(): Promise<void> {
    while (this.ended.size < this.realFlights.length) {
      await this.settle(0, this.ended.size % 2 === 0);
      await this.check();
    }
    expect(this.calls.every(({ settlements }) => settlements.length === 1)).toBe(true);
    const now = this.clock.now();
    await this.clock.runUntilIdle();
    expect(this.clock.now()).toBe(now);
  }
}

const key = fc.nat(keys.length - 1);
const index = fc.nat(20);
const deadline = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('call'), key, deadline) },
  { weight: 6, arbitrary: fc.tuple(fc.constant('settle'), index, fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('abort'), index) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('advance'), fc.integer({ min: 1, max: 25 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('delete'), key) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('clear')) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Returns a promise only if the step takes time: those that do not follow one another at once. */
function play(world: World, [name, ...args]: Step): void | Promise<void> {
  const method = world[name as 'advance'] as (...args: unknown[]) => void | Promise<void>;
  return method.apply(world, args);
}

const history = fc.record({
  settings: fc.record({
    staleWhileRevalidateMs: fc.constantFrom(0, 15, Infinity),
    staleIfErrorMs: fc.constantFrom(0, 5, 40),
    whenAbandoned: fc.constantFrom('abort' as const, 'finish' as const),
  }),
  steps: fc.array(step, { maxLength: 60 }),
  checksEachStep: fc.boolean(),
});

test('a cache does what a naive model of it does, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ settings, steps, checksEachStep }) => {
      const world = new World(settings);
      for (const each of steps) {
        const takesTime = play(world, each);
        if (takesTime !== undefined) await takesTime;
        if (checksEachStep) await world.check();
      }
      await world.check();
      await world.finish();
    }),
    { numRuns: 500, seed: 20_261_124 },
  );
});
