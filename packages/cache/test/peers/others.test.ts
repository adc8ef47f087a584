import { cache, coalesce } from '@holdfast/cache';
import { virtualClock } from '@holdfast/testing';
import { expect, test } from 'vitest';
import { source } from '../source.ts';

const key = (): string => 'key';

test('lru-cache: the signal of whoever came first ends the fetch for all', async () => {
  const policy = coalesce({ key });
  const stock = source<number>();
  const first = new AbortController();
  const left = policy.execute(stock.operation, { signal: first.signal });
  const stays = policy.execute(stock.operation);
  first.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  stock.last.resolve(7);
  expect(await stays).toBe(7);
});

test('mollitia: calls at the same time all go through', async () => {
  const policy = cache({ key, ttlMs: 1_000 });
  const stock = source<number>();
  const calls = [policy.execute(stock.operation), policy.execute(stock.operation)];
  expect(stock.calls).toHaveLength(1);
  stock.last.resolve(7);
  expect(await Promise.all(calls)).toEqual([7, 7]);
});

test('mollitia: a value is served in place of an error whatever its age', async () => {
  const clock = virtualClock();
  const policy = cache({ key, ttlMs: 1_000, staleIfErrorMs: 1_000, clock });
  await policy.execute(() => 'old');
  await clock.advance(2_000);
  await expect(policy.execute(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
});

test('mollitia: what is kept is marked, and null cannot be', async () => {
  const policy = cache<object | null>({ key, ttlMs: 1_000 });
  const frozen = Object.freeze({ level: 7 });
  await policy.execute(() => frozen);
  expect(await policy.execute(() => null)).toBe(frozen);
  policy.clear();
  await policy.execute(() => null);
  expect(await policy.execute(() => frozen)).toBe(null);
});

test('mollitia: an idle cache keeps a timer, and the process with it', async () => {
  const clock = virtualClock();
  await cache({ key, ttlMs: 1_000, staleWhileRevalidateMs: 1_000, clock }).execute(() => 1);
  expect(clock.pending).toBe(0);
});

test('mollitia: what nobody asks for again is kept until the whole cache is cleared', async () => {
  let calls = 0;
  const policy = cache({ key: () => String(calls++), ttlMs: 1_000, maxEntries: 10 });
  for (let i = 0; i < 100; i++) await policy.execute(() => i);
  expect(policy.size).toBe(10);
});
