import assert from 'node:assert/strict';
import { BusyError, busyInventory } from './shared/busy-inventory.ts';
// #region pipeline
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  fallback,
  handleAll,
  handleType,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';

const readStock = busyInventory(2);

const retried = retry(handleType(BusyError), {
  maxAttempts: 3, // after the first one
  backoff: new ExponentialBackoff({ initialDelay: 5, maxDelay: 20 }),
});
retried.onRetry((event) => console.log(`retry ${event.attempt}`));

const breaker = circuitBreaker(handleAll, {
  halfOpenAfter: 5_000,
  breaker: new ConsecutiveBreaker(5),
});
const limited = timeout(1_000, TimeoutStrategy.Aggressive);
const orNothing = fallback(handleType(BrokenCircuitError), 0);

const inventory = wrap(orNothing, retried, breaker, limited);
const stock = await inventory.execute(({ signal }) => readStock('apple', { signal }));
console.log(stock); // retry 1, retry 2, 5
// #endregion
assert.equal(stock, 5);
