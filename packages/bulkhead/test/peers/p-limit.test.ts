import { bulkhead } from '@holdfast/bulkhead';
import { expect, test, vi } from 'vitest';

test('p-limit: an abort while queued is not possible', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  policy.tryAcquire();
  const controller = new AbortController();
  const call = policy.execute(() => 1, { signal: controller.signal });
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
});

test('p-limit: a nested call waits for its own caller for ever', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, detectReentrancy: true });
  await expect(policy.execute(() => policy.execute(() => 1))).rejects.toMatchObject({
    code: 'BULKHEAD_REENTRANCY',
  });
});

test('p-limit: the queue has no bound', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 2 });
  policy.tryAcquire();
  const operation = vi.fn();
  const calls = Array.from({ length: 5 }, () => policy.outcome(operation));
  expect(policy.queued).toBe(2);
  expect(await Promise.all(calls.slice(2))).toMatchObject([
    { ok: false },
    { ok: false },
    { ok: false },
  ]);
});
