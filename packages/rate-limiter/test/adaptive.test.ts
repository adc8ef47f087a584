import { adaptiveRate, gcra, rateLimiter, slidingWindow } from '@holdfast/rate-limiter';
import { seededRandom, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';

const algorithm = gcra({ limit: 100, windowMs: 1_000, burst: 100 });
const tooMany = async (): Promise<{ status: number }> => ({ status: 429 });
const fine = async (): Promise<{ status: number }> => ({ status: 200 });

describe('a limiter that learns', () => {
  test('goes slower after a 429, and by and by as fast as before', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 10_000 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    await limiter.execute(tooMany);

    expect(limiter.tryAcquire().allowed).toBe(true);
    expect(limiter.tryAcquire()).toMatchObject({ allowed: false, remaining: 0 });
    expect(limiter.peek().retryAfterMs).toBeCloseTo(20, 0);
    await clock.advance(5_000);
    expect([limiter.tryAcquire().allowed, limiter.tryAcquire().allowed]).toEqual([true, true]);
  });

  test('falls once for all calls that were on their way', async () => {
    const clock = virtualClock();
    const shares: number[] = [];
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 1e9 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    limiter.on('throttled', ({ share }) => shares.push(share));
    const calls = Array.from({ length: 10 }, () =>
      limiter.execute(async () => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 50));
        return { status: 429 };
      }),
    );

    await clock.advance(50);
    await Promise.all(calls);

    expect(shares).toHaveLength(10);
    expect(shares.every((share) => Math.abs(share - 0.5) < 1e-6)).toBe(true);
  });

  test('waits for as long as it was told', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate<{ retryAfterMs?: number }>({
      isThrottled: (outcome) => (outcome.ok && outcome.value.retryAfterMs) || false,
    });
    const limiter = rateLimiter({ algorithm, adaptive, clock, maxQueued: 5 });
    await limiter.execute(() => ({ retryAfterMs: 3_000 }));
    const begin = clock.now();
    const next = limiter.execute(() => clock.now());

    await clock.advance(3_000);

    await expect(next).resolves.toBe(begin + 3_000);
  });

  test('hears by hand, too, and never falls below its least share', () => {
    const clock = virtualClock();
    const limiter = rateLimiter({
      algorithm,
      adaptive: adaptiveRate({ decrease: 0.1, minShare: 0.2 }),
      clock,
    });
    const shares: number[] = [];
    limiter.on('throttled', ({ share }) => shares.push(share));

    limiter.feedback();
    limiter.feedback({ pauseMs: 100 });

    expect(shares).toEqual([0.2, 0.2]);
    expect(limiter.peek().retryAfterMs).toBe(100);
    const plain = rateLimiter({ algorithm, clock });
    expect(() => plain.feedback()).toThrow(/`adaptive`/u);
  });

  test('an error in isThrottled changes nothing for the caller', async () => {
    const adaptive = adaptiveRate({
      isThrottled: () => {
        throw new Error('mistake');
      },
    });
    const limiter = rateLimiter({ algorithm, adaptive, clock: virtualClock() });
    const warned = new Promise((resolve) => process.once('warning', resolve));

    await expect(limiter.execute(fine)).resolves.toEqual({ status: 200 });
    await warned;
  });

  test('comes close to what the other side takes, far below its own limit', async () => {
    const clock = virtualClock();
    const random = seededRandom(7);
    const theirs = rateLimiter({
      algorithm: slidingWindow({ limit: 20, windowMs: 1_000 }),
      clock,
    });
    const limiter = rateLimiter({ algorithm, adaptive: adaptiveRate(), clock, maxQueued: 50 });
    let accepted = 0;
    let refused = 0;
    const serve = (): { status: number } => {
      const { allowed } = theirs.tryAcquire();
      if (allowed) accepted++;
      else refused++;
      return { status: allowed ? 200 : 429 };
    };

    for (let i = 0; i < 6_000; i++) {
      void limiter.outcome(serve);
      await clock.advance(random() * 20);
    }

    const seconds = 60;
    expect(accepted).toBeGreaterThan(seconds * 20 * 0.8);
    expect(refused).toBeLessThan(accepted * 0.25);
  });
});
