import {
  type AdaptiveLimit,
  type AdaptiveLimitOptions,
  aimd,
  type Bulkhead,
  bulkhead,
  fairQueue,
  fifoQueue,
  gradient2,
  priorityQueue,
  type QueueOrder,
  vegas,
} from '@holdfast/bulkhead';
import { compose, contextKey, type Policy } from '@holdfast/policy';
import { seededRandom, type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const minLimit = 2;
const maxLimit = 8;
const maxQueueMs = 60;
const timeoutMs = 40;

const weight = contextKey<number>('weight');
const weighed = { weight: (context: Parameters<typeof weightOf>[0]): number => weightOf(context) };
function weightOf(context: { get(key: typeof weight): number | undefined }): number {
  return context.get(weight) ?? 1;
}

const limits: Readonly<Record<string, (common: AdaptiveLimitOptions) => AdaptiveLimit>> = {
  aimd: (common) => aimd({ ...common, slowMs: 15, backoffRatio: 0.5 }),
  gradient2: (common) => gradient2({ ...common, ...quick() }),
  vegas: (common) => vegas({ ...common, ...quick() }),
};

/** Windows and probes come often enough to meet everything else. */
function quick(): object {
  return { windowMs: 5, minSamples: 1, probeEvery: 2, random: seededRandom(1) };
}

const orders: Readonly<Record<string, QueueOrder | undefined>> = {
  none: undefined,
  fifo: fifoQueue(weighed),
  priority: priorityQueue({ priority: (context) => weightOf(context), ageAfterMs: 10, ...weighed }),
  fair: fairQueue({ key: (context) => `${weightOf(context)}`, ...weighed }),
};

interface Call {
  readonly weight: number;
  readonly controller: AbortController;
  readonly ends: PromiseWithResolvers<void>;
  isRunning: boolean;
  settled: number;
}

/** What holds of every adaptive limit, whatever it finds. */
class World {
  readonly clock: VirtualClock = virtualClock();
  readonly policy: Bulkhead;
  private readonly cuttable: Policy;
  private readonly calls: Call[] = [];
  private limit: number;
  /** The highest limit since the last check. */
  private highest: number;
  private isPaused = false;

  constructor(limit: AdaptiveLimit, queue: QueueOrder | undefined) {
    this.policy = bulkhead({ limit, queue, maxQueued: 6, maxQueueMs, clock: this.clock });
    this.cuttable = compose(timeout({ afterMs: timeoutMs, clock: this.clock }), this.policy);
    this.limit = this.highest = this.policy.maxConcurrent;
    this.policy.on('limit-changed', ({ from, to, active, queued }) => {
      expect([from, to, active, queued]).toEqual([
        this.limit,
        this.policy.maxConcurrent,
        this.policy.active,
        this.policy.queued,
      ]);
      this.limit = to;
      this.highest = Math.max(this.highest, to);
    });
  }

  execute(isCuttable: boolean, its: number): void {
    const controller = new AbortController();
    const call: Call = {
      weight: its,
      controller,
      ends: Promise.withResolvers(),
      isRunning: false,
      settled: 0,
    };
    const operation = (): Promise<void> => {
      call.isRunning = true;
      // Whoever got a place found room for it then, unless it is heavy and runs alone.
      const isAlone = this.calls.every((each) => !each.isRunning || each === call);
      if (!isAlone) expect(this.policy.active).toBeLessThanOrEqual(this.highest);
      return call.ends.promise;
    };
    this.calls.push(call);
    const options = { signal: controller.signal, properties: [weight(its)] };
    (isCuttable ? this.cuttable : this.policy).outcome(operation, options).then(() => {
      call.settled++;
    });
  }

  async settle(index: number, ok: boolean): Promise<void> {
    await this.clock.flush();
    const running = this.calls.filter(({ isRunning }) => isRunning);
    const call = running[index % running.length];
    if (call === undefined) return;
    call.isRunning = false;
    if (ok) call.ends.resolve();
    else call.ends.reject(new Error('failed'));
    await this.clock.flush();
  }

  abort(index: number): void {
    this.calls[index % this.calls.length]?.controller.abort('enough');
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  resize(places: number): void {
    this.policy.resize({ maxConcurrent: places });
  }

  togglePause(): void {
    if (this.isPaused) this.policy.resume();
    else this.policy.pause();
    this.isPaused = !this.isPaused;
  }

  async check(): Promise<void> {
    await this.clock.flush();
    const { active, queued, maxConcurrent } = this.policy;
    this.highest = maxConcurrent;
    expect(maxConcurrent).toBe(this.limit);
    expect(maxConcurrent).toBe(Math.floor(maxConcurrent));
    expect(maxConcurrent).toBeGreaterThanOrEqual(minLimit);
    expect(maxConcurrent).toBeLessThanOrEqual(maxLimit);
    const running = this.calls.filter(({ isRunning }) => isRunning);
    expect(active).toBe(running.reduce((sum, call) => sum + call.weight, 0));
    // Nobody waits while there are places enough for the heaviest of all.
    if (!this.isPaused && queued > 0) expect(active + 4).toBeGreaterThan(maxConcurrent);
  }

  /** Lets everything come to its end; nothing may be left. */
  async finish(): Promise<void> {
    if (this.isPaused) this.togglePause();
    await this.clock.flush();
    while (this.calls.some(({ isRunning }) => isRunning)) {
      await this.settle(0, true);
      await this.check();
    }
    await this.policy.drain();
    await this.clock.runUntilIdle();
    expect([this.policy.active, this.policy.queued]).toEqual([0, 0]);
    expect(this.calls.every(({ settled }) => settled === 1)).toBe(true);
  }
}

const index = fc.nat(50);
const step = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.tuple(fc.constant('execute'), fc.boolean(), fc.integer({ min: 1, max: 4 })),
  },
  { weight: 12, arbitrary: fc.tuple(fc.constant('settle'), index, fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('abort'), index) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('advance'), fc.integer({ min: 1, max: 25 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant('resize'), fc.integer({ min: minLimit, max: maxLimit })),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('togglePause')) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(world: World, [name, ...args]: Step): void | Promise<void> {
  const method = world[name as 'advance'] as (...args: unknown[]) => void | Promise<void>;
  return method.apply(world, args);
}

const history = fc.record({
  initialLimit: fc.integer({ min: minLimit, max: maxLimit }),
  steps: fc.array(step, { maxLength: 200, size: 'max' }),
  isWeighed: fc.boolean(),
});

const cases = Object.entries(limits).flatMap(([name, limit]) =>
  Object.entries(orders).map(([order, queue]) => ({ name, limit, order, queue })),
);

test.each(cases)(
  'a limit by $name stays in its bounds and loses nobody, whatever happens (queue: $order)',
  async ({ limit, queue }) => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(history, async ({ initialLimit, steps, isWeighed }) => {
        const world = new World(limit({ minLimit, maxLimit, initialLimit }), queue);
        for (const each of steps) {
          const [name, first, second] = each;
          const weighs = isWeighed && queue !== undefined ? (second as number) : 1;
          await play(world, name === 'execute' ? [name, first as boolean, weighs] : each);
          await world.check();
          seen.add(world.policy.maxConcurrent);
        }
        await world.finish();
      }),
      { numRuns: 100, seed: 20_261_124 },
    );
    expect([...seen].toSorted()).toEqual([2, 3, 4, 5, 6, 7, 8]);
  },
);
