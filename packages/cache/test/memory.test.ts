import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cache, coalesce } from '@holdfast/cache';
import { contextKey } from '@holdfast/policy';
import { describe, expect, test } from 'vitest';
import { reactions } from './source.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const keyOf = contextKey<string>('key');
const of = (name: string) => ({ properties: [keyOf(name)] });
const keys = 10_000;

async function heapUsed(): Promise<number> {
  await reactions();
  collectGarbage();
  await reactions();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function countAlive(references: readonly WeakRef<object>[]): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await reactions();
    collectGarbage();
  }
  return references.filter((each) => each.deref() !== undefined).length;
}

/** Asks for each of the keys once; what was answered can be counted. */
async function fill(policy: ReturnType<typeof cache>): Promise<WeakRef<object>[]> {
  const references: WeakRef<object>[] = [];
  for (let i = 0; i < keys; i++) {
    await policy.execute(
      () => {
        const value = { body: 'x'.repeat(10) };
        references.push(new WeakRef(value));
        return value;
      },
      of(`key ${i}`),
    );
  }
  return references;
}

describe('the memory of a cache', () => {
  test('holds the last values only, however many keys come by', async () => {
    const policy = cache({
      key: (context) => context.get(keyOf),
      ttlMs: Infinity,
      maxEntries: 100,
    });
    const references = await fill(policy);
    expect(policy.size).toBe(100);
    const alive = await countAlive(references);
    expect(alive).toBeGreaterThanOrEqual(100);
    expect(alive).toBeLessThan(200);
    policy.clear();
    expect(await countAlive(references)).toBeLessThan(100);
  });

  test('is some 300 bytes a key beside the value and the key', async () => {
    const policy = cache({ key: (context) => context.get(keyOf), ttlMs: 1e9, maxEntries: keys });
    const names = Array.from({ length: keys }, (_, i) => of(`key ${i}`));
    await policy.execute(() => 1);
    const before = await heapUsed();
    for (const options of names) await policy.execute(() => 1, options);
    const perKey = ((await heapUsed()) - before) / keys;
    expect(policy.size).toBe(keys);
    expect(perKey).toBeLessThan(300);
  });

  test('holds nothing of flights that have ended or were abandoned', async () => {
    const policy = coalesce({ key: (context) => context.get(keyOf) });
    const references: WeakRef<object>[] = [];
    for (let i = 0; i < 1_000; i++) {
      const caller = new AbortController();
      const value = {};
      references.push(new WeakRef(value));
      const hangs = i % 2 === 0;
      const call = policy.outcome(
        () => (hangs ? new Promise(() => value) : Promise.resolve(value)),
        {
          ...of(`key ${i}`),
          signal: caller.signal,
        },
      );
      if (hangs) caller.abort();
      await call;
    }
    expect(policy.size).toBe(0);
    expect(await countAlive(references)).toBeLessThan(20);
  });
});
