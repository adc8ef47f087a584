import assert from 'node:assert/strict';
import { highest, readStock } from './shared/busy-stock.ts';
// #region before
import Bottleneck from 'bottleneck';

const limiter = new Bottleneck({
  maxConcurrent: 2,
  minTime: 5,
  highWater: 100,
  strategy: Bottleneck.strategy.OVERFLOW,
});

const stock = await Promise.all([
  limiter.schedule(() => readStock('apple')),
  limiter.schedule({ priority: 1 }, () => readStock('pear')),
  limiter.schedule({ priority: 9 }, () => readStock('plum')),
]);
console.log(stock); // 5, 4, 4
// #endregion
assert.deepEqual(stock, [5, 4, 4]);
assert.ok(highest() <= 2);
