import assert from 'node:assert/strict';
import { bulkhead } from '@holdfast/bulkhead';
import { fromCockatiel, toCockatiel } from '@holdfast/interop';
import * as cockatiel from 'cockatiel';
import { BusyError, busyInventory } from './shared/busy-inventory.ts';
// #region own
import { circuitBreaker, consecutiveFailures, isCircuitOpenError } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { compose } from '@holdfast/policy';
import { exponential, retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';

const readStock = busyInventory(2);

const inventory = compose(
  fallback({ when: (outcome) => !outcome.ok && isCircuitOpenError(outcome.error), value: 0 }),
  retry({
    maxAttempts: 4, // the first one and 3 retries
    backoff: exponential({ initialMs: 5, maxMs: 20 }),
    shouldRetry: (outcome) => !outcome.ok && outcome.error instanceof BusyError,
  }),
  circuitBreaker({ trip: consecutiveFailures(5), halfOpenAfterMs: 5_000 }),
  timeout({ afterMs: 1_000 }),
);
inventory.on('retried', ({ attempt }) => console.log(`retry ${attempt}`));

const stock = await inventory.execute(({ signal }) => readStock('apple', { signal }));
console.log(stock); // retry 1, retry 2, 5
// #endregion
assert.equal(stock, 5);

{
  const { circuitBreaker: theirBreaker, ConsecutiveBreaker, handleAll } = cockatiel;
  const read = busyInventory(1);
  // #region mix
  // A breaker that other modules use, and whose events a dashboard shows: it stays as it is.
  const breaker = theirBreaker(handleAll, {
    halfOpenAfter: 5_000,
    breaker: new ConsecutiveBreaker(5),
  });

  const mixed = compose(timeout({ afterMs: 2_000 }), retry(), fromCockatiel(breaker));
  console.log(await mixed.execute(({ signal }) => read('apple', { signal }))); // 5
  // #endregion
  assert.equal(breaker.state, cockatiel.CircuitState.Closed);
}

{
  const read = busyInventory(1);
  const { handleAll, wrap } = cockatiel;
  // #region mix-back
  // A queue whose places are held until the work has really ended, under a retry that is there already.
  const places = toCockatiel(bulkhead({ maxConcurrent: 10, maxQueued: 100, maxQueueMs: 500 }));

  const wrapped = wrap(cockatiel.retry(handleAll, { maxAttempts: 3 }), places);
  console.log(await wrapped.execute(({ signal }) => read('apple', { signal }))); // 5
  // #endregion
  assert.equal(await wrapped.execute(({ signal }) => read('fig', { signal })), 3);
}

{
  const { ConsecutiveBreaker, handleAll } = cockatiel;
  const { circuitBreaker: dropIn, CircuitState } = await import('@holdfast/interop/cockatiel');
  const old = cockatiel.circuitBreaker(handleAll, {
    halfOpenAfter: 5_000,
    breaker: new ConsecutiveBreaker(1),
  });
  await assert.rejects(old.execute(() => Promise.reject(new BusyError('busy'))));
  // #region state
  const saved = JSON.stringify(old.toJSON()); // written by cockatiel

  const restored = dropIn(handleAll, {
    halfOpenAfter: 5_000,
    breaker: new ConsecutiveBreaker(1),
    initialState: JSON.parse(saved),
  });
  console.log(restored.state === CircuitState.Open); // true
  // #endregion
  assert.equal(restored.state, 1);
}
