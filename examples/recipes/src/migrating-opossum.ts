import assert from 'node:assert/strict';
import { bulkhead } from '@holdfast/bulkhead';
import { cache } from '@holdfast/cache';
import { circuitBreaker, healthProbe } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { fromOpossum, isOpossumRejectedError } from '@holdfast/interop';
import { compose, contextKey } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import Opossum from 'opossum';
// oxlint-disable import/no-named-as-default -- as with opossum itself
// #region import
import CircuitBreaker from '@holdfast/interop/opossum';

const breaker = new CircuitBreaker(readStock, {
  timeout: 3_000,
  errorThresholdPercentage: 50,
  resetTimeout: 30_000,
});
breaker.fallback(() => 0);
breaker.on('open', () => console.log('the inventory is down'));

console.log(await breaker.fire('apple')); // 5
// #endregion
assert.equal(await breaker.fire('gone'), 0);
assert.equal(breaker.opened, false);

function readStock(sku: string): Promise<number> {
  return sku === 'gone' ? Promise.reject(new Error('404')) : Promise.resolve(sku.length);
}

{
  // #region pipeline
  const live = new Opossum((operation: () => Promise<unknown>) => operation(), {
    timeout: 3_000,
    resetTimeout: 30_000,
  });
  const inventory = compose(retry({ maxAttempts: 3 }), fromOpossum(live));

  console.log(await inventory.execute(() => readStock('apple'))); // 5
  console.log(await live.fire(() => readStock('pear'))); // 4: code that is not moved yet shares the state

  live.open();
  const outcome = await inventory.outcome(() => readStock('apple'));
  if (!outcome.ok && isOpossumRejectedError(outcome.error)) {
    const { reason, retryAfterMs } = outcome.error;
    console.log(reason, retryAfterMs); // EOPENBREAKER, and about 30,000; it was not tried again
  }
  // #endregion
  assert.ok(!outcome.ok && isOpossumRejectedError(outcome.error));
  assert.ok((outcome.error.retryAfterMs ?? 0) > 20_000);
  live.shutdown();
}

{
  // #region all
  const inventory = compose(
    fallback({ use: (outcome) => lastKnown('apple', outcome) }),
    circuitBreaker({
      failureRatio: 0.5,
      minimumCalls: 20,
      windowMs: 10_000,
      halfOpenAfterMs: 30_000,
      isFailure: (outcome) => !outcome.ok && (outcome.error as Error).message !== '404',
    }),
    bulkhead({ maxConcurrent: 10 }),
    timeout({ afterMs: 3_000 }),
  ).named('inventory');
  inventory.on('opened', () => console.log('the inventory is down'));

  console.log(await inventory.execute(({ signal }) => readStockUntil('apple', signal))); // 5
  // #endregion
  assert.equal(await inventory.execute(() => readStock('gone')), -1);
}

function readStockUntil(sku: string, _signal: AbortSignal): Promise<number> {
  return readStock(sku);
}

function lastKnown(_sku: string, _outcome: unknown): number {
  return -1;
}

{
  // #region cache
  const sku = contextKey<string>('sku');
  const stock = compose(
    cache<number>({ key: (context) => context.get(sku), ttlMs: 1_000, maxEntries: 500 }),
    circuitBreaker(),
  );

  console.log(await stock.execute(() => readStock('apple'), { properties: [sku('apple')] })); // 5
  // #endregion
  assert.equal(await stock.execute(() => 7, { properties: [sku('apple')] }), 5);
}

{
  // #region by-hand
  const guarded = circuitBreaker({ healthProbe: healthProbe(() => readStock('apple')) });

  const isolation = guarded.isolate(); // open(): but it stays so until it is released
  isolation.release(); // close()
  guarded.configure({ mode: 'disabled' }); // disable()
  guarded.configure({ mode: 'enforce' }); // enable()
  console.log(guarded.state, guarded.metrics.successes); // closed 0: the getters and stats
  await guarded[Symbol.asyncDispose](); // shutdown(): ends the health probe
  // #endregion
  assert.equal(guarded.state, 'closed');
}

{
  // #region mixed
  // The errors of the drop-in say "not started" to our policies.
  const stock = new CircuitBreaker(readStock, { resetTimeout: 30_000 });
  stock.open();
  let attempts = 0;
  const outcome = await retry({ maxAttempts: 3, backoff: constant(1) }).outcome(() => {
    attempts++;
    return stock.fire('apple');
  });
  console.log(attempts, outcome.ok); // 1 false: an open circuit is not worth another attempt
  // #endregion
  assert.equal(attempts, 1);
  assert.equal(outcome.ok, false);
}
