import assert from 'node:assert/strict';
import { highest, readStock } from './shared/busy-stock.ts';
// #region drop-in
import pLimit from '@holdfast/interop/p-limit';

const limit = pLimit({ concurrency: 2, rejectOnClear: true });

const stock = await limit.map(['apple', 'pear', 'plum'], (sku) => readStock(sku));
console.log(stock); // 5, 4, 4

const calls = ['fig', 'lime', 'date'].map((sku) => limit(readStock, sku));
limit.clearQueue(); // the shop closes
const results = await Promise.allSettled(calls);
console.log(results.map(({ status }) => status)); // fulfilled, fulfilled, rejected
// #endregion
assert.deepEqual(stock, [5, 4, 4]);
assert.deepEqual(
  results.map(({ status }) => status),
  ['fulfilled', 'fulfilled', 'rejected'],
);
assert.equal(highest(), 2);
