import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bulkhead } from '@holdfast/bulkhead';
import { compose, definePolicy } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';
import { reactions, work } from '../work.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('bottleneck: three operations run at limit 1, since an expiration frees the place', async () => {
  const clock = virtualClock();
  const places = bulkhead({ maxConcurrent: 1, maxQueued: 3, clock });
  const policy = compose(places, timeout({ afterMs: 10, clock }));
  let running = 0;
  let most = 0;
  const works = [work(), work(), work()];
  const calls = works.map((each) =>
    policy.outcome(async (context) => {
      most = Math.max(most, ++running);
      await each.operation(context);
      running--;
    }),
  );
  await clock.advance(10);
  await clock.advance(10);
  for (const each of works) each.resolve();
  await Promise.all(calls);
  expect(most).toBe(1);
});

test('bottleneck: retries bypass the limit', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 10 });
  const again = definePolicy('again', async (next) => {
    try {
      return await next();
    } catch {
      return next();
    }
  });
  let running = 0;
  let most = 0;
  const calls = Array.from({ length: 5 }, () =>
    compose(again, policy).outcome(async () => {
      most = Math.max(most, ++running);
      await reactions();
      running--;
      throw new Error('failed');
    }),
  );
  await Promise.all(calls);
  expect(most).toBe(1);
});

test('bottleneck: a job that does not fit is dropped and its promise stays pending', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const place = policy.tryAcquire();
  const calls = Array.from({ length: 3 }, (_, i) => policy.outcome(() => i));
  place?.release();
  const outcomes = await Promise.all(calls);
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false]);
});

test('bottleneck: a queued job cannot be called off', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  policy.tryAcquire();
  const controller = new AbortController();
  const call = policy.execute(() => 1, { signal: controller.signal });
  controller.abort('called off');
  await expect(call).rejects.toBe('called off');
});

test('bottleneck: each job takes several turns of the event loop', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 99 });
  let ended = 0;
  const calls = Array.from({ length: 100 }, () => policy.execute(() => ended++));
  await reactions();
  expect(ended).toBe(100);
  await Promise.all(calls);
});

test('bottleneck: jobs run in the async context of others', async () => {
  const storage = new AsyncLocalStorage<number>();
  const policy = bulkhead({ maxConcurrent: 2, maxQueued: 10 });
  const calls = Array.from({ length: 8 }, (_, id) =>
    storage.run(id, () => policy.execute(async () => storage.getStore())),
  );
  expect(await Promise.all(calls)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('bottleneck: no job can be rejected in place of queueing (#141, #169, #51)', async () => {
  const policy = bulkhead({ maxConcurrent: 1 });
  const first = work();
  const running = policy.execute(first.operation);
  expect(await policy.outcome(() => 2)).toMatchObject({ error: { code: 'BULKHEAD_FULL' } });
  first.resolve();
  await running;
});

test('bottleneck: jobs cannot be paused (#32, #71)', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const job = work();
  policy.pause();
  const call = policy.execute(job.operation);
  await reactions();
  expect(job.isStarted).toBe(false);
  policy.resume();
  job.resolve();
  expect(await call).toBe('done');
});

test('bottleneck: a limiter keeps the process alive until it is disconnected (#192)', async () => {
  const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 10 });
  await Promise.all([1, 2, 3].map((i) => policy.execute(() => i)));
  for (const timer of timers) {
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
  }
});

test('bottleneck: jobs that have ended stay in memory (#95, #142)', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1_000 });
  const ended = async (): Promise<WeakRef<object>[]> => {
    const controller = new AbortController();
    const operations = Array.from({ length: 100 }, (_, i) => () => Promise.resolve({ i }));
    const calls = operations.map((operation, i) =>
      policy.outcome(operation, i % 3 === 1 ? { signal: controller.signal } : {}),
    );
    controller.abort('enough');
    await Promise.all(calls);
    return operations.map((operation) => new WeakRef(operation));
  };
  const references = await ended();
  const left = (): number => references.filter((each) => each.deref() !== undefined).length;
  for (let i = 0; i < 10 && left() > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
  }
  expect(left()).toBe(0);
});
