import assert from 'node:assert/strict';
import { readStock } from './shared/busy-stock.ts';
// #region keyed
import { bulkhead } from '@holdfast/bulkhead';
import { contextKey, keyed } from '@holdfast/policy';

const tenant = contextKey<string>('tenant');
const perTenant = keyed(() => bulkhead({ maxConcurrent: 2, maxQueued: 100 }), {
  key: (context) => context.get(tenant),
});

const stock = await perTenant.execute(() => readStock('pear'), { properties: [tenant('acme')] });
// #endregion
assert.equal(stock, 4);
