import { compose } from '@holdfast/policy';
import { gcra, perKey, rateLimiter, slidingWindow } from '@holdfast/rate-limiter';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { expect, test, vi } from 'vitest';

const twoPerSecond = slidingWindow({ limit: 2, windowMs: 1_000 });

test('bottleneck: a reservoir that is refilled lets twice its size go at once (#153, #201)', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({ algorithm: twoPerSecond, clock });
  await clock.advance(999);
  expect([1, 2, 3].map(() => limiter.tryAcquire().allowed)).toEqual([true, true, false]);
  await clock.advance(1);
  expect(limiter.tryAcquire().allowed).toBe(false);
});

test('bottleneck: a job can only queue, not be refused (#141, #169, #51)', async () => {
  const limiter = rateLimiter({ algorithm: twoPerSecond, clock: virtualClock() });
  const outcomes = await Promise.all([1, 2, 3].map((i) => limiter.outcome(() => i)));
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false]);
});

test('bottleneck: retries bypass the limit (#170, #223)', async () => {
  const clock = virtualClock();
  const policy = compose(
    retry({ maxAttempts: 5, backoff: constant(0), clock }),
    rateLimiter({ algorithm: twoPerSecond, clock }),
  );
  let attempts = 0;
  await policy.outcome(() => {
    attempts++;
    throw new Error('down');
  });
  expect(attempts).toBe(2);
});

test('bottleneck: a heartbeat of 250 ms makes 120 s into 162 s (#100)', async () => {
  const clock = virtualClock();
  const algorithm = gcra({ limit: 30, windowMs: 1_000 });
  const limiter = rateLimiter({ algorithm, maxQueued: Infinity, clock });
  const begin = clock.now();
  const calls = Array.from({ length: 301 }, () => limiter.execute(() => clock.now()));
  await clock.advance(10_001);
  expect((await Promise.all(calls)).at(-1)).toBeCloseTo(begin + 10_000, 3);
});

test('bottleneck: a queued job cannot be called off (#117, #31)', async () => {
  const clock = virtualClock();
  const limiter = rateLimiter({ algorithm: twoPerSecond, maxQueued: 5, clock });
  limiter.tryAcquire({ weight: 2 });
  const controller = new AbortController();
  const call = limiter.execute(() => 1, { signal: controller.signal });
  controller.abort('called off');
  await expect(call).rejects.toBe('called off');
});

test('bottleneck: a limiter keeps the process alive until it is disconnected (#192)', async () => {
  const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  const limiter = rateLimiter({ algorithm: slidingWindow({ limit: 9, windowMs: 1_000 }) });
  await Promise.all([1, 2, 3].map((i) => limiter.execute(() => i)));
  for (const timer of timers) {
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
  }
});

test('bottleneck: a group holds each key for five minutes, however many there are', () => {
  const clock = virtualClock();
  const limiter = rateLimiter({ algorithm: twoPerSecond, keys: perKey({ maxKeys: 100 }), clock });
  for (let i = 0; i < 10_000; i++) limiter.tryAcquire({ key: `key ${i}` });
  expect(limiter.size).toBe(100);
});
