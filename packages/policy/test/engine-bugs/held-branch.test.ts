import { getEventListeners } from 'node:events';
import { compose, definePolicy } from '@holdfast/policy';
import { fallback } from '@holdfast/fallback';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const count = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('a branch that a layer has held lets go of the signal when it has ended', async () => {
  const around = definePolicy('around', (next) => next());
  const alternative = Promise.withResolvers<string>();
  const policy = compose(around, fallback({ use: () => alternative.promise }));
  const { signal } = new AbortController();
  const result = policy.execute(() => Promise.reject(new Error('no')), { signal });
  await turn();
  expect(count(signal)).toBe(1);
  alternative.resolve('instead');
  expect(await result).toBe('instead');
  await turn();
  expect(count(signal)).toBe(0);
});

test('a branch that is dropped while a layer holds it lets go of the signal', async () => {
  const outer = definePolicy<string>('outer', (next) => {
    const all = next();
    return Promise.race([all, Promise.resolve('early')]);
  });
  const inner = definePolicy('inner', (next) => next());
  const alternative = Promise.withResolvers<string>();
  const policy = compose(outer, inner, fallback({ use: () => alternative.promise }));
  const { signal } = new AbortController();
  expect(await policy.execute(() => Promise.reject(new Error('no')), { signal })).toBe('early');
  await turn();
  alternative.resolve('nobody wants it');
  await turn();
  await turn();
  expect(count(signal)).toBe(0);
});

test('an operation that looks at its signal after the call has settled leaves no listener', async () => {
  const early = definePolicy<string>('early', (next) => {
    void next();
    return Promise.resolve('early');
  });
  const { signal } = new AbortController();
  const policy = compose(early, timeout());
  const looked = Promise.withResolvers<boolean>();
  const begin = async (context: { readonly signal: AbortSignal }): Promise<void> => {
    await turn();
    looked.resolve(context.signal.aborted);
  };
  expect(await policy.execute<unknown>(begin, { signal })).toBe('early');
  await turn();
  expect(await looked.promise).toBe(false);
  await turn();
  expect(count(signal)).toBe(0);
});
