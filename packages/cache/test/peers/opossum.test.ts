import { cache, coalesce } from '@holdfast/cache';
import { expect, test, vi } from 'vitest';

test('opossum: two breakers of one options object have each other’s results', async () => {
  const options = { key: () => 'key', ttlMs: 1_000 };
  const [one, two] = [cache(options), cache(options)];
  expect(await one.execute(() => 1)).toBe(1);
  expect(await two.execute(() => 2)).toBe(2);
  expect(Object.keys(options)).toEqual(['key', 'ttlMs']);
});

test('opossum: a key that cannot be made throws out of the call itself', async () => {
  const policy = cache({ key: () => JSON.stringify(1n), ttlMs: 1_000 });
  const call = policy.execute(() => 1);
  await expect(call).rejects.toThrow(TypeError);
});

test('opossum: coalescing serves results that have come long before', async () => {
  const policy = coalesce({ key: () => 'key' });
  const operation = vi.fn(async () => 1);
  await policy.execute(operation);
  await policy.execute(operation);
  expect(operation).toHaveBeenCalledTimes(2);
});

test('opossum: what is used most goes first, if it came first', async () => {
  const keys = ['hot', 'b', 'hot', 'c', 'hot'];
  const policy = cache({ key: () => keys.shift(), ttlMs: 1_000, maxEntries: 2 });
  for (let i = 0; i < 4; i++) await policy.execute(() => i);
  expect(await policy.execute(() => 'anew')).toBe(0);
});
