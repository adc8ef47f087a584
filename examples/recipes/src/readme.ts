import assert from 'node:assert/strict';
import { faultServer, respond, sequence } from '@holdfast/testing';
// #region pipeline
import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { isHttpFailure, isRetryableHttp, wrapFetch } from '@holdfast/fetch';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';

const inventory = compose(
  timeout({ afterMs: 2_000 }), // for the whole call: attempts, back-offs and queues
  retry({ shouldRetry: isRetryableHttp }), // up to 3 attempts, full jitter
  circuitBreaker({ isFailure: isHttpFailure }), // rejects at once while inventory is down
  bulkhead({ maxConcurrent: 50, maxQueued: 20 }), // never more than 50 at work
  timeout({ afterMs: 500 }), // for each attempt
);
const fetchInventory = wrapFetch(fetch, inventory);
// #endregion

const server = await faultServer();
server.script('/stock/sku-1', [
  sequence([respond({ status: 503 }), respond({ body: { available: 7 } })]),
]);
const inventoryUrl = server.url;

// #region use
const response = await fetchInventory(`${inventoryUrl}/stock/sku-1`);
const stock = await response.json(); // { available: 7 }, by the second attempt
// #endregion

assert.deepEqual(stock, { available: 7 });
assert.equal(server.requests.length, 2);
await server.close();
