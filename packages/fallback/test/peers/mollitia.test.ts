import { fallback } from '@holdfast/fallback';
import { expect, test } from 'vitest';

test('mollitia: a fallback rejects with what it returns, and cannot answer with a value', async () => {
  const outcome = await fallback({ use: () => 'alternative' }).outcome(() => {
    throw new Error('failed');
  });
  expect(outcome).toEqual({ ok: true, value: 'alternative' });
});
