import { bulkhead, priorityQueue } from '@holdfast/bulkhead';
import { compose, contextKey } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';
import type { CallOrder } from '../../src/queues/call-order.ts';
import { OrderedCall } from '../../src/queues/ordered-call.ts';
import { FifoQueue, QueuedCall } from '../../src/queued-call.ts';
import { work } from '../work.ts';

/** Counts how often any property of a queued call is read or written. */
function counted<Call extends QueuedCall>(call: Call, count: () => void): Call {
  return new Proxy(call, {
    get(target, key) {
      count();
      return Reflect.get(target, key);
    },
    set(target, key, value) {
      count();
      return Reflect.set(target, key, value);
    },
  });
}

test('p-queue: an abort in a queue of 20,000 searches the whole queue', () => {
  let touched = 0;
  const queue = new FifoQueue<QueuedCall>();
  const calls = Array.from({ length: 20_000 }, () =>
    counted(new QueuedCall(undefined as never), () => touched++),
  );
  for (const call of calls) queue.add(call);
  touched = 0;
  for (let i = 0; i < calls.length; i += 2) queue.remove(calls[i] as QueuedCall);
  for (let i = calls.length - 1; i > 0; i -= 2) queue.remove(calls[i] as QueuedCall);
  expect(queue.size).toBe(0);
  expect(touched / calls.length).toBeLessThanOrEqual(6);
});

test('p-queue: what is cleared stays pending for ever', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 3 });
  const running = work();
  const calls = [
    policy.execute(running.operation),
    policy.execute(() => 2),
    policy.execute(() => 3),
  ];
  const drained = policy.drain();
  running.resolve('1');
  await drained;
  expect(await Promise.all(calls)).toEqual(['1', 2, 3]);
});

test('p-queue: a timeout frees the place of an operation that runs on', async () => {
  const clock = virtualClock();
  const places = bulkhead({ maxConcurrent: 1, clock });
  const slow = work();
  const call = compose(places, timeout({ afterMs: 10, clock })).outcome(slow.operation);
  await clock.advance(10);
  await call;
  expect(places.active).toBe(1);
  slow.resolve();
  await clock.flush();
  expect(places.active).toBe(0);
});

test('p-queue: onIdle does not see what runs beside the queue', async () => {
  const policy = bulkhead();
  const permit = policy.tryAcquire();
  const idle = vi.fn();
  const whenIdle = policy.whenIdle().then(idle);
  await policy.execute(() => 1);
  expect(idle).not.toHaveBeenCalled();
  permit?.release();
  await whenIdle;
});

test('p-queue: a task of low priority starves while others of a higher one come', async () => {
  const clock = virtualClock();
  const level = contextKey<number>('level');
  const queue = priorityQueue({ priority: (context) => context.get(level), ageAfterMs: 100 });
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1_000, queue, clock });
  let startedAt = -1;
  /** Takes 10 ms, and has a follower that comes before it has ended. */
  const urgent = (): void => {
    void policy.execute(
      () => {
        if (clock.now() < 2_000) urgent();
        return new Promise<void>((resolve) => clock.setTimeout(resolve, 10));
      },
      { properties: [level(0)] },
    );
  };
  urgent();
  void policy.execute(() => (startedAt = clock.now()), { properties: [level(7)] });
  await clock.advance(3_000);
  expect(startedAt).toBeGreaterThan(0);
  expect(startedAt).toBeLessThanOrEqual(720);
});

test('p-queue: a task with a priority is inserted by a search', () => {
  let touched = 0;
  const order = priorityQueue({ priority: () => 0 }) as unknown as CallOrder;
  const queue = order.makeQueue(virtualClock());
  const calls = Array.from({ length: 20_000 }, (_, i) => {
    const call = new OrderedCall(undefined as never);
    call.urgency = i % 8;
    return counted(call, () => touched++);
  });
  for (const call of calls) queue.add(call);
  expect(touched / calls.length).toBeLessThanOrEqual(4);
  touched = 0;
  for (let first = queue.first(); first !== undefined; first = queue.first()) queue.remove(first);
  expect([queue.size, touched / calls.length <= 40]).toEqual([0, true]);
});
