import { bulkhead } from '@holdfast/bulkhead';
import { compose } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';
import { FifoQueue, QueuedCall } from '../../src/queued-call.ts';
import { work } from '../work.ts';

/** Counts how often any property of a queued call is read or written. */
function counted(call: QueuedCall, count: () => void): QueuedCall {
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
    counted(new QueuedCall(undefined as never, { expired: () => undefined }), () => touched++),
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
