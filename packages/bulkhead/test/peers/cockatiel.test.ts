import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead } from '@holdfast/bulkhead';
import { expect, test, vi } from 'vitest';
import { reactions, work } from '../work.ts';

test('cockatiel: a newcomer can take the place that was freed for a queued call', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const order: string[] = [];
  const running = work();
  const first = policy.execute(running.operation).then(() => {
    // At this very moment the place is free, and the queued call has not started yet.
    void policy.outcome(() => order.push('newcomer'));
  });
  const queued = policy.execute(() => order.push('queued'));
  running.resolve();
  await Promise.all([first, queued]);
  await policy.whenIdle();
  expect(order).toEqual(['queued', 'newcomer']);
});

test('cockatiel: a call that was admitted to the queue can be rejected as if it were full', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const place = policy.tryAcquire();
  const queued = policy.outcome(() => 'queued');
  place?.release();
  const newcomers = Array.from({ length: 5 }, () => policy.outcome(() => 'newcomer'));
  expect(await queued).toEqual({ ok: true, value: 'queued' });
  await Promise.all(newcomers);
});

test('cockatiel: an abort while queued is noticed only when the turn comes', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  policy.tryAcquire();
  const controller = new AbortController();
  const reason = new Error('enough');
  const call = policy.execute(() => 1, { signal: controller.signal });
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test('cockatiel: an aborted entry keeps its place in the queue, and newcomers are rejected', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const place = policy.tryAcquire();
  const controller = new AbortController();
  const aborted = policy.outcome(() => 1, { signal: controller.signal });
  controller.abort();
  const newcomer = policy.execute(() => 'newcomer');
  place?.release();
  expect(await newcomer).toBe('newcomer');
  await aborted;
});

test('cockatiel: an operation runs in the async context of whoever ran before it', async () => {
  const storage = new AsyncLocalStorage<string>();
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 2 });
  const calls = ['A', 'B', 'C'].map((job) =>
    storage.run(job, () =>
      policy.execute(async () => {
        await reactions();
        return storage.getStore();
      }),
    ),
  );
  expect(await Promise.all(calls)).toEqual(['A', 'B', 'C']);
});

test('cockatiel: events that can be subscribed to never fire', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, maxQueueMs: 5 });
  const heard = vi.fn();
  for (const name of ['queued', 'dequeued', 'abandoned', 'rejected'] as const) {
    policy.on(name, ({ event }) => heard(event));
  }
  const controller = new AbortController();
  const place = policy.tryAcquire();
  const abandoned = policy.outcome(() => 1, { signal: controller.signal });
  await policy.outcome(() => 2);
  controller.abort();
  const dequeued = policy.outcome(() => 3);
  place?.release();
  await Promise.all([abandoned, dequeued]);
  expect(heard.mock.calls.flat()).toEqual([
    'queued',
    'rejected',
    'abandoned',
    'queued',
    'dequeued',
  ]);
});

test('cockatiel: a signal that is aborted beforehand is ignored', async () => {
  const operation = vi.fn();
  await expect(bulkhead().execute(operation, { signal: AbortSignal.abort('enough') })).rejects.toBe(
    'enough',
  );
  expect(operation).not.toHaveBeenCalled();
});

test('cockatiel: aborted calls starve those that come after them (#112)', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 10 });
  const permit = policy.tryAcquire();
  const controller = new AbortController();
  const { signal } = controller;
  const gone = Array.from({ length: 9 }, () => policy.outcome(() => 'gone', { signal }));
  const last = policy.execute(() => 'last');
  controller.abort('enough');
  permit?.release();
  expect(await last).toBe('last');
  expect((await Promise.all(gone)).map(({ ok }) => ok)).not.toContain(true);
});
