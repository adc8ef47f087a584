import assert from 'node:assert/strict';
import { fromBottleneck, isLimiterRejectedError } from '@holdfast/interop';
import { timeout } from '@holdfast/timeout';
import { retry } from '@holdfast/retry';
import Bottleneck from 'bottleneck';
import { highest, readStock } from './shared/busy-stock.ts';
// #region own
import { bulkhead, priorityQueue } from '@holdfast/bulkhead';
import { compose, contextKey } from '@holdfast/policy';
import { gcra, rateLimiter } from '@holdfast/rate-limiter';

const urgency = contextKey<number>('urgency');
const inventory = compose(
  rateLimiter({ algorithm: gcra({ limit: 1, windowMs: 5 }), maxQueued: 100 }),
  bulkhead({
    maxConcurrent: 2,
    maxQueued: 100,
    queue: priorityQueue({ priority: (context) => context.get(urgency) }),
  }),
);

const stock = await Promise.all([
  inventory.execute(() => readStock('apple')),
  inventory.execute(() => readStock('pear'), { properties: [urgency(1)] }),
  inventory.execute(() => readStock('plum'), { properties: [urgency(7)] }),
]);
console.log(stock); // 5, 4, 4
// #endregion
assert.deepEqual(stock, [5, 4, 4]);

{
  // #region mix
  const limiter = new Bottleneck({ maxConcurrent: 2, minTime: 5 }); // or one that Redis clusters
  const guarded = compose(
    timeout({ afterMs: 2_000 }),
    retry(),
    fromBottleneck(limiter, { priority: (context) => context.get(urgency) }),
  );

  const pears = await guarded.execute(() => readStock('pear'), { properties: [urgency(1)] });
  // #endregion
  assert.equal(pears, 4);
}

{
  // #region dropped
  const limiter = new Bottleneck({ maxConcurrent: 1 });
  const policy = fromBottleneck(limiter);
  await limiter.stop();

  const outcome = await policy.outcome(() => readStock('pear'));
  if (!outcome.ok && isLimiterRejectedError(outcome.error)) {
    console.log((outcome.error.cause as Error).message); // This limiter has been stopped …
  }
  // #endregion
  assert.equal(outcome.ok, false);
}

{
  // #region group
  const perTenant = new Bottleneck.Group({ maxConcurrent: 2 });
  const policies = new Map<string, ReturnType<typeof fromBottleneck>>();
  perTenant.on('created', (limiter, key) => policies.set(key, fromBottleneck(limiter)));
  perTenant.key('acme');

  const pears = await policies.get('acme')?.execute(() => readStock('pear'));
  // #endregion
  assert.equal(pears, 4);
}
assert.ok(highest() <= 3);
