import { gcra, perKey, rateLimiter, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import { virtualClock } from '@holdfast/testing';
import { expect, test, vi } from 'vitest';

test('p-queue, rate-limiter-flexible: twice the limit goes at the border of two windows', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({
    algorithm: slidingWindow({ limit: 10, windowMs: 1_000 }),
    maxQueued: 100,
    clock,
  });
  await clock.advance(950);
  const starts: number[] = [];
  for (let i = 0; i < 30; i++) void limiter.execute(() => starts.push(clock.now()));
  await clock.advance(5_000);
  for (const [i, at] of starts.entries()) {
    const within = starts.filter((other, j) => j >= i && other - at < 1_000);
    expect(within.length).toBeLessThanOrEqual(10);
  }
});

test('rate-limiter-flexible: each key has a timer of its own', () => {
  const timer = vi.spyOn(globalThis, 'setTimeout');
  const limiter = rateLimiter({
    algorithm: tokenBucket({ replenishRate: 1, burstCapacity: 1 }),
    keys: perKey(),
  });
  for (let i = 0; i < 1_000; i++) limiter.tryAcquire({ key: `key ${i}` });
  expect(timer).not.toHaveBeenCalled();
  timer.mockRestore();
});

test('rate-limiter-flexible: its queue has no way out for a caller who gives up', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({
    algorithm: gcra({ limit: 1, windowMs: 1_000 }),
    maxQueued: 5,
    clock,
  });
  limiter.tryAcquire();
  const controller = new AbortController();
  const gone = limiter.outcome(() => 1, { signal: controller.signal });
  const next = limiter.execute(() => clock.now());
  await clock.flush();
  controller.abort('gone');
  await clock.advance(1_000);
  expect(await gone).toEqual({ ok: false, error: 'gone' });
  expect(await next).toBe(1_000);
});

test('limiter: who waits for tokens is overtaken by whoever comes later and wants fewer', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({
    algorithm: tokenBucket({ replenishRate: 10, burstCapacity: 10 }),
    maxQueued: 5,
    weight: ({ deadline }) => (deadline === undefined ? 1 : 10),
    clock,
  });
  limiter.tryAcquire({ weight: 5 });
  const order: string[] = [];
  void limiter.execute(() => order.push('heavy'), { deadline: 1e9 });
  for (let i = 0; i < 3; i++) {
    expect(limiter.tryAcquire().allowed).toBe(false);
    void limiter.execute(() => order.push(`light ${i}`));
  }
  await clock.advance(2_000);
  expect(order).toEqual(['heavy', 'light 0', 'light 1', 'light 2']);
});

test('resilience4j: limiters of keys that are gone are never evicted (#1221)', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({
    algorithm: gcra({ limit: 1, windowMs: 1_000 }),
    keys: perKey({ maxKeys: 10 }),
    clock,
  });
  for (let i = 0; i < 100; i++) {
    limiter.tryAcquire({ key: `host ${i}` });
    await clock.advance(100);
  }
  expect(limiter.size).toBe(10);
});

test('mollitia: no caller can wait for the next window', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({
    algorithm: slidingWindow({ limit: 1, windowMs: 1_000 }),
    maxQueued: 1,
    clock,
  });
  limiter.tryAcquire();
  const call = limiter.execute(() => clock.now());
  await clock.advance(1_000);
  expect(await call).toBe(1_000);
});
