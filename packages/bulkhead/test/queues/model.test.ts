import {
  aimd,
  type Bulkhead,
  bulkhead,
  fairQueue,
  fifoQueue,
  priorityQueue,
  type QueueOrder,
} from '@holdfast/bulkhead';
import { contextKey } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelCall, ModelFair, ModelFifo, ModelPriority, type ModelQueue } from './model.ts';

interface Traits {
  readonly weight: number;
  readonly urgency: number;
  readonly key: string;
  readonly share: number;
}

interface Call extends ModelCall {
  readonly controller: AbortController;
  readonly ends: PromiseWithResolvers<string>;
  place: 'running' | 'called' | 'queued' | 'gone';
  readonly expiresAt: number;
  readonly settlements: string[];
  expected: string | undefined;
}

const maxQueueMs = 50;
const ageAfterMs = 10;
const maxQueuedPerKey = 3;
const slowMs = 10;
const maxLimit = 6;
const traits = contextKey<Traits>('traits');

const priority = (context: { get: (key: typeof traits) => Traits | undefined }): number =>
  context.get(traits)?.urgency ?? 0;
const key = (context: { get: (key: typeof traits) => Traits | undefined }): string =>
  context.get(traits)?.key ?? '';
const share = (context: { get: (key: typeof traits) => Traits | undefined }): number =>
  context.get(traits)?.share ?? 1;
const weight = (context: { get: (key: typeof traits) => Traits | undefined }): number =>
  context.get(traits)?.weight ?? 1;

const fifo = (): ModelQueue => new ModelFifo();
const byPriority = (inner = fifo): ModelQueue => new ModelPriority(ageAfterMs, inner);
const fair = (inner = fifo): ModelQueue => new ModelFair(maxQueuedPerKey, inner);

const orders: Readonly<Record<string, readonly [QueueOrder, () => ModelQueue]>> = {
  'of fifoQueue': [fifoQueue({ weight }), fifo],
  'of priorityQueue': [priorityQueue({ priority, ageAfterMs, weight }), byPriority],
  'of fairQueue': [fairQueue({ key, share, maxQueuedPerKey, weight }), fair],
  'that is fair within a class': [
    priorityQueue({
      priority,
      ageAfterMs,
      weight,
      within: fairQueue({ key, share, maxQueuedPerKey }),
    }),
    () => byPriority(fair),
  ],
  'by priority within a key': [
    fairQueue({
      key,
      share,
      maxQueuedPerKey,
      weight,
      within: priorityQueue({ priority, ageAfterMs }),
    }),
    () => fair(byPriority),
  ],
};

function inShort(error: unknown): string {
  if (typeof error === 'string') return error;
  const { name, code = name, reason = '' } = error as Error & { code?: string; reason?: string };
  return `${code} ${reason}`.trim();
}

/**
 * A bulkhead with a searched list for a queue, and the real one beside it. Where its limit adapts, the
 * model is told the limit by the events, and knows no more of how it was found.
 */
class World {
  readonly clock: VirtualClock = virtualClock();
  readonly real: Bulkhead;
  private readonly queue: ModelQueue;
  private readonly calls: Call[] = [];
  private readonly expectedStarts: number[] = [];
  private readonly starts: number[] = [];
  private called: Call[] = [];
  private maxConcurrent: number;
  private maxQueued: number;
  private isPaused = false;
  private readonly adapts: boolean;

  constructor(
    order: readonly [QueueOrder, () => ModelQueue],
    limits: readonly [number, number],
    adapts: boolean,
  ) {
    const [places, maxQueued] = limits;
    const [queue, makeModel] = order;
    this.maxConcurrent = places;
    this.maxQueued = maxQueued;
    this.adapts = adapts;
    const limit = aimd({ initialLimit: places, maxLimit, slowMs, backoffRatio: 0.5 });
    const common = { maxQueued, maxQueueMs, queue, clock: this.clock };
    this.real = bulkhead(adapts ? { ...common, limit } : { ...common, maxConcurrent: places });
    this.real.on('limit-changed', ({ from, to }) => {
      expect([from, to]).toEqual([this.maxConcurrent, this.real.maxConcurrent]);
      this.maxConcurrent = to;
    });
    this.queue = makeModel();
  }

  private get active(): number {
    return this.calls
      .filter(({ place }) => place === 'running' || place === 'called')
      .reduce((sum, call) => sum + call.weight, 0);
  }

  private fits(call: ModelCall): boolean {
    if (this.isPaused) return false;
    return this.active + call.weight <= this.maxConcurrent || this.active === 0;
  }

  execute(its: Traits): void {
    const now = this.clock.now();
    const call: Call = {
      ...its,
      id: this.calls.length,
      since: now,
      controller: new AbortController(),
      ends: Promise.withResolvers<string>(),
      place: 'gone',
      expiresAt: now + maxQueueMs,
      settlements: [],
      expected: undefined,
    };
    this.calls.push(call);
    if (its.weight > (this.adapts ? maxLimit : this.maxConcurrent)) call.expected = 'RangeError';
    else if (this.queue.calls.length === 0 && this.fits(call)) this.startModel(call);
    else this.line(call, now);
    this.startReal(call, its);
  }

  private line(call: Call, now: number): void {
    const isKeyFull = this.queue.isFullFor(call);
    if (isKeyFull || this.queue.calls.length >= this.maxQueued) {
      const victim = this.queue.victim(call, now) as Call | undefined;
      if (victim === undefined) {
        call.expected = isKeyFull ? 'BULKHEAD_FULL key-full' : 'BULKHEAD_FULL full';
        return;
      }
      this.queue.remove(victim, false);
      victim.place = 'gone';
      victim.expected = 'BULKHEAD_FULL displaced';
    }
    call.place = 'queued';
    this.queue.add(call);
    this.pump();
    if (!this.called.includes(call)) return;
    // Its turn has come before it could be parked: it need not wait for a moment, as the others do.
    this.called = this.called.filter((each) => each !== call);
    this.startModel(call);
  }

  private startReal(call: Call, its: Traits): void {
    const operation = async (): Promise<string> => {
      this.starts.push(call.id);
      return call.ends.promise;
    };
    const { signal } = call.controller;
    this.real.execute(operation, { signal, properties: [traits(its)] }).then(
      (value) => call.settlements.push(value),
      (error: unknown) => call.settlements.push(inShort(error)),
    );
  }

  private startModel(call: Call): void {
    call.place = 'running';
    this.expectedStarts.push(call.id);
  }

  private pump(): void {
    // A fair queue gives the credit of a turn when somebody asks it: only when there is a place.
    while (!this.isPaused && this.active < this.maxConcurrent) {
      const call = this.queue.next(this.clock.now()) as Call | undefined;
      if (call === undefined || !this.fits(call)) return;
      this.queue.remove(call, true);
      call.place = 'called';
      this.called.push(call);
    }
  }

  /** Calls that have got their place start a moment later, and may be given up until then. */
  private async flush(): Promise<void> {
    for (const call of this.called) if (call.place === 'called') this.startModel(call);
    this.called = [];
    await this.clock.flush();
  }

  async settle(index: number): Promise<void> {
    await this.flush();
    const running = this.calls.filter(({ place }) => place === 'running');
    const call = running[index % running.length];
    if (call === undefined) return;
    call.expected = 'value';
    call.ends.resolve('value');
    call.place = 'gone';
    // The limit may change by it, before anybody gets the place.
    await this.clock.flush();
    this.pump();
    await this.flush();
  }

  abort(index: number): void {
    const waiting = this.calls.filter(({ place }) => place === 'called' || place === 'queued');
    const call = waiting[index % waiting.length];
    if (call === undefined) return;
    call.controller.abort('aborted');
    this.leave(call, 'aborted');
  }

  private leave(call: Call, expected: string): void {
    if (call.place === 'queued') this.queue.remove(call, false);
    call.place = 'gone';
    call.expected = expected;
    this.pump();
  }

  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.now() < until) {
      await this.flush();
      const dues = this.calls.filter(({ place }) => place === 'queued');
      const now = Math.min(until, ...dues.map(({ expiresAt }) => expiresAt));
      await this.clock.advanceTo(now);
      for (const call of dues) {
        if (call.place === 'queued' && call.expiresAt <= now) {
          this.leave(call, 'BULKHEAD_FULL queue-timeout');
        }
      }
    }
  }

  resize(maxConcurrent: number, maxQueued: number): void {
    // The event comes when the calls that find room have their places already.
    if (!this.adapts) this.maxConcurrent = maxConcurrent;
    this.real.resize({ maxConcurrent, maxQueued });
    this.maxQueued = maxQueued;
    this.pump();
  }

  togglePause(): void {
    if (this.isPaused) this.real.resume();
    else this.real.pause();
    this.isPaused = !this.isPaused;
    this.pump();
  }

  async check(): Promise<void> {
    const places = [this.active, this.queue.calls.length];
    expect([this.real.active, this.real.queued]).toEqual(places);
    await this.flush();
    expect([this.real.active, this.real.queued]).toEqual(places);
    expect(this.starts).toEqual(this.expectedStarts);
    for (const call of this.calls) {
      expect(call.settlements).toEqual(call.expected === undefined ? [] : [call.expected]);
    }
  }

  /** Lets everything come to its end; nothing may be left. */
  async finish(): Promise<void> {
    if (this.isPaused) this.togglePause();
    await this.flush();
    while (this.calls.some(({ place }) => place !== 'gone')) await this.settle(0);
    await this.real.drain();
    await this.check();
    expect([this.real.active, this.real.queued]).toEqual([0, 0]);
    await this.clock.runUntilIdle();
    expect(this.calls.every((call) => call.settlements.length === 1)).toBe(true);
  }
}

const index = fc.nat(50);
const callTraits = fc.record({
  weight: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 5 })),
  urgency: fc.nat(7),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  share: fc.constantFrom(1, 1, 2, 3),
});
const step = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.constant('execute'), callTraits) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('settle'), index) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('abort'), index) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('advance'), fc.integer({ min: 1, max: 30 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('resize'), fc.integer({ min: 1, max: 6 }), fc.nat(8)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('togglePause')) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Returns a promise only if the step takes time: those that do not follow one another at once. */
function play(world: World, [name, ...args]: Step): void | Promise<void> {
  const method = world[name as 'advance'] as (...args: unknown[]) => void | Promise<void>;
  return method.apply(world, args);
}

const history = fc.record({
  limits: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(8)),
  steps: fc.array(step, { maxLength: 60 }),
  checksEachStep: fc.boolean(),
});

const cases = Object.entries(orders).flatMap(([name, order]) => [
  { name, order, adapts: false },
  { name: `${name} under an adaptive limit`, order, adapts: true },
]);

for (const { name, order, adapts } of cases) {
  test(`a queue ${name} does what a naive model of it does, whatever happens`, async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ limits, steps, checksEachStep }) => {
        const world = new World(order, limits, adapts);
        for (const each of steps) {
          const takesTime = play(world, each);
          if (takesTime !== undefined) await takesTime;
          if (checksEachStep) await world.check();
        }
        await world.check();
        await world.finish();
      }),
      { numRuns: 500, seed: 20_261_123 },
    );
  });
}
