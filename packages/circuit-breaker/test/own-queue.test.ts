import { bulkhead } from '@holdfast/bulkhead';
import { compose } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';
import { circuitBreaker, consecutiveFailures } from '../src/index.ts';

test('time that a later attempt spends in the queue inside the breaker is no failure', async () => {
  const clock = virtualClock();
  const breaker = circuitBreaker({ trip: consecutiveFailures(9), clock });
  const places = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
  const total = timeout({ afterMs: 100, clock });
  const policy = compose(total, retry({ backoff: constant(10), clock }), breaker, places);
  const failing = policy.outcome(() => Promise.reject(new Error('first')));
  await clock.advance(5);
  // From here on the only place is taken: the second attempt queues until its time is over.
  const holder = places.execute(
    () => new Promise((resolve) => clock.setTimeout(() => resolve(1), 500)),
  );

  await clock.advance(150);

  expect(await failing).toMatchObject({ ok: false, error: { code: 'TIMEOUT', started: true } });
  expect(breaker.metrics).toMatchObject({ failures: 1, ignored: 1 });
  await clock.runUntil(holder);
});
