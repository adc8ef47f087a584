import { gcra, isRateLimitedError, rateLimiter, rateLimitHeaders } from '@holdfast/rate-limiter';
import { virtualClock } from '@holdfast/testing';
import { expect, test } from 'vitest';

const decision = {
  allowed: true,
  limit: 100,
  windowMs: 60_000,
  remaining: 42,
  retryAfterMs: 0,
  resetAfterMs: 12_300,
};

test('speaks as the draft of the IETF', () => {
  expect(rateLimitHeaders(decision, { policy: 'per "tenant"' })).toEqual({
    'RateLimit-Policy': '"per \\"tenant\\"";q=100;w=60',
    RateLimit: '"per \\"tenant\\"";r=42;t=26',
  });
});

test('tells a window in which what remains lasts at the rate of the limit', () => {
  const headers = (options: { remaining: number; resetAfterMs: number }): string | undefined =>
    rateLimitHeaders({ ...decision, ...options })['RateLimit'];

  // 99 of 100 in a minute, and in 0.6 s all are there: to send 99 in that second would be a surprise.
  expect(headers({ remaining: 99, resetAfterMs: 600 })).toBe('"default";r=99;t=60');
  expect(headers({ remaining: 0, resetAfterMs: 60_000 })).toBe('"default";r=0;t=60');
});

test('never tells a client to come back before the window has ended', () => {
  const refused = { ...decision, allowed: false, remaining: 0, retryAfterMs: 3_000 };

  expect(rateLimitHeaders(refused)).toMatchObject({
    RateLimit: '"default";r=0;t=3',
    'Retry-After': '3',
  });
});

test('takes the error of a call that was refused', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({ algorithm: gcra({ limit: 1, windowMs: 90_000 }), clock });
  limiter.tryAcquire();
  const outcome = await limiter.outcome(() => 1);

  expect(
    !outcome.ok && isRateLimitedError(outcome.error) && rateLimitHeaders(outcome.error),
  ).toEqual({
    'RateLimit-Policy': '"default";q=1;w=90',
    RateLimit: '"default";r=0;t=90',
    'Retry-After': '90',
  });
});

test('rounds up, but not what is only the rounding of sums', () => {
  const nearly = { ...decision, allowed: false, retryAfterMs: 3_000.000_001 };

  expect(rateLimitHeaders(nearly)['Retry-After']).toBe('3');
  expect(rateLimitHeaders({ ...nearly, retryAfterMs: 3_000.1 })['Retry-After']).toBe('4');
});

test('speaks as gateways used to', () => {
  expect(rateLimitHeaders(decision, { style: 'legacy' })).toEqual({
    'X-RateLimit-Limit': '100',
    'X-RateLimit-Remaining': '42',
    'X-RateLimit-Reset': '13',
  });
});

test('tells a call that was refused when to come back, never at once', () => {
  const refused = { ...decision, allowed: false, retryAfterMs: 20 };

  expect(rateLimitHeaders(refused)).toMatchObject({ 'Retry-After': '1' });
  expect(Object.keys(rateLimitHeaders(refused, { style: 'both' }))).toHaveLength(6);
});

test('names what cannot be used', () => {
  expect(() => rateLimitHeaders(decision, { style: 'new' as never })).toThrow(/`style`/u);
});
