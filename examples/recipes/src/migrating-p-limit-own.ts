import assert from 'node:assert/strict';
import { fromPLimit } from '@holdfast/interop';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import pLimit from 'p-limit';
import { highest, readStock } from './shared/busy-stock.ts';
// #region own
import { bulkhead } from '@holdfast/bulkhead';

const places = bulkhead({ maxConcurrent: 2, maxQueued: Infinity });
const read = places.wrap(readStock);

const stock = await Promise.all(['apple', 'pear', 'plum'].map((sku) => read(sku)));
console.log(stock); // 5, 4, 4

const open = new AbortController();
const calls = ['fig', 'lime', 'date'].map((sku) => places.execute(() => readStock(sku), open));
open.abort(new Error('the shop closes')); // what waits rejects at once, what runs goes on
const results = await Promise.allSettled(calls);
console.log(results.map(({ status }) => status)); // fulfilled, fulfilled, rejected
// #endregion
assert.deepEqual(stock, [5, 4, 4]);
assert.deepEqual(
  results.map(({ status }) => status),
  ['fulfilled', 'fulfilled', 'rejected'],
);

{
  // #region mix
  const limit = pLimit({ concurrency: 2, rejectOnClear: true }); // as in the rest of the service
  const inventory = compose(retry(), fromPLimit(limit));

  const apples = await inventory.execute(() => readStock('apple'));
  // #endregion
  assert.equal(apples, 5);
}
assert.equal(highest(), 2);
