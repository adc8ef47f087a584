import { rateLimitHeaders } from '@holdfast/rate-limiter';
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
    RateLimit: '"per \\"tenant\\"";r=42;t=13',
  });
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
