import { fallback } from '@holdfast/fallback';
import { expect, test, vi } from 'vitest';

const failed = new Error('failed');

test('cockatiel: a fallback function is called without arguments', async () => {
  const use = vi.fn(() => 'alternative');
  await fallback({ use }).execute(() => Promise.reject(failed));
  expect(use).toHaveBeenCalledWith(
    { ok: false, error: failed },
    expect.objectContaining({ attempt: 1 }),
  );
});

test('cockatiel: a value that is a function cannot be given', async () => {
  const noop = vi.fn();
  expect(await fallback({ value: noop }).execute(() => Promise.reject(failed))).toBe(noop);
  expect(noop).not.toHaveBeenCalled();
});

test('cockatiel: no event tells that the fallback was used', async () => {
  const policy = fallback({ value: 1 });
  const heard = vi.fn();
  policy.on('fell-back', heard);
  await policy.execute(() => Promise.reject(failed));
  expect(heard).toHaveBeenCalledOnce();
});
