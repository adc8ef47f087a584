import { type Bulkhead, bulkhead, fifoQueue, priorityQueue } from '@holdfast/bulkhead';
import { type Clock, compose } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';
import { reactions } from '../work.ts';
import { Calls, size, urgency } from './calls.ts';

function setUp(maxConcurrent = 10, maxQueued = 100): { policy: Bulkhead; calls: Calls } {
  const queue = fifoQueue({ weight: (context) => context.get(size) ?? 1 });
  const policy = bulkhead({ maxConcurrent, maxQueued, queue });
  return { policy, calls: new Calls(policy) };
}

describe('a bulkhead that weighs its calls', () => {
  test('counts the weight of what runs', async () => {
    const { policy, calls } = setUp();
    calls.execute('four', { size: 4 });
    calls.execute('six', { size: 6 });
    expect([policy.active, policy.queued]).toEqual([10, 0]);
    calls.end('four');
    await reactions();
    expect(policy.active).toBe(6);
  });

  test('lets nobody overtake a heavy call that waits for its places', async () => {
    const { policy, calls } = setUp();
    calls.execute('six', { size: 6 });
    calls.execute('seven', { size: 7 });
    calls.execute('one', { size: 1 });
    expect([policy.active, policy.queued, policy.tryAcquire()]).toEqual([6, 2, undefined]);
    calls.end('six');
    await reactions();
    expect([calls.started, policy.active]).toEqual([['six', 'seven', 'one'], 8]);
  });

  test('starts those behind a heavy call as soon as it gives up', async () => {
    const { policy, calls } = setUp();
    const controller = new AbortController();
    calls.execute('six', { size: 6 });
    calls.execute('seven', { size: 7 }, { signal: controller.signal });
    calls.execute('one', { size: 1 });
    controller.abort('enough');
    await reactions();
    expect([calls.started, policy.active, policy.queued]).toEqual([['six', 'one'], 7, 0]);
    expect(calls.rejected).toEqual({ seven: 'enough' });
  });

  test('starts those behind a heavy call as soon as it has waited for too long', async () => {
    const clock = virtualClock();
    const queue = fifoQueue({ weight: (context) => context.get(size) ?? 1 });
    const policy = bulkhead({ maxConcurrent: 10, maxQueued: 9, maxQueueMs: 50, queue, clock });
    const calls = new Calls(policy);
    calls.execute('six', { size: 6 });
    calls.execute('seven', { size: 7 });
    await clock.advance(10);
    calls.execute('one', { size: 1 });
    await clock.advance(40);
    expect(calls.rejected).toEqual({ seven: 'queue-timeout' });
    expect(calls.started).toEqual(['six', 'one']);
  });

  test('rejects a call that weighs more than there are places', async () => {
    const { policy, calls } = setUp(3);
    await calls.outcome('four', { size: 4 });
    expect(String(calls.rejected['four'])).toBe(
      'RangeError: Expected `weight` to be at most maxConcurrent (3), got 4.',
    );
    expect([policy.active, policy.queued]).toEqual([0, 0]);
  });

  test('lets a call that has become too heavy by a resize run alone', async () => {
    const { policy, calls } = setUp();
    calls.execute('five', { size: 5 });
    calls.execute('ten', { size: 10 });
    calls.execute('one', { size: 1 });
    policy.resize({ maxConcurrent: 2 });
    calls.end('five');
    await reactions();
    expect([calls.started, policy.active]).toEqual([['five', 'ten'], 10]);
    calls.end('ten');
    await reactions();
    expect([calls.started, policy.active]).toEqual([['five', 'ten', 'one'], 1]);
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '2' as never])(
    'rejects a call that weighs %s, and leaks nothing',
    async (weight) => {
      const { policy, calls } = setUp();
      await calls.outcome('call', { size: weight });
      expect(String(calls.rejected['call'])).toMatch(
        /^(Type|Range)Error: Expected `weight` to be an integer from 1 up, got/,
      );
      expect([policy.active, policy.queued, calls.started]).toEqual([0, 0, []]);
    },
  );

  test('frees all places of a call that failed, was cut, or whose work outlived it', async () => {
    const clock = virtualClock();
    const queue = fifoQueue({ weight: () => 3 });
    const policy = bulkhead({ maxConcurrent: 10, queue, clock });
    const guarded = compose(timeout({ afterMs: 10, clock }), policy);
    const late = Promise.withResolvers<void>();
    const body = Promise.withResolvers<void>();
    await policy.outcome(() => Promise.reject(new Error('failed')));
    expect(policy.active).toBe(0);
    void guarded.outcome(() => late.promise);
    await policy.execute((context) => context.waitUntil(body.promise));
    await clock.advance(10);
    expect(policy.active).toBe(6);
    late.resolve();
    body.resolve();
    await reactions();
    expect(policy.active).toBe(0);
  });

  test('frees all places of a call that gives up between its turn and its start', async () => {
    const { policy, calls } = setUp();
    const controller = new AbortController();
    calls.execute('six', { size: 6 });
    calls.execute('seven', { size: 7 }, { signal: controller.signal });
    policy.resize({ maxConcurrent: 20 });
    expect([policy.active, policy.queued]).toEqual([13, 0]);
    controller.abort('enough');
    expect([policy.active, policy.queued]).toEqual([6, 0]);
    await reactions();
    expect([calls.started, policy.active]).toEqual([['six'], 6]);
  });

  test('frees all places of a call whose deadline passes between its turn and its start', async () => {
    let now = 0;
    const timers = virtualClock();
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback, ms) => timers.setTimeout(callback, ms),
    };
    const policy = bulkhead({ maxQueued: 9, queue: fifoQueue({ weight: () => 20 }), clock });
    const calls = new Calls(policy);
    calls.execute('first');
    calls.execute('second', {}, { deadline: 100 });
    policy.resize({ maxConcurrent: 40 });
    expect(policy.active).toBe(40);
    now = 100;
    await reactions();
    expect([calls.started, policy.active]).toEqual([['first'], 20]);
    expect(calls.rejected).toMatchObject({ second: { code: 'TIMEOUT', started: false } });
  });

  test('does not wake a newcomer that it starts at once, and that waits further inside', async () => {
    const queue = priorityQueue({
      priority: (context) => context.get(urgency),
      weight: (context) => context.get(size) ?? 1,
    });
    const outer = bulkhead({ maxConcurrent: 10, maxQueued: 9, queue });
    const inner = bulkhead({ maxConcurrent: 1, maxQueued: 9 });
    const permit = inner.tryAcquire();
    const calls = new Calls(outer);
    calls.execute('six', { size: 6 });
    calls.execute('heavy', { size: 7 });
    const both = compose(outer, inner);
    const call = both.outcome(() => 'done', { properties: [urgency(0)] });
    await reactions();
    expect([outer.active, outer.queued, inner.queued]).toEqual([7, 1, 1]);
    permit?.release();
    expect(await call).toEqual({ ok: true, value: 'done' });
    await calls.endAll(reactions);
    expect([outer.active, inner.active]).toEqual([0, 0]);
  });

  test('drains what waits for its places too', async () => {
    const { policy, calls } = setUp();
    calls.execute('six', { size: 6 });
    calls.execute('seven', { size: 7 });
    const drained = policy.drain();
    await calls.outcome('late');
    expect(String(calls.rejected['late'])).toMatch(/drained/);
    calls.end('six');
    await reactions();
    calls.end('seven');
    await drained;
    expect([policy.active, policy.queued, calls.started]).toEqual([0, 0, ['six', 'seven']]);
  });

  test('takes a place by hand while there are some and nobody waits', () => {
    const { policy, calls } = setUp(2);
    calls.execute('one');
    const permit = policy.tryAcquire();
    expect([policy.active, policy.tryAcquire()]).toEqual([2, undefined]);
    permit?.release();
    expect(policy.active).toBe(1);
  });
});
