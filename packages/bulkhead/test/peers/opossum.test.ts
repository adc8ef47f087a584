import { bulkhead, isBulkheadFullError } from '@holdfast/bulkhead';
import { compose, isRejectedError } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

test('opossum: five operations run at capacity 1, since a timeout frees the place of its operation', async () => {
  const clock = virtualClock();
  const places = bulkhead({ maxConcurrent: 1, clock });
  let running = 0;
  const policies = [
    compose(timeout({ afterMs: 10, clock }), places),
    compose(places, timeout({ afterMs: 10, clock })),
  ];
  for (let i = 0; i < 5; i++) {
    void policies[i % 2]?.outcome(() => {
      running++;
      return new Promise(() => 0);
    });
    await clock.advance(10);
  }
  expect([running, places.active]).toEqual([1, 1]);
});

test('opossum: a rejection for want of a place looks like a failure of the operation', async () => {
  const policy = bulkhead({ maxConcurrent: 1 });
  policy.tryAcquire();
  const outcome = await policy.outcome(() => 1);
  // What tells a circuit breaker to leave it out of its count.
  expect(!outcome.ok && isRejectedError(outcome.error)).toBe(true);
  expect(!outcome.ok && isBulkheadFullError(outcome.error)).toBe(true);
});

test('opossum: there is no queue', async () => {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const place = policy.tryAcquire();
  const call = policy.execute(() => 'queued');
  place?.release();
  expect(await call).toBe('queued');
});
