import assert from 'node:assert/strict';
import { request } from './shared/busy-orders.ts';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { fromPRetryOptions } from '@holdfast/interop';
import { compose } from '@holdfast/policy';
// #region own
import { exponential, retry, stopRetrying } from '@holdfast/retry';

const orders = retry({
  maxAttempts: 5, // the first one and 4 retries
  backoff: exponential({ initialMs: 10, maxMs: 1_000, jitter: 'equal' }),
});
orders.on('retried', ({ attempt, outcome }) => {
  if (!outcome.ok) console.log(attempt, (outcome.error as Error).message);
});

async function readOrder(id: number, signal?: AbortSignal): Promise<string> {
  const response = await request(id, signal);
  if (response.status === 404) throw stopRetrying(new Error(`there is no order ${id}`));
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return response.text;
}

const caller = new AbortController();
const order = await orders.execute(({ signal }) => readOrder(7, signal), caller);
console.log(order); // 1 status 503, 2 status 503, order 7
// #endregion
assert.equal(order, 'order 7');
await assert.rejects(
  orders.execute(() => readOrder(0)),
  { message: 'there is no order 0' },
);

{
  // #region mix
  const options = { retries: 4, minTimeout: 10, maxTimeout: 1_000, randomize: true };
  const pipeline = compose(retry(fromPRetryOptions(options)), circuitBreaker());

  const sameOrder = await pipeline.execute(({ signal }) => readOrder(7, signal));
  // #endregion
  assert.equal(sameOrder, order);
}
