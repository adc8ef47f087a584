import {
  type AdaptiveLimit,
  aimd,
  type AimdOptions,
  type Bulkhead,
  bulkhead,
  fifoQueue,
  gradient2,
  type LimitChangedEvent,
  priorityQueue,
  vegas,
} from '@holdfast/bulkhead';
import {
  compose,
  contextKey,
  type ExecutionContext,
  type Outcome,
  TimeoutError,
} from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';
import { type Work, work } from '../work.ts';

interface SetUp {
  readonly clock: VirtualClock;
  readonly policy: Bulkhead;
  readonly changes: string[];
  /** Runs as many calls together, each of which takes so long. */
  readonly rounds: (count: number, ms: number, times?: number) => Promise<void>;
}

function setUp(limit: AdaptiveLimit, maxQueued = 0): SetUp {
  const clock = virtualClock();
  const policy = bulkhead({ limit, maxQueued, clock });
  const changes: string[] = [];
  policy.on('limit-changed', ({ from, to, reason }) => changes.push(`${from} ${to} ${reason}`));
  const rounds = async (count: number, ms: number, times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) {
      for (let k = 0; k < count; k++) void policy.outcome(() => sleep(clock, ms));
      await clock.advance(ms);
    }
  };
  return { clock, policy, changes, rounds };
}

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, ms);
  });
}

function untilAborted({ signal }: ExecutionContext): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

const small: AimdOptions = { initialLimit: 4, slowMs: 100, backoffRatio: 0.5 };

describe('an adaptive limit', () => {
  test('is told by maxConcurrent and by describe', () => {
    const policy = bulkhead({ limit: gradient2({ initialLimit: 7, maxLimit: 9 }) });
    expect(policy.maxConcurrent).toBe(7);
    expect(policy.describe().layers[0]?.options).toEqual({
      maxConcurrent: 7,
      maxQueued: 0,
      queue: { order: 'fifo' },
      limit: {
        algorithm: 'gradient2',
        minLimit: 1,
        maxLimit: 9,
        initialLimit: 7,
        windowMs: 1_000,
        minSamples: 10,
        probeEvery: 30,
        tolerance: 1.5,
        queueSize: 4,
        smoothing: 0.2,
        longWindow: 600,
      },
    });
  });

  test('begins with 20, or what is nearest to it', () => {
    const limits = [aimd(), vegas({ minLimit: 30 }), gradient2({ maxLimit: 5 })];
    expect(limits.map((limit) => bulkhead({ limit }).maxConcurrent)).toEqual([20, 30, 5]);
  });

  test('belongs to one bulkhead, also if several were made from the same object', async () => {
    const limit = aimd(small);
    const { policy, rounds } = setUp(limit);
    const other = bulkhead({ limit });
    await rounds(4, 200);
    expect([policy.maxConcurrent, other.maxConcurrent]).toEqual([2, 4]);
  });

  test('cuts nobody when it falls, and lets nobody in until there is room', async () => {
    const { clock, policy } = setUp(aimd(small), 10);
    const works = Array.from({ length: 6 }, () => work());
    for (const { operation } of works) void policy.outcome(operation);
    await clock.advance(200);
    works[0]?.resolve();
    await clock.flush();
    expect([policy.maxConcurrent, policy.active, policy.queued]).toEqual([2, 3, 2]);
    works[1]?.resolve();
    await clock.flush();
    expect([policy.active, policy.queued]).toEqual([2, 2]);
    works[2]?.resolve();
    await clock.flush();
    expect([policy.active, policy.queued, works[4]?.isStarted]).toEqual([2, 1, true]);
  });

  test('starts those who wait at once when it rises', async () => {
    const { clock, policy } = setUp(aimd({ initialLimit: 1 }), 10);
    const works = Array.from({ length: 4 }, () => work());
    for (const { operation } of works) void policy.outcome(operation);
    works[0]?.resolve();
    await clock.flush();
    expect([policy.maxConcurrent, policy.active, policy.queued]).toEqual([2, 2, 1]);
  });

  test('tells each change to those who listen', async () => {
    const { policy, rounds, changes } = setUp(aimd(small));
    const events: LimitChangedEvent[] = [];
    policy.on('limit-changed', (event) => events.push(event));
    await rounds(4, 10);
    await rounds(4, 100);
    policy.resize({ maxConcurrent: 9 });
    expect(changes).toEqual(['4 2 adapted', '2 9 resized']);
    expect(events.at(-1)).toEqual({
      kind: 'bulkhead',
      event: 'limit-changed',
      policy: 'bulkhead',
      active: 0,
      queued: 0,
      from: 2,
      to: 9,
      reason: 'resized',
    });
  });

  test('goes on from the places that resize gives', async () => {
    const { policy, rounds } = setUp(aimd({ ...small, maxLimit: 20 }));
    policy.resize({ maxConcurrent: 10, maxQueued: 3 });
    await rounds(10, 10, 2);
    expect([policy.maxConcurrent, policy.maxQueued]).toEqual([11, 3]);
    for (const maxConcurrent of [0, 21, Number.POSITIVE_INFINITY]) {
      expect(() => policy.resize({ maxConcurrent })).toThrow(RangeError);
    }
    expect(policy.maxConcurrent).toBe(11);
    policy.resize({ maxQueued: 0 });
    expect([policy.maxConcurrent, policy.maxQueued]).toEqual([11, 0]);
  });

  test('lets a heavy call run alone while it is below its weight', async () => {
    const size = contextKey<number>('size');
    const clock = virtualClock();
    const queue = fifoQueue({ weight: (context) => context.get(size) ?? 1 });
    const limit = aimd({ initialLimit: 4, maxLimit: 10 });
    const policy = bulkhead({ limit, queue, maxQueued: 5, clock });
    const heavy = work();
    void policy.outcome(heavy.operation, { properties: [size(10)] });
    const light = work();
    void policy.outcome(light.operation);
    expect([policy.active, heavy.isStarted, light.isStarted]).toEqual([10, true, false]);
    heavy.resolve();
    await clock.flush();
    expect([policy.active, light.isStarted]).toEqual([1, true]);
    await expect(policy.execute(() => 1, { properties: [size(11)] })).rejects.toThrow(
      'Expected `weight` to be at most maxLimit (10), got 11.',
    );
  });

  test('keeps the order of a queue by priority', async () => {
    const urgency = contextKey<number>('urgency');
    const clock = virtualClock();
    const queue = priorityQueue({ priority: (context) => context.get(urgency) });
    const policy = bulkhead({ limit: aimd({ initialLimit: 1 }), queue, maxQueued: 9, clock });
    const started: number[] = [];
    const first = work();
    void policy.outcome(first.operation);
    for (const each of [5, 1, 3]) {
      void policy.outcome(() => started.push(each) && new Promise(() => {}), {
        properties: [urgency(each)],
      });
    }
    first.resolve();
    await clock.flush();
    expect([started, policy.maxConcurrent]).toEqual([[1, 3], 2]);
  });

  test('survives a pause and a drain', async () => {
    const { clock, policy, rounds } = setUp(aimd({ initialLimit: 1 }), 10);
    policy.pause();
    await rounds(3, 10);
    expect([policy.active, policy.queued]).toEqual([0, 3]);
    const drained = policy.drain();
    await clock.advance(100);
    await drained;
    expect([policy.active, policy.queued]).toEqual([0, 0]);
  });

  test('does not measure places that are held by hand', async () => {
    const { clock, policy, changes } = setUp(aimd(small));
    const permit = policy.tryAcquire();
    await clock.advance(1_000);
    permit?.release();
    expect([changes, policy.active]).toEqual([[], 0]);
  });
});

describe('the latency that an adaptive limit goes by', () => {
  test('lasts until the work has ended, and not only until the answer', async () => {
    const { clock, policy } = setUp(aimd(small));
    const body = Promise.withResolvers<void>();
    const answer = policy.execute((context) => {
      context.waitUntil(body.promise);
      return 'answer';
    });
    expect(await answer).toBe('answer');
    await clock.advance(200);
    expect(policy.maxConcurrent).toBe(4);
    body.resolve();
    await clock.flush();
    expect(policy.maxConcurrent).toBe(2);
  });

  test('does not begin before the call has its place', async () => {
    const { clock, policy } = setUp(aimd({ ...small, initialLimit: 1 }), 10);
    const first = work();
    void policy.outcome(first.operation);
    const second = policy.outcome(() => sleep(clock, 50));
    await clock.advance(90);
    first.resolve();
    await clock.advance(50);
    expect([(await second).ok, policy.maxConcurrent]).toEqual([true, 2]);
  });

  test('of calls that fail does not count', async () => {
    const { policy, changes } = setUp(aimd(small));
    for (let i = 0; i < 50; i++) await policy.outcome(() => Promise.reject(new Error('refused')));
    expect(changes).toEqual([]);
  });

  test('is above 0 also where nothing takes any time', async () => {
    for (const limit of [vegas({ windowMs: 1 }), gradient2({ windowMs: 1 })]) {
      const { clock, policy, rounds } = setUp(limit);
      for (let i = 0; i < 20; i++) {
        await rounds(policy.maxConcurrent, 0);
        await clock.advance(1);
      }
      expect(policy.maxConcurrent).toBeGreaterThan(20);
    }
  });
});

/** Lets a call end, and tells the limit after it, which was 4. */
async function limitAfter(
  end: (its: SetUp, slow: Work) => Promise<unknown> | undefined,
  isDrop?: AimdOptions['isDrop'],
): Promise<number> {
  const its = setUp(aimd({ ...small, isDrop }));
  const slow = work();
  const call = its.policy.outcome(slow.operation);
  await end(its, slow);
  await call;
  await its.clock.flush();
  return its.policy.maxConcurrent;
}

describe('a drop', () => {
  test('is a timeout inside, or a rejection of a policy inside', async () => {
    const late = new TimeoutError('late', { timeoutMs: 5, started: true });
    const full = bulkhead({ maxConcurrent: 1 });
    full.tryAcquire();
    const rejection = (await full.outcome(() => 1)) as { readonly error: unknown };
    const limits = [late, rejection.error, new Error('other')].map((error) =>
      limitAfter((_, slow) => {
        slow.reject(error);
        return undefined;
      }),
    );
    expect(await Promise.all(limits)).toEqual([2, 2, 4]);
  });

  test('is what isDrop says', async () => {
    const overloaded = (outcome: Outcome<unknown>): boolean | 'ignore' => {
      if (outcome.ok) return outcome.value === 503;
      return outcome.error === 'odd' ? 'ignore' : outcome.error === 'busy';
    };
    const answers = ['busy', 'odd'].map((error) =>
      limitAfter((_, slow) => {
        slow.reject(error);
        return undefined;
      }, overloaded),
    );
    expect(await Promise.all(answers)).toEqual([2, 4]);
    const { policy } = setUp(aimd({ ...small, isDrop: overloaded }));
    await policy.execute(() => 503);
    expect(policy.maxConcurrent).toBe(2);
  });

  test('is not what makes isDrop throw: the call gets that error and gives its place back', async () => {
    for (const [isDrop, message] of [
      [
        () => {
          throw new Error('mistake');
        },
        'mistake',
      ],
      [
        () => undefined as never,
        "Expected `isDrop` to return true, false or 'ignore', got undefined.",
      ],
      [
        async () => true as never,
        "Expected `isDrop` to return true, false or 'ignore', got a promise.",
      ],
    ] as const) {
      const { policy } = setUp(aimd({ ...small, isDrop: isDrop as never }));
      await expect(policy.execute(() => 1)).rejects.toThrow(message);
      expect([policy.active, policy.maxConcurrent]).toEqual([0, 4]);
    }
  });

  test('is a timeout outside, as soon as it strikes', async () => {
    const { clock, policy } = setUp(aimd({ initialLimit: 4, backoffRatio: 0.5 }));
    const pipeline = compose(timeout({ afterMs: 50, clock }), policy);
    const slow = work();
    const call = pipeline.outcome(slow.operation);
    await clock.advance(50);
    expect([(await call).ok, policy.active, policy.maxConcurrent]).toEqual([false, 1, 2]);
    slow.resolve();
    await clock.flush();
    expect([policy.active, policy.maxConcurrent]).toEqual([0, 2]);
  });

  test('that was a timeout outside is no sample when the work has ended at last', async () => {
    const { clock, policy } = setUp(aimd({ initialLimit: 2, backoffRatio: 0.5 }));
    const pipeline = compose(timeout({ afterMs: 50, clock }), policy);
    const slow = work();
    void pipeline.outcome(slow.operation);
    await clock.advance(60);
    slow.resolve();
    await clock.flush();
    expect([policy.active, policy.maxConcurrent]).toEqual([0, 1]);
  });

  test('is not a timeout that struck because the call had waited here for so long', async () => {
    const { clock, policy } = setUp(aimd({ initialLimit: 1, slowMs: 1_000 }), 10);
    const pipeline = compose(timeout({ afterMs: 50, clock }), policy);
    const first = work();
    void policy.outcome(first.operation);
    const call = pipeline.outcome(() => new Promise(() => {}));
    await clock.advance(40);
    first.resolve();
    await clock.advance(10);
    expect([(await call).ok, policy.maxConcurrent]).toEqual([false, 2]);
  });

  test('is not a call that its caller has given up', async () => {
    const { clock, policy } = setUp(aimd(small));
    for (const pipeline of [policy, compose(timeout({ clock }), policy)]) {
      const controller = new AbortController();
      const slow = work();
      const call = pipeline.outcome(slow.operation, { signal: controller.signal });
      await clock.advance(200);
      controller.abort('enough');
      slow.reject('enough');
      expect((await call).ok).toBe(false);
      await clock.flush();
      expect([policy.active, policy.maxConcurrent]).toEqual([0, 4]);
    }
  });

  test('is not a call that was slow to end when its caller had given up, whatever isDrop says', async () => {
    const { clock, policy } = setUp(aimd({ ...small, isDrop: () => true }));
    const controller = new AbortController();
    const slow = work();
    const call = policy.outcome(slow.operation, { signal: controller.signal });
    controller.abort('enough');
    await clock.advance(200);
    slow.resolve();
    expect(await call).toEqual({ ok: true, value: 'done' });
    expect(policy.maxConcurrent).toBe(4);
  });

  test('lowers a limit by AIMD once for all calls that had started by then', async () => {
    const { policy, rounds } = setUp(aimd({ initialLimit: 40, backoffRatio: 0.5, slowMs: 100 }));
    await rounds(40, 100);
    expect(policy.maxConcurrent).toBe(20);
    await rounds(20, 100);
    expect(policy.maxConcurrent).toBe(10);
  });

  test('lowers a limit by latency in proportion to the part of such calls', async () => {
    for (const make of [gradient2, vegas]) {
      const limit = make({
        initialLimit: 100,
        minSamples: 100,
        windowMs: 100,
        isDrop: ({ ok }) => !ok,
      });
      const { clock, policy } = setUp(limit);
      for (let i = 0; i < 100; i++) {
        const drops = i < 20;
        void policy.outcome(() =>
          sleep(clock, drops ? 99 : 200).then(() => (drops ? Promise.reject(new Error()) : 1)),
        );
      }
      await clock.advance(200);
      // What the latency alone would make of it, less a tenth.
      expect(policy.maxConcurrent).toBe(make === vegas ? 100 : 90);
    }
  });

  test('of every call in a window halves a limit by latency', async () => {
    const { clock, policy } = setUp(gradient2({ initialLimit: 60, windowMs: 100 }));
    const pipeline = compose(timeout({ afterMs: 200, clock }), policy);
    for (let i = 0; i < 60; i++) {
      if (i === 30) await clock.advance(100);
      void pipeline.outcome(() => new Promise(() => {}));
    }
    await clock.advance(200);
    expect([policy.maxConcurrent, policy.active]).toEqual([30, 60]);
  });
});

describe('a limit that is not used', () => {
  for (const limit of [aimd(), vegas({ windowMs: 50 }), gradient2({ windowMs: 50 })]) {
    test(`does not rise (${limit.algorithm})`, async () => {
      const { policy, rounds, changes } = setUp(limit);
      await rounds(9, 10, 200);
      expect([policy.maxConcurrent, changes]).toEqual([20, []]);
    });

    test(`rises once half of it is used (${limit.algorithm})`, async () => {
      const { policy, rounds } = setUp(limit);
      let highest = 0;
      policy.on('limit-changed', ({ to }) => {
        highest = Math.max(highest, to);
      });
      await rounds(20, 10, 20);
      expect(highest).toBeGreaterThan(20);
    });
  }
});

describe('the long average of gradient2', () => {
  const limit = gradient2({ windowMs: 1, queueSize: 0, probeEvery: Number.POSITIVE_INFINITY });

  test('comes down soon when the latency has', async () => {
    const { policy, rounds } = setUp(limit);
    await rounds(20, 300, 12);
    await rounds(20, 100, 30);
    expect(policy.maxConcurrent).toBe(20);
    await rounds(20, 320, 2);
    expect(policy.maxConcurrent).toBe(19);
  });

  test('shrinks the limit by no more than a tenth with one window', async () => {
    const { policy, rounds } = setUp(limit);
    await rounds(20, 100, 12);
    await rounds(20, 5_000);
    expect(policy.maxConcurrent).toBe(18);
  });
});

describe('a probe', () => {
  test('is not needed where half the limit was not used: what the calls measured is taken', async () => {
    const its = setUp(vegas({ windowMs: 1, minSamples: 5, probeEvery: 4, random: () => 0 }));
    await its.rounds(5, 100, 8);
    await its.rounds(5, 300, 8);
    expect(its.changes).toEqual([]);
    await its.rounds(20, 300, 2);
    expect(its.policy.maxConcurrent).toBeGreaterThan(20);
  });

  const limit = gradient2({ initialLimit: 40, windowMs: 10, probeEvery: 1, random: () => 0 });

  test('halves the limit until its calls have ended', async () => {
    const { policy, rounds, changes } = setUp(limit);
    await rounds(40, 10, 3);
    expect([policy.maxConcurrent, changes]).toEqual([18, ['40 18 probe']]);
    await rounds(20, 10);
    expect(changes).toEqual(['40 18 probe', '18 40 adapted']);
  });

  test('does not wait for a straggler for ever', async () => {
    const { clock, policy, rounds } = setUp(limit);
    await rounds(40, 10, 2);
    const straggler = work();
    void policy.outcome(straggler.operation);
    await rounds(17, 10, 3);
    expect(policy.maxConcurrent).toBe(18);
    await rounds(17, 10);
    expect(policy.maxConcurrent).toBe(40);
    straggler.resolve();
    await clock.flush();
    expect(policy.active).toBe(0);
  });

  test('ends when its calls are given up or dropped', async () => {
    const { clock, policy, rounds } = setUp(limit);
    const pipeline = compose(timeout({ afterMs: 50, clock }), policy);
    await rounds(40, 10, 2);
    const controller = new AbortController();
    for (let i = 0; i < 18; i++) {
      void pipeline.outcome(untilAborted, i < 10 ? {} : { signal: controller.signal });
    }
    controller.abort('enough');
    await clock.advance(50);
    expect([policy.active, policy.maxConcurrent]).toEqual([0, 18]);
    await rounds(3, 10);
    expect(policy.maxConcurrent).toBe(40);
  });

  test('is forgotten when somebody sets the limit', async () => {
    const { policy, rounds, changes } = setUp(limit);
    await rounds(40, 10, 2);
    policy.resize({ maxConcurrent: 30 });
    await rounds(20, 10);
    expect(changes).toEqual(['40 18 probe', '18 30 resized']);
  });
});

describe('the options of an adaptive limit', () => {
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['minLimit', () => aimd({ minLimit: 0 })],
    ['maxLimit', () => aimd({ maxLimit: Number.POSITIVE_INFINITY })],
    ['maxLimit', () => vegas({ minLimit: 10, maxLimit: 9 })],
    ['initialLimit', () => aimd({ initialLimit: 201 })],
    ['initialLimit', () => aimd({ initialLimit: 1.5 })],
    ['isDrop', () => aimd({ isDrop: true as never })],
    ['backoffRatio', () => aimd({ backoffRatio: 1 })],
    ['slowMs', () => aimd({ slowMs: 0 })],
    ['windowMs', () => gradient2({ windowMs: Number.NaN })],
    ['minSamples', () => gradient2({ minSamples: 0 })],
    ['probeEvery', () => vegas({ probeEvery: 0.5 })],
    ['random', () => vegas({ random: 5 as never })],
    ['tolerance', () => gradient2({ tolerance: 0.9 })],
    ['queueSize', () => gradient2({ queueSize: -1 })],
    ['smoothing', () => gradient2({ smoothing: 0 })],
    ['longWindow', () => gradient2({ longWindow: 0 })],
    ['alpha', () => vegas({ alpha: -1 })],
    ['beta', () => vegas({ alpha: 4, beta: 3 })],
    ['slowMs', () => vegas({ slowMs: 5 } as never)],
    ['alpha', () => gradient2({ alpha: 5 } as never)],
    ['limit', () => bulkhead({ limit: {} as never })],
    ['limit', () => bulkhead({ limit: null as never })],
    ['maxConcurrent', () => bulkhead({ limit: aimd(), maxConcurrent: 5 })],
  ];
  test.each(wrong)('name %s when it cannot be used', (name, make) => {
    expect(make).toThrow(new RegExp(`\`${name}\``));
  });
});
