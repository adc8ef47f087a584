import assert from 'node:assert/strict';
// #region import
import CircuitBreaker from 'opossum';

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
  // #region all
  const stock = new CircuitBreaker(readStock, {
    timeout: 3_000,
    capacity: 10,
    errorThresholdPercentage: 50,
    volumeThreshold: 20,
    rollingCountTimeout: 10_000,
    resetTimeout: 30_000,
    errorFilter: (error) => error.message === '404',
    name: 'inventory',
  });
  stock.fallback((sku: string, error: Error) => lastKnown(sku, error));
  stock.on('open', () => console.log('the inventory is down'));
  stock.on('reject', () => console.log('not even asked'));

  console.log(await stock.fire('apple')); // 5
  // #endregion
  stock.open();
  assert.equal(await stock.fire('apple'), -1);
}

function lastKnown(_sku: string, _error: unknown): number {
  return -1;
}

{
  // #region cache
  const stock = new CircuitBreaker(readStock, {
    cache: true,
    cacheTTL: 1_000,
    cacheSize: 500,
    cacheGetKey: (sku: string) => sku,
    coalesce: true,
    coalesceResetOn: ['error', 'success', 'timeout'],
  } as CircuitBreaker.Options<[string]>);

  console.log(await stock.fire('apple')); // 5
  // #endregion
  await stock.fire('apple');
  assert.equal(stock.stats.cacheHits, 1);
}
