import { type Bulkhead, bulkhead } from '@holdfast/bulkhead';
import { compose, type Policy } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** Where a call is, as the naive model sees it. */
type Place = 'running' | 'called' | 'queued' | 'gone';

/** A call in the model, with what the real one did. */
interface Call {
  readonly id: number;
  readonly controller: AbortController;
  readonly ends: PromiseWithResolvers<string>;
  readonly body: PromiseWithResolvers<void> | undefined;
  place: Place;
  /** When an outer timeout stops waiting; Infinity without one. */
  readonly cutAt: number;
  /** When it is turned out of the queue. */
  readonly expiresAt: number;
  operationEnded: boolean;
  bodyEnded: boolean;
  isStarted: boolean;
  settlements: string[];
  expected: string | undefined;
}

const maxQueueMs = 50;
const cutAfterMs = 30;

function inShort(error: unknown): string {
  if (typeof error === 'string') return error;
  const {
    message,
    code = message,
    reason = '',
  } = error as Error & { code?: string; reason?: string };
  return `${code} ${reason}`.trim();
}

/** A bulkhead as lists that are searched from end to end, and the real one beside it. */
class World {
  readonly clock: VirtualClock = virtualClock();
  readonly real: Bulkhead;
  private readonly cuttable: Policy;
  private readonly calls: Call[] = [];
  private readonly expectedStarts: number[] = [];
  private readonly starts: number[] = [];
  private queue: Call[] = [];
  private called: Call[] = [];
  private maxConcurrent: number;
  private maxQueued: number;
  private isPaused = false;
  private isDraining = false;
  private permits: { release(): void }[] = [];

  constructor(maxConcurrent: number, maxQueued: number) {
    this.maxConcurrent = maxConcurrent;
    this.maxQueued = maxQueued;
    this.real = bulkhead({ maxConcurrent, maxQueued, maxQueueMs, clock: this.clock });
    this.cuttable = compose(timeout({ afterMs: cutAfterMs, clock: this.clock }), this.real);
  }

  private get active(): number {
    return (
      this.calls.filter((call) => call.place === 'running' || call.place === 'called').length +
      this.permits.length
    );
  }

  execute(isCuttable: boolean, hasBody: boolean): void {
    const now = this.clock.now();
    const call: Call = {
      id: this.calls.length,
      controller: new AbortController(),
      ends: Promise.withResolvers<string>(),
      body: hasBody ? Promise.withResolvers<void>() : undefined,
      place: 'gone',
      cutAt: isCuttable ? now + cutAfterMs : Number.POSITIVE_INFINITY,
      expiresAt: now + maxQueueMs,
      operationEnded: false,
      bodyEnded: !hasBody,
      isStarted: false,
      settlements: [],
      expected: undefined,
    };
    this.calls.push(call);
    if (this.isDraining) call.expected = 'BULKHEAD_DRAINING';
    else if (!this.isPaused && this.active < this.maxConcurrent) this.startModel(call);
    else if (this.queue.length < this.maxQueued) {
      call.place = 'queued';
      this.queue.push(call);
    } else call.expected = 'BULKHEAD_FULL full';
    this.startReal(call, isCuttable ? this.cuttable : this.real);
  }

  private startReal(call: Call, policy: Policy): void {
    const operation = async (context: {
      waitUntil(work: Promise<unknown>): void;
    }): Promise<string> => {
      this.starts.push(call.id);
      call.isStarted = true;
      if (call.body !== undefined) context.waitUntil(call.body.promise);
      return call.ends.promise;
    };
    policy.execute(operation, { signal: call.controller.signal }).then(
      (value) => call.settlements.push(value),
      (error: unknown) => call.settlements.push(inShort(error)),
    );
  }

  private startModel(call: Call): void {
    call.place = 'running';
    this.expectedStarts.push(call.id);
  }

  private pump(): void {
    while (!this.isPaused && this.active < this.maxConcurrent) {
      const call = this.queue.shift();
      if (call === undefined) return;
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

  private pick(index: number, of: readonly Call[]): Call | undefined {
    return of.length === 0 ? undefined : of[index % of.length];
  }

  async settle(index: number, ok: boolean): Promise<void> {
    await this.flush();
    const call = this.pick(
      index,
      this.calls.filter((each) => each.place === 'running' && !each.operationEnded),
    );
    if (call === undefined) return;
    call.operationEnded = true;
    const answer = ok ? 'value' : 'failed';
    call.expected ??= answer;
    if (ok) call.ends.resolve('value');
    else call.ends.reject(new Error('failed'));
    await this.endIfDone(call);
  }

  async endBody(index: number): Promise<void> {
    await this.flush();
    const call = this.pick(
      index,
      this.calls.filter((each) => each.place === 'running' && !each.bodyEnded),
    );
    if (call === undefined) return;
    call.bodyEnded = true;
    call.body?.resolve();
    await this.endIfDone(call);
  }

  private async endIfDone(call: Call): Promise<void> {
    if (call.operationEnded && call.bodyEnded) {
      call.place = 'gone';
      this.pump();
    }
    await this.flush();
  }

  abort(index: number): void {
    const present = this.calls.filter((each) => each.place !== 'gone');
    const call = this.pick(index, index % 5 === 0 ? this.calls : present);
    if (call === undefined) return;
    call.controller.abort('aborted');
    this.leaveQueue(call, 'aborted');
    // With a timeout around it nobody waits for the operation; without one the caller does.
    if (call.cutAt !== Number.POSITIVE_INFINITY && call.place === 'running')
      call.expected ??= 'aborted';
  }

  private leaveQueue(call: Call, expected: string): void {
    if (call.place !== 'queued' && call.place !== 'called') return;
    this.queue = this.queue.filter((each) => each !== call);
    call.place = 'gone';
    call.expected = expected;
    this.pump();
  }

  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.now() < until) {
      await this.flush();
      const now = Math.min(until, this.nextDue());
      for (const call of this.calls) {
        if (call.cutAt <= now) {
          this.leaveQueue(call, 'TIMEOUT');
          if (call.place === 'running') call.expected ??= 'TIMEOUT';
        }
        if (call.expiresAt <= now) this.leaveQueue(call, 'BULKHEAD_FULL queue-timeout');
      }
      await this.clock.advanceTo(now);
    }
  }

  private nextDue(): number {
    const dues = this.calls.flatMap(({ cutAt, expiresAt }) => [cutAt, expiresAt]);
    return Math.min(...dues.filter((due) => due > this.clock.now()));
  }

  resize(maxConcurrent: number, maxQueued: number): void {
    this.real.resize({ maxConcurrent, maxQueued });
    this.maxConcurrent = maxConcurrent;
    this.maxQueued = maxQueued;
    this.pump();
  }

  togglePause(): void {
    if (this.isPaused) this.real.resume();
    else this.real.pause();
    this.isPaused = !this.isPaused && !this.isDraining;
    this.pump();
  }

  acquire(): void {
    const permit = this.real.tryAcquire();
    const isExpected = !this.isPaused && !this.isDraining && this.active < this.maxConcurrent;
    expect(permit !== undefined).toBe(isExpected);
    if (permit !== undefined) this.permits.push(permit);
  }

  release(): void {
    const permit = this.permits.pop();
    permit?.release();
    permit?.release();
    this.pump();
  }

  drain(): void {
    void this.real.drain();
    this.isDraining = true;
    this.isPaused = false;
    this.pump();
  }

  async check(): Promise<void> {
    expect([this.real.active, this.real.queued]).toEqual([this.active, this.queue.length]);
    await this.flush();
    expect([this.real.active, this.real.queued]).toEqual([this.active, this.queue.length]);
    expect(this.starts).toEqual(this.expectedStarts);
    for (const call of this.calls) {
      expect(call.settlements).toEqual(call.expected === undefined ? [] : [call.expected]);
    }
  }

  /** Lets everything come to its end; nothing may be left. */
  async finish(): Promise<void> {
    if (this.isPaused) this.togglePause();
    while (this.permits.length > 0) this.release();
    const drained = this.real.drain();
    this.isDraining = true;
    await this.flush();
    while (this.calls.some((call) => call.place === 'running')) {
      await this.settle(0, true);
      await this.endBody(0);
      await this.check();
    }
    await drained;
    await this.check();
    expect([this.real.active, this.real.queued]).toEqual([0, 0]);
    await this.clock.runUntilIdle();
    expect(this.calls.every((call) => call.settlements.length === 1)).toBe(true);
  }
}

const index = fc.nat(50);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('execute'), fc.boolean(), fc.boolean()) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('settle'), index, fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('endBody'), index) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('abort'), index) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('advance'), fc.integer({ min: 1, max: 40 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('resize'), fc.integer({ min: 1, max: 4 }), fc.nat(4)),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('togglePause')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('acquire')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('release')) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Returns a promise only if the step takes time: those that do not follow one another at once. */
function play(world: World, [name, ...args]: Step): void | Promise<void> {
  const method = world[name as 'advance'] as (...args: unknown[]) => void | Promise<void>;
  return method.apply(world, args);
}

const history = fc.record({
  maxConcurrent: fc.integer({ min: 1, max: 3 }),
  maxQueued: fc.nat(4),
  steps: fc.array(step, { maxLength: 40 }),
  drainAfter: fc.nat(60),
  checksEachStep: fc.boolean(),
});

test('a bulkhead does what a naive model of it does, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      async ({ maxConcurrent, maxQueued, steps, drainAfter, checksEachStep }) => {
        const world = new World(maxConcurrent, maxQueued);
        for (const [i, each] of steps.entries()) {
          if (i === drainAfter) world.drain();
          const takesTime = play(world, each);
          if (takesTime !== undefined) await takesTime;
          if (checksEachStep) await world.check();
        }
        await world.check();
        await world.finish();
      },
    ),
    { numRuns: 500, seed: 20_251_122 },
  );
});
