import assert from 'node:assert/strict';
import { request } from './shared/busy-orders.ts';
// #region drop-in
import pRetry, { AbortError } from '@holdfast/interop/p-retry';

async function readOrder(id: number, signal?: AbortSignal): Promise<string> {
  const response = await request(id, signal);
  if (response.status === 404) throw new AbortError(`there is no order ${id}`);
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return response.text;
}

const caller = new AbortController();
const order = await pRetry(() => readOrder(7, caller.signal), {
  retries: 4,
  minTimeout: 10,
  maxTimeout: 1_000,
  randomize: true,
  signal: caller.signal,
  onFailedAttempt: ({ attemptNumber, error }) => console.log(attemptNumber, error.message),
});
console.log(order); // 1 status 503, 2 status 503, order 7
// #endregion
assert.equal(order, 'order 7');
await assert.rejects(
  pRetry(() => readOrder(0)),
  { message: 'there is no order 0' },
);
