import {
  adaptiveRate,
  gcra,
  perKey,
  type RateLimiter,
  rateLimiter,
  tokenBucket,
} from '@holdfast/rate-limiter';
import { contextKey } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';

const tenant = contextKey<string>('tenant');
const hour = 3_600_000;

describe('the keys of a limiter', () => {
  test('stay bounded while calls wait for the oldest of them', () => {
    const limiter = rateLimiter({
      algorithm: gcra({ limit: 1, windowMs: hour }),
      keys: perKey({ key: (context) => context.get(tenant), maxKeys: 100 }),
      maxQueued: 1,
      clock: virtualClock(),
    });
    for (let i = 0; i < 40; i++) {
      const properties = [tenant(`slow-${i}`)];
      void limiter.execute(() => 1, { properties });
      void limiter.execute(() => 1, { properties });
    }
    for (let i = 0; i < 5_000; i++) limiter.tryAcquire({ key: `${i}` });

    expect(limiter.queued).toBe(40);
    expect(limiter.size).toBeLessThanOrEqual(105);
    expect(limiter.forget('slow-0')).toBe(false);
    expect(limiter.peek({ key: '0' }).allowed).toBe(true);
    expect(limiter.peek({ key: '4999' }).allowed).toBe(false);
  });
});

describe('a rate that has fallen', () => {
  const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 10_000 });

  function paused(): { clock: VirtualClock; limiter: RateLimiter } {
    const clock = virtualClock();
    const algorithm = gcra({ limit: 10, windowMs: 1_000 });
    const limiter = rateLimiter({ algorithm, adaptive, maxQueued: 100, clock });
    limiter.feedback({ pauseMs: 5_000 });
    return { clock, limiter };
  }

  test('tells when all of the limit is there again: it rises after the pause', async () => {
    const { clock, limiter } = paused();

    expect(limiter.peek()).toMatchObject({ retryAfterMs: 5_000, resetAfterMs: 10_000 });
    await clock.advance(6_000);
    expect(limiter.peek()).toMatchObject({ retryAfterMs: 0, resetAfterMs: 4_000 });
  });

  test('tells those who wait in a pause of the ones before them', async () => {
    const { clock, limiter } = paused();
    const told: number[] = [];
    limiter.on('queued', ({ waitMs }) => told.push(waitMs));
    const waited: number[] = [];
    limiter.on('dequeued', ({ waitedMs }) => waited.push(waitedMs));
    for (let i = 0; i < 5; i++) void limiter.execute(() => 1);

    expect(told).toEqual([5_000, 5_200, 5_400, 5_600, 5_800]);
    expect(limiter.peek().retryAfterMs).toBe(6_000);
    await clock.advance(6_000);
    expect(waited.map(Math.round)).toEqual([5_000, 5_200, 5_392, 5_578, 5_757]);
  });

  test('refuses at once a call whose deadline comes before its turn after the pause', async () => {
    const { clock, limiter } = paused();
    for (let i = 0; i < 5; i++) void limiter.execute(() => 1);
    const outcome = await limiter.outcome(() => 1, { deadline: clock.now() + 5_500 });

    expect(outcome).toMatchObject({ ok: false, error: { reason: 'deadline' } });
  });

  test('falls once for calls that begin and end at one moment', async () => {
    const clock = virtualClock();
    const algorithm = gcra({ limit: 10, windowMs: 1_000, burst: 10 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    let least = 1;
    limiter.on('throttled', ({ share }) => (least = Math.min(least, share)));
    for (let i = 0; i < 10; i++) void limiter.outcome(async () => ({ status: 429 }));
    await clock.flush();

    expect(least).toBe(0.5);
  });
});

test('a rate at which no bucket would ever fill is an error', () => {
  expect(() => tokenBucket({ replenishRate: 1e-310 })).toThrow(/`replenishRate`/u);
  expect(() => tokenBucket({ replenishRate: 1e-12 })).toThrow(RangeError);
  expect(tokenBucket({ replenishRate: 1e-10 }).windowMs).toBe(1e13);
});
