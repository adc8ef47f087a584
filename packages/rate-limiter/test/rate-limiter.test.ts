import { isRateLimiterRefusedError, rateLimiter } from '@holdfast/rate-limiter';
import { expect, test, vi } from 'vitest';

test('a call that is not accepted does not begin', async () => {
  const operation = vi.fn(() => 1);
  const policy = rateLimiter({ accepts: () => false });

  const outcome = await policy.outcome(operation);

  expect(outcome.ok).toBe(false);
  expect(!outcome.ok && isRateLimiterRefusedError(outcome.error)).toBe(true);
  expect(operation).not.toHaveBeenCalled();
});
