import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead, isBulkheadDrainingError, isBulkheadFullError } from '@holdfast/bulkhead';
import {
  type Clock,
  compose,
  definePolicy,
  isRejectedError,
  isTimeoutError,
} from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { reactions, work } from './work.ts';

/** A clock whose timers are late: they never fire. */
function stuckClock(): { readonly clock: Clock; readonly set: (now: number) => void } {
  let now = 0;
  const timers = virtualClock();
  return {
    clock: { now: () => now, setTimeout: (callback, ms) => timers.setTimeout(callback, ms) },
    set(value) {
      now = value;
    },
  };
}

describe('a bulkhead', () => {
  test('lets 25 calls run and none wait, unless told otherwise', async () => {
    const policy = bulkhead();
    const running = work();
    const calls = Array.from({ length: 25 }, () => policy.execute(running.operation));
    expect(policy.active).toBe(25);

    const error = await policy.execute(() => 1).catch((reason: unknown) => reason);
    expect(isBulkheadFullError(error) && isRejectedError(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'BulkheadFullError',
      code: 'BULKHEAD_FULL',
      policy: 'bulkhead',
      message: 'the bulkhead is full: 25 of 25 at work, 0 of 0 queued',
      reason: 'full',
      active: 25,
      queued: 0,
      maxConcurrent: 25,
      maxQueued: 0,
      waitedMs: 0,
      retryAfterMs: undefined,
    });

    running.resolve();
    await Promise.all(calls);
    expect(policy.active).toBe(0);
  });

  test('starts queued calls in the order in which they came', async () => {
    const policy = bulkhead({ maxConcurrent: 2, maxQueued: 10 });
    const started: number[] = [];
    const works = Array.from({ length: 6 }, (_, i) => work(() => started.push(i)));
    const calls = works.map((each) => policy.execute(each.operation));
    expect([policy.active, policy.queued]).toEqual([2, 4]);

    for (const each of works) {
      each.resolve();
      await reactions();
    }
    await Promise.all(calls);
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    expect([policy.active, policy.queued]).toEqual([0, 0]);
  });

  test.each(['resolves', 'rejects', 'throws', 'returns'])(
    'gives the place back when the operation %s',
    async (how) => {
      const policy = bulkhead({ maxConcurrent: 1 });
      await policy.outcome(() => {
        if (how === 'throws') throw new Error(how);
        if (how === 'returns') return how;
        return how === 'resolves' ? Promise.resolve(how) : Promise.reject(new Error(how));
      });
      expect(policy.active).toBe(0);
    },
  );

  test('runs a queued operation in the async context of its own caller', async () => {
    const storage = new AsyncLocalStorage<number>();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 10 });
    const calls = Array.from({ length: 5 }, (_, id) =>
      storage.run(id, () => policy.execute(async () => storage.getStore())),
    );
    expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4]);
  });

  test('stands twice in one pipeline, each time as a place of its own', async () => {
    const policy = bulkhead({ maxConcurrent: 2 });
    await compose(policy, policy).execute(() => {
      expect(policy.active).toBe(2);
    });
    expect(policy.active).toBe(0);
  });

  test('tells its limits as they are at present', () => {
    const policy = bulkhead({ maxQueued: 5, maxQueueMs: 100, name: 'stock' });
    policy.resize({ maxConcurrent: 7 });
    expect(policy.describe()).toEqual({
      name: 'stock',
      layers: [
        {
          kind: 'bulkhead',
          name: 'stock',
          options: { maxConcurrent: 7, maxQueued: 5, maxQueueMs: 100 },
        },
      ],
    });
    expect([policy.maxConcurrent, policy.maxQueued]).toEqual([7, 5]);
    expect(bulkhead().describe().layers[0]?.options).toEqual({ maxConcurrent: 25, maxQueued: 0 });
  });
});

describe('a place', () => {
  test('is held until the work ends, although an inner timeout has answered the caller', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, clock });
    const slow = work();
    const call = compose(policy, timeout({ afterMs: 100, clock })).outcome(slow.operation);
    await clock.advance(100);
    expect(await call).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(policy.active).toBe(1);

    slow.resolve();
    await clock.flush();
    expect(policy.active).toBe(0);
  });

  test('is held until the work ends, although an outer timeout or the caller has stopped waiting', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ clock });
    const pipeline = compose(timeout({ afterMs: 100, clock }), policy);
    const controller = new AbortController();
    const works = [work(), work()] as const;
    const calls = [
      pipeline.outcome(works[0].operation),
      pipeline.outcome(works[1].operation, { signal: controller.signal }),
    ];
    controller.abort('enough');
    await clock.advance(100);
    await Promise.all(calls);
    expect(policy.active).toBe(2);

    works[0].resolve();
    works[1].reject(new Error('late'));
    await clock.flush();
    expect(policy.active).toBe(0);
  });

  test('is held for what the operation has named by waitUntil', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const body = Promise.withResolvers<void>();
    const answer = await policy.execute((context) => {
      context.waitUntil(body.promise);
      return 'head';
    });
    expect(answer).toBe('head');
    expect(policy.active).toBe(1);

    const next = policy.execute(() => 'next');
    await reactions();
    expect(policy.queued).toBe(1);
    body.reject(new Error('the body broke off'));
    expect(await next).toBe('next');
    expect(policy.active).toBe(0);
  });

  test('outside a policy that tries again is held until all attempts have ended', async () => {
    const twice = definePolicy('twice', async (next) => {
      try {
        return await next();
      } catch {
        return next();
      }
    });
    const outside = bulkhead();
    const inside = bulkhead();
    const attempts = [work(), work()];
    const call = compose(outside, twice, inside).execute((context) => {
      const attempt = attempts.find((each) => !each.isStarted) ?? work();
      return attempt.operation(context);
    });
    attempts[0]?.reject(new Error('the first fails'));
    await reactions();
    expect(attempts[1]?.isStarted).toBe(true);
    expect([outside.active, inside.active]).toEqual([1, 1]);

    attempts[1]?.resolve('second');
    expect(await call).toBe('second');
    expect([outside.active, inside.active]).toEqual([0, 0]);
  });

  test('inside a policy that tries again is given back between attempts', async () => {
    const pause = Promise.withResolvers<void>();
    const later = definePolicy('later', async (next) => {
      try {
        return await next();
      } catch {
        await pause.promise;
        return next();
      }
    });
    const policy = bulkhead();
    let attempts = 0;
    const call = compose(later, policy).execute(() => {
      if (attempts++ === 0) throw new Error('the first fails');
      return 'second';
    });
    await reactions();
    expect(policy.active).toBe(0);
    pause.resolve();
    expect(await call).toBe('second');
  });
});

describe('a queued call', () => {
  test('that is given up rejects at once with the reason, and leaves its place in the queue', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const running = work();
    void policy.execute(running.operation);
    const controller = new AbortController();
    const operation = vi.fn();
    const call = policy.execute(operation, { signal: controller.signal });
    expect(policy.queued).toBe(1);

    controller.abort('enough');
    expect(policy.queued).toBe(0);
    await expect(call).rejects.toBe('enough');

    const next = policy.execute(() => 'next');
    running.resolve();
    expect(await next).toBe('next');
    expect(operation).not.toHaveBeenCalled();
  });

  test('that is given up as soon as it has its place hands it on', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 2 });
    const place = policy.tryAcquire();
    const controller = new AbortController();
    const operation = vi.fn();
    const first = policy.execute(operation, { signal: controller.signal });
    const second = policy.execute(() => 'second');
    place?.release();
    controller.abort('enough');

    await expect(first).rejects.toBe('enough');
    expect(await second).toBe('second');
    expect(operation).not.toHaveBeenCalled();
    expect(policy.active).toBe(0);
  });

  test('is cut by an outer timeout, which says that nothing was started', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
    policy.tryAcquire();
    const call = compose(timeout({ afterMs: 100, clock, name: 'outer' }), policy).outcome(() => 1);
    await clock.advance(100);
    expect(await call).toMatchObject({
      error: { code: 'TIMEOUT', started: false, policy: 'outer' },
    });
    expect(policy.queued).toBe(0);
  });

  test('waits for no longer than maxQueueMs', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 2, maxQueueMs: 100, clock });
    policy.tryAcquire();
    const call = policy.outcome(() => 1);
    await clock.advance(60);
    const later = policy.outcome(() => 2);
    await clock.advance(39);
    expect(policy.queued).toBe(2);
    await clock.advance(1);

    const outcome = await call;
    expect(policy.queued).toBe(1);
    expect(!outcome.ok && isBulkheadFullError(outcome.error)).toBe(true);
    expect(outcome).toMatchObject({
      error: {
        reason: 'queue-timeout',
        message: 'no place in the bulkhead became free within 100 ms',
        waitedMs: 100,
        active: 1,
        queued: 1,
      },
    });
    await clock.advance(60);
    expect(await later).toMatchObject({ ok: false });
  });

  test('leaves no timer behind when it gets its place or is given up', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 3, maxQueueMs: 100, clock });
    const place = policy.tryAcquire();
    const controller = new AbortController();
    const calls = [
      policy.execute(() => 1),
      policy.outcome(() => 2, { signal: controller.signal }),
      policy.execute(() => 3, { deadline: 50 }),
    ];
    controller.abort();
    place?.release();
    await Promise.all(calls);
    await clock.runUntilIdle();
    expect(clock.now()).toBe(0);
  });

  test('is not started once its deadline has passed, and does not wait any longer', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, maxQueueMs: 1_000, clock });
    policy.tryAcquire();
    const operation = vi.fn();
    const call = policy.outcome(operation, { deadline: 100 });
    await clock.advance(100);

    const outcome = await call;
    expect(!outcome.ok && isTimeoutError(outcome.error)).toBe(true);
    expect(outcome).toMatchObject({
      error: { started: false, policy: 'bulkhead', timeoutMs: 100 },
    });
    expect(policy.queued).toBe(0);
    expect(operation).not.toHaveBeenCalled();
  });

  test('is refused at its turn when its deadline passed just before, and hands its place on', async () => {
    const { clock, set } = stuckClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 2, clock });
    const place = policy.tryAcquire();
    const operation = vi.fn();
    // An outer timeout is there to cut it off, but its timer is late.
    const lateTimeout = timeout({ afterMs: 100, clock });
    const call = compose(lateTimeout, policy).outcome(operation);
    const next = policy.execute(() => 'next');
    set(100);
    place?.release();

    expect(await call).toMatchObject({
      error: { code: 'TIMEOUT', started: false, policy: 'bulkhead' },
    });
    expect(await next).toBe('next');
    expect(operation).not.toHaveBeenCalled();
  });

  test('does not even queue when its deadline has passed', async () => {
    const { clock, set } = stuckClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
    policy.tryAcquire();
    const slow = definePolicy('slow', (next) => {
      set(100);
      return next();
    });
    const queued = vi.fn();
    policy.on('queued', queued);
    const call = compose(slow, policy).outcome(() => 1, { deadline: 100 });
    expect(await call).toMatchObject({ error: { code: 'TIMEOUT', started: false } });
    expect(queued).not.toHaveBeenCalled();
  });
});

test('20,000 queued calls that are given up in any order cost a constant each', async () => {
  // Counted, not timed: each removal touches the two neighbours of a call, whatever the length.
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 20_000 });
  policy.tryAcquire();
  const controllers = Array.from({ length: 20_000 }, () => new AbortController());
  const calls = controllers.map(({ signal }) => policy.outcome(() => 1, { signal }));
  expect(policy.queued).toBe(20_000);
  for (const [i, controller] of controllers.entries()) {
    if (i % 2 === 1) controller.abort(i);
  }
  expect(policy.queued).toBe(10_000);
  for (const controller of controllers.toReversed()) controller.abort(-1);
  expect(policy.queued).toBe(0);
  const outcomes = await Promise.all(calls);
  expect(outcomes[1]).toEqual({ ok: false, error: 1 });
  expect(outcomes[2]).toEqual({ ok: false, error: -1 });
});

describe('resize', () => {
  test('lets newcomers wait for another time, and the others for the time they were told', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 9, maxQueueMs: 100, clock });
    policy.tryAcquire();
    const endings: string[] = [];
    const wait = async (name: string): Promise<void> => {
      const outcome = await policy.outcome(() => name);
      endings.push(`${name} at ${clock.now()}: ${outcome.ok}`);
    };

    const calls = [wait('early')];
    policy.resize({ maxQueueMs: 20 });
    calls.push(wait('short'));
    policy.resize({ maxQueueMs: Number.POSITIVE_INFINITY });
    calls.push(wait('endless'));
    await clock.advance(1_000);
    policy.resize({ maxConcurrent: 2 });
    await Promise.all(calls);

    expect(endings).toEqual(['short at 20: false', 'early at 100: false', 'endless at 1000: true']);
    expect(policy.describe().layers[0]?.options).not.toHaveProperty('maxQueueMs');
    expect(() => policy.resize({ maxQueueMs: 0 })).toThrow(RangeError);
  });

  test('leaves no timer of a time that was for those who have gone', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 9, maxQueueMs: 100, clock });
    const permit = policy.tryAcquire();
    const call = policy.execute(() => 1);
    policy.resize({ maxQueueMs: 20 });
    permit?.release();
    await call;
    await clock.flush();

    expect(policy.queued).toBe(0);
    await clock.advance(200);
    expect(policy.active).toBe(0);
  });

  test('starts queued calls at once when there is more room', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 5 });
    const running = work();
    const calls = Array.from({ length: 4 }, () => policy.execute(running.operation));
    policy.resize({ maxConcurrent: 3 });
    expect([policy.active, policy.queued]).toEqual([3, 1]);
    running.resolve();
    await Promise.all(calls);
  });

  test('lets those that run end when there is less room', async () => {
    const policy = bulkhead({ maxConcurrent: 3, maxQueued: 5 });
    const works = Array.from({ length: 4 }, () => work());
    const calls = works.map((each) => policy.execute(each.operation));
    policy.resize({ maxConcurrent: 1 });
    expect([policy.active, policy.queued]).toEqual([3, 1]);

    works[0]?.resolve();
    works[1]?.resolve();
    await reactions();
    expect([policy.active, policy.queued]).toEqual([1, 1]);
    works[2]?.resolve();
    await reactions();
    expect([policy.active, policy.queued]).toEqual([1, 0]);
    works[3]?.resolve();
    await Promise.all(calls);
  });

  test('of the queue turns away newcomers only', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 3 });
    const place = policy.tryAcquire();
    const calls = [1, 2, 3].map((each) => policy.execute(() => each));
    policy.resize({ maxQueued: 1 });
    expect(policy.queued).toBe(3);
    await expect(policy.execute(() => 4)).rejects.toMatchObject({ reason: 'full', queued: 3 });
    place?.release();
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  });

  test.each([
    [{ maxConcurrent: 0 }, RangeError, /`maxConcurrent`/],
    [{ maxConcurrent: 1.5 }, RangeError, /`maxConcurrent`/],
    [{ maxQueued: -1 }, RangeError, /`maxQueued`/],
    [{ maxQueued: '1' }, TypeError, /`maxQueued`/],
    [{ maxQueueMs: 0 }, RangeError, /`maxQueueMs`/],
    [{ queue: undefined }, TypeError, /`queue`/],
    [{ maxConcurrent: 5, maxQueued: Number.NaN }, RangeError, /`maxQueued`/],
  ] as const)('checks %o and changes nothing when it throws', (limits, kind, message) => {
    const policy = bulkhead();
    expect(() => policy.resize(limits as never)).toThrow(kind);
    expect(() => policy.resize(limits as never)).toThrow(message);
    expect([policy.maxConcurrent, policy.maxQueued]).toEqual([25, 0]);
  });
});

describe('pause', () => {
  test('starts nothing until resume, and lets go on what runs', async () => {
    const policy = bulkhead({ maxConcurrent: 2, maxQueued: 2 });
    const running = work();
    const first = policy.execute(running.operation);
    policy.pause();
    const second = policy.execute(() => 'second');
    expect(policy.tryAcquire()).toBeUndefined();
    running.resolve('first');
    expect(await first).toBe('first');
    expect([policy.active, policy.queued]).toEqual([0, 1]);
    policy.resize({ maxConcurrent: 5 });
    expect(policy.queued).toBe(1);

    policy.resume();
    expect([policy.active, policy.queued]).toEqual([1, 0]);
    expect(await second).toBe('second');
  });

  test('rejects what the queue cannot take', async () => {
    const policy = bulkhead();
    policy.pause();
    await expect(policy.execute(() => 1)).rejects.toMatchObject({
      code: 'BULKHEAD_FULL',
      active: 0,
    });
  });
});

describe('whenIdle', () => {
  test('resolves at once when nothing runs and nobody waits', async () => {
    await bulkhead().whenIdle();
  });

  test('waits for what runs and for what waits', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const works = [work(), work()];
    const calls = works.map((each) => policy.execute(each.operation));
    const settled = vi.fn();
    void policy.whenIdle().then(settled);
    works[0]?.resolve();
    await reactions();
    expect(settled).not.toHaveBeenCalled();
    works[1]?.resolve();
    await Promise.all(calls);
    await reactions();
    expect(settled).toHaveBeenCalledOnce();

    const again = policy.execute(() => 1);
    await policy.whenIdle();
    await again;
  });

  test('resolves when the last of a paused queue has given up', async () => {
    const policy = bulkhead({ maxQueued: 1 });
    policy.pause();
    const controller = new AbortController();
    const call = policy.outcome(() => 1, { signal: controller.signal });
    const idle = policy.whenIdle();
    controller.abort();
    await idle;
    await call;
  });
});

describe('drain', () => {
  test('turns newcomers away and resolves when the others have ended', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, name: 'stock' });
    const running = work();
    const calls = [policy.execute(running.operation), policy.execute(() => 'queued')];
    const settled = vi.fn();
    void policy.drain().then(settled);

    const error = await policy.execute(() => 1).catch((reason: unknown) => reason);
    expect(isBulkheadDrainingError(error) && isRejectedError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'BULKHEAD_DRAINING', policy: 'stock' });
    expect(policy.tryAcquire()).toBeUndefined();
    expect(settled).not.toHaveBeenCalled();

    running.resolve('running');
    expect(await Promise.all(calls)).toEqual(['running', 'queued']);
    await policy.drain();
    expect(settled).toHaveBeenCalledOnce();
    await expect(policy.execute(() => 1)).rejects.toThrow('drained');
  });

  test('ends a pause, and none begins while it lasts', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 2 });
    policy.pause();
    const calls = [policy.execute(() => 1), policy.execute(() => 2)];
    const drained = policy.drain();
    policy.pause();
    expect(await Promise.all(calls)).toEqual([1, 2]);
    await drained;
  });

  test('is not undone by a resize', async () => {
    const policy = bulkhead();
    await policy.drain();
    policy.resize({ maxConcurrent: 5 });
    await expect(policy.execute(() => 1)).rejects.toMatchObject({ code: 'BULKHEAD_DRAINING' });
  });

  test('is what `await using` does', async () => {
    let left: ReturnType<typeof bulkhead>;
    {
      await using policy = bulkhead();
      left = policy;
      await policy.execute(() => 1);
    }
    await expect(left.execute(() => 1)).rejects.toMatchObject({ code: 'BULKHEAD_DRAINING' });
  });
});

describe('a permit', () => {
  test('is a place that is given back once', async () => {
    const policy = bulkhead({ maxConcurrent: 2 });
    const permit = policy.tryAcquire();
    {
      using other = policy.tryAcquire();
      expect(other).toBeDefined();
      expect(policy.tryAcquire()).toBeUndefined();
    }
    expect(policy.active).toBe(1);
    permit?.release();
    permit?.release();
    expect(policy.active).toBe(0);
  });
});

describe('the events', () => {
  test('follow each call through the queue', async () => {
    const clock = virtualClock();
    const policy = bulkhead({
      maxConcurrent: 1,
      maxQueued: 3,
      maxQueueMs: 50,
      name: 'stock',
      clock,
    });
    const events: unknown[] = [];
    for (const name of ['queued', 'dequeued', 'rejected', 'abandoned'] as const) {
      policy.on(name, (event) => events.push(event));
    }
    const place = policy.tryAcquire();
    const controller = new AbortController();
    const calls = [
      policy.outcome(() => 1, { signal: controller.signal }),
      policy.outcome(() => 2, { deadline: 20 }),
      policy.outcome(() => 3),
      policy.outcome(() => 4),
    ];
    await clock.advance(10);
    controller.abort();
    await clock.advance(10);
    await clock.advance(30);
    const last = policy.outcome(() => 5);
    await clock.advance(5);
    place?.release();
    await Promise.all([...calls, last]);

    const all = { kind: 'bulkhead', policy: 'stock', active: 1 };
    expect(events).toEqual([
      { ...all, event: 'queued', queued: 1 },
      { ...all, event: 'queued', queued: 2 },
      { ...all, event: 'queued', queued: 3 },
      { ...all, event: 'rejected', reason: 'full', queued: 3, waitedMs: 0 },
      { ...all, event: 'abandoned', queued: 2, waitedMs: 10 },
      { ...all, event: 'rejected', reason: 'deadline', queued: 1, waitedMs: 20 },
      { ...all, event: 'rejected', reason: 'queue-timeout', queued: 0, waitedMs: 50 },
      { ...all, event: 'queued', queued: 1 },
      { ...all, event: 'dequeued', queued: 0, waitedMs: 5 },
    ]);
  });

  test('may make room for the very call that they tell of', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 5 });
    policy.tryAcquire();
    policy.on('queued', () => policy.resize({ maxConcurrent: policy.maxConcurrent + 1 }));
    expect(await policy.execute(() => 'at once')).toBe('at once');
    expect(policy.active).toBe(1);
  });

  test.each(['queued', 'dequeued'] as const)(
    'may give up the very call that they tell of: %s',
    async (name) => {
      for (const aroundIt of [[], [timeout({ clock: virtualClock() })]]) {
        const policy = bulkhead({ maxConcurrent: 1, maxQueued: 5 });
        const place = policy.tryAcquire();
        const controller = new AbortController();
        policy.on(name, () => controller.abort('enough'));
        const operation = vi.fn();
        const call = compose(...aroundIt, policy).outcome(operation, { signal: controller.signal });
        place?.release();
        expect(await call).toEqual({ ok: false, error: 'enough' });
        expect(operation).not.toHaveBeenCalled();
        expect([policy.active, policy.queued]).toEqual([0, 0]);
      }
    },
  );

  test('cannot let a newcomer in before those that wait', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 5 });
    const order: string[] = [];
    policy.on('dequeued', () => {
      if (order.length === 0) void policy.execute(() => order.push('newcomer'));
    });
    const place = policy.tryAcquire();
    const calls = ['first', 'second'].map((each) => policy.execute(() => order.push(each)));
    place?.release();
    await Promise.all(calls);
    await policy.whenIdle();
    expect(order).toEqual(['first', 'second', 'newcomer']);
  });
});

describe('the options', () => {
  test.each([
    [{ maxConcurrent: 0 }, RangeError, /`maxConcurrent`.*got 0/],
    [{ maxConcurrent: '5' }, TypeError, /`maxConcurrent`/],
    [{ maxQueued: -1 }, RangeError, /`maxQueued`/],
    [{ maxQueueMs: 0 }, RangeError, /`maxQueueMs`/],
    [{ maxQueueMs: Number.NEGATIVE_INFINITY }, RangeError, /`maxQueueMs`/],
    [{ detectReentrancy: 'yes' }, TypeError, /`detectReentrancy`/],
    [{ name: 5 }, TypeError, /`name`/],
    [{ maxConcurent: 5 }, TypeError, /`maxConcurent`/],
    [null, TypeError, /options/],
  ] as const)('are checked: %o', (options, kind, message) => {
    expect(() => bulkhead(options as never)).toThrow(kind);
    expect(() => bulkhead(options as never)).toThrow(message);
  });
});
