import { contextKey } from '@holdfast/policy';
import {
  adaptiveRate,
  gcra,
  perKey,
  type RateAlgorithm,
  rateLimiter,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import { virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const perSecond = (limit: number): RateAlgorithm => slidingWindow({ limit, windowMs: 1_000 });

describe('another limit', () => {
  test('counts what has gone under the former one', () => {
    const limiter = rateLimiter({ algorithm: perSecond(3), clock: virtualClock() });
    limiter.tryAcquire();
    limiter.tryAcquire();

    limiter.configure({ algorithm: perSecond(5) });

    expect(limiter.peek()).toMatchObject({ limit: 5, remaining: 3 });
  });

  test('lets nothing go that is below what has gone', async () => {
    const clock = virtualClock();
    const limiter = rateLimiter({ algorithm: perSecond(5), clock });
    for (let i = 0; i < 4; i++) limiter.tryAcquire();

    limiter.configure({ algorithm: perSecond(2) });

    expect(limiter.tryAcquire().allowed).toBe(false);
    await clock.advance(1_000);
    expect(limiter.peek().remaining).toBe(2);
  });

  test('lets what is in a bucket leak at the new rate', async () => {
    const clock = virtualClock();
    const slow = tokenBucket({ replenishRate: 1, burstCapacity: 10 });
    const limiter = rateLimiter({ algorithm: slow, clock });
    for (let i = 0; i < 10; i++) limiter.tryAcquire();

    limiter.configure({ algorithm: gcra({ limit: 100, windowMs: 1_000, burst: 10 }) });

    expect(limiter.peek().remaining).toBe(0);
    await clock.advance(50);
    expect(limiter.peek().remaining).toBe(5);
  });

  test('takes over from another algorithm what had been used', () => {
    const limiter = rateLimiter({
      algorithm: tokenBucket({ replenishRate: 1, burstCapacity: 10 }),
      clock: virtualClock(),
    });
    for (let i = 0; i < 4; i++) limiter.tryAcquire();

    limiter.configure({ algorithm: perSecond(10) });
    expect(limiter.peek().remaining).toBe(6);

    limiter.configure({ algorithm: gcra({ limit: 10, windowMs: 1_000, burst: 3 }) });
    expect(limiter.peek().remaining).toBe(0);
  });

  test('takes over from an algorithm that knows nothing of it', () => {
    const { kind, limit, windowMs, capacity, ...methods } = perSecond(10);
    const own = { kind, limit, windowMs, capacity, makeState: () => methods.makeState() };
    const limiter = rateLimiter({ algorithm: perSecond(10), clock: virtualClock() });
    limiter.tryAcquire();

    limiter.configure({ algorithm: own });

    expect(limiter.peek().remaining).toBe(9);
  });

  test('counts what has gone in this turn without a look at the clock', async () => {
    const limiter = rateLimiter({ algorithm: perSecond(10) });
    await Promise.all([1, 2, 3].map((call) => limiter.execute(() => call)));

    limiter.configure({ algorithm: perSecond(4) });

    expect(limiter.peek().remaining).toBe(1);
  });

  test('holds for each key', async () => {
    const tenant = contextKey<string>('tenant');
    const clock = virtualClock();
    const keys = perKey({ key: (context) => context.get(tenant) });
    const limiter = rateLimiter({ algorithm: perSecond(1), keys, clock });
    const call = async (name: string): Promise<boolean> =>
      (await limiter.outcome(() => 1, { properties: [tenant(name)] })).ok;
    expect([await call('acme'), await call('acme')]).toEqual([true, false]);

    limiter.configure({ algorithm: perSecond(2) });

    expect([await call('acme'), await call('acme')]).toEqual([true, false]);
    expect([await call('tiny'), await call('tiny'), await call('tiny')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(limiter.size).toBe(2);
  });

  test('keeps the share of a limiter that has been slowed down', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 1_000_000 });
    const algorithm = gcra({ limit: 10, windowMs: 1_000, burst: 1 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    limiter.feedback({ pauseMs: 500 });

    limiter.configure({ algorithm: gcra({ limit: 20, windowMs: 1_000, burst: 1 }) });

    expect(limiter.tryAcquire().retryAfterMs).toBe(500);
    await clock.advance(500);
    expect(limiter.tryAcquire().allowed).toBe(true);
    expect(limiter.peek().retryAfterMs).toBeCloseTo(100, 0);
  });

  test('refuses what cannot be used, and changes nothing', () => {
    const limiter = rateLimiter({ algorithm: perSecond(1), clock: virtualClock() });

    expect(() => limiter.configure({ algorithm: perSecond(9), maxQueued: -1 })).toThrow(
      new RangeError('Expected `maxQueued` to be an integer from 0 up, or Infinity, got -1.'),
    );
    expect(() => limiter.configure({ weight: () => 1 } as never)).toThrow(TypeError);
    expect(limiter.describe().layers[0]?.options).toMatchObject({
      algorithm: { limit: 1 },
      maxQueued: 0,
    });
  });
});

describe('those who wait', () => {
  test('go sooner when the limit is raised', async () => {
    const clock = virtualClock();
    const limiter = rateLimiter({ algorithm: perSecond(1), maxQueued: 5, clock });
    const calls = [1, 2, 3].map((call) => limiter.execute(() => call));
    await clock.flush();
    expect(limiter.queued).toBe(2);

    limiter.configure({ algorithm: perSecond(3) });

    await expect(Promise.all(calls)).resolves.toEqual([1, 2, 3]);
    expect(clock.now()).toBe(0);
  });

  test('go later when the limit is lowered', async () => {
    const clock = virtualClock();
    const algorithm = gcra({ limit: 10, windowMs: 1_000 });
    const limiter = rateLimiter({ algorithm, maxQueued: 5, clock });
    const calls = [1, 2].map((call) => limiter.execute(() => call));
    await clock.flush();

    limiter.configure({ algorithm: gcra({ limit: 1, windowMs: 1_000 }) });

    await clock.advance(999);
    expect(limiter.queued).toBe(1);
    await clock.advance(1);
    await expect(Promise.all(calls)).resolves.toEqual([1, 2]);
  });

  test('stay when the line becomes too short for them, and newcomers are refused', async () => {
    const clock = virtualClock();
    const limiter = rateLimiter({ algorithm: perSecond(1), maxQueued: 5, clock });
    const calls = [1, 2, 3].map((call) => limiter.execute(() => call));
    await clock.flush();

    limiter.configure({ maxQueued: 1, maxWaitMs: 10 });

    expect((await limiter.outcome(() => 4)).ok).toBe(false);
    await clock.advance(2_000);
    await expect(Promise.all(calls)).resolves.toEqual([1, 2, 3]);
  });

  test('that weigh more than may go by now take all of it', async () => {
    const clock = virtualClock();
    const limiter = rateLimiter({ algorithm: perSecond(5), maxQueued: 5, weight: () => 5, clock });
    const calls = [1, 2].map((call) => limiter.execute(() => call));
    await clock.flush();

    limiter.configure({ algorithm: perSecond(2) });
    await clock.advance(1_000);

    await expect(Promise.all(calls)).resolves.toEqual([1, 2]);
    expect(limiter.peek().remaining).toBe(0);
  });

  test('give nothing back to counts that are not those they took from', async () => {
    const clock = virtualClock();
    const limiter = rateLimiter({ algorithm: perSecond(2), clock });
    const reservation = limiter.reserve();

    limiter.configure({ algorithm: tokenBucket({ replenishRate: 2 }) });
    reservation?.cancel();

    expect(limiter.peek().remaining).toBe(1);
  });
});

test('within any window no more go than the highest limit that held in it', async () => {
  const step = fc.record({
    waitMs: fc.nat({ max: 700 }),
    calls: fc.nat({ max: 8 }),
    limit: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const clock = virtualClock();
      const limiter = rateLimiter({ algorithm: perSecond(3), clock });
      const limits = [{ at: Number.NEGATIVE_INFINITY, limit: 3 }];
      const gone: number[] = [];
      for (const { waitMs, calls, limit } of steps) {
        await clock.advance(waitMs);
        const at = clock.now();
        if (limit !== undefined) {
          limiter.configure({ algorithm: perSecond(limit) });
          limits.push({ at, limit });
        }
        for (let i = 0; i < calls; i++) if (limiter.tryAcquire().allowed) gone.push(at);
      }
      for (const end of gone) {
        const within = gone.filter((at) => at > end - 1_000 && at <= end).length;
        const before = limits.findLastIndex(({ at }) => at <= end - 1_000);
        const held = limits.slice(Math.max(0, before)).filter(({ at }) => at <= end);
        expect(within).toBeLessThanOrEqual(Math.max(...held.map(({ limit }) => limit)));
      }
    }),
  );
});
