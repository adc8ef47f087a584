import { timeout } from '@holdfast/timeout';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a timer left over from an earlier call does not cut a later one early', async () => {
  const policy = timeout({ afterMs: 25 });
  await policy.execute(async () => 'early');
  await vi.advanceTimersByTimeAsync(1);

  const work = new Promise((resolve) => setTimeout(() => resolve('in time'), 24.5));
  const result = policy.execute(() => work);
  await vi.advanceTimersByTimeAsync(24);
  await vi.advanceTimersByTimeAsync(1);

  await expect(result).resolves.toBe('in time');
});
