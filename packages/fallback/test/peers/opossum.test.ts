import { fallback } from '@holdfast/fallback';
import { expect, test, vi } from 'vitest';

test('opossum: the fallback runs for errors that a filter had excluded', async () => {
  const notFound = new Error('not found');
  const use = vi.fn();
  const policy = fallback({ when: (outcome) => !outcome.ok && outcome.error !== notFound, use });
  await expect(policy.execute(() => Promise.reject(notFound))).rejects.toBe(notFound);
  expect(use).not.toHaveBeenCalled();
});

test('opossum: a fallback cannot judge results', async () => {
  const policy = fallback({ when: (outcome) => outcome.ok && outcome.value === null, value: 0 });
  expect(await policy.execute(() => null)).toBe(0);
});

test('opossum: a fallback that rejects leaves an unhandled rejection', async () => {
  const worse = new Error('worse');
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const policy = fallback({
    chain: [() => Promise.reject(new Error('bad')), () => Promise.reject(worse)],
  });
  await expect(policy.execute(() => Promise.reject(new Error('failed')))).rejects.toBe(worse);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
