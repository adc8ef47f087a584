import {
  adaptiveRate,
  gcra,
  rateLimiter,
  type Reservation,
  slidingWindow,
} from '@holdfast/rate-limiter';
import { seededRandom, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { compose } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
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

  test('falls once for all calls that were on their way, also when told of them by hand', async () => {
    const clock = virtualClock();
    const shares: number[] = [];
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 1e9 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    limiter.on('throttled', ({ share }) => shares.push(share));

    for (const durationMs of [10, 30, 50, 10]) {
      await clock.advance(20);
      limiter.feedback({ durationMs });
    }

    expect(shares.map((share) => Math.round(share * 100) / 100)).toEqual([0.5, 0.5, 0.5, 0.25]);
    expect(() => limiter.feedback({ durationMs: -1 })).toThrow(/`durationMs`/u);
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

  test.each([
    [new Response(null, { status: 429, headers: { 'retry-after': '3' } }), 3_000],
    [{ statusCode: 429, headers: { 'retry-after': '2' } }, 2_000],
    [{ status: 429, retryAfterMs: 250 }, 250],
    [{ status: 429, headers: { 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' } }, 0],
    [{ status: 429, headers: { 'retry-after': '999999999' } }, 60_000],
    [{ status: 429, headers: null }, 0],
  ])('pauses for as long as the answer asks for: %j', async (answer, pauseMs) => {
    for (const call of [async () => answer, () => Promise.reject(answer)]) {
      const limiter = rateLimiter({ algorithm, adaptive: adaptiveRate(), clock: virtualClock() });
      const pauses: number[] = [];
      limiter.on('throttled', (event) => pauses.push(event.pauseMs));
      await limiter.outcome(call);

      expect(pauses).toEqual([pauseMs]);
      expect(limiter.peek().retryAfterMs).toBe(pauseMs);
    }
  });

  test.each([200, null, undefined, { status: 503 }, { status: '429' }, 429])(
    'has no opinion about %j',
    async (answer) => {
      const limiter = rateLimiter({ algorithm, adaptive: adaptiveRate(), clock: virtualClock() });
      let throttled = 0;
      limiter.on('throttled', () => throttled++);
      await limiter.outcome(() => answer);
      await limiter.outcome(() => Promise.reject(answer));

      expect(throttled).toBe(0);
    },
  );

  test('a late answer of a call from before the fall does not undo what has risen since', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 10_000 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    const shares: number[] = [];
    limiter.on('throttled', ({ share }) => shares.push(share));
    const slow = limiter.execute(async () => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 4_000));
      return { status: 429 };
    });
    await clock.advance(1);
    await limiter.execute(tooMany);
    await clock.advance(4_000);
    await slow;

    expect(shares[0]).toBe(0.5);
    expect(shares[1]).toBeCloseTo(0.9, 3);
    // Both ways the share goes on rising from there.
    await clock.advance(1_001);
    expect(limiter.peek().remaining).toBeGreaterThan(1);
  });

  test('a pause that a late answer asks for is kept, and the rate goes on from where it is', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 10_000 });
    const limiter = rateLimiter({ algorithm, adaptive, clock });
    const told: [number, number][] = [];
    limiter.on('throttled', ({ share, pauseMs }) => told.push([share, pauseMs]));
    const slow = limiter.execute(async () => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 3_000));
      return { status: 429, retryAfterMs: 500 };
    });
    await clock.advance(1_000);
    await limiter.execute(tooMany);
    await clock.advance(2_000);
    await slow;

    expect(told).toEqual([
      [0.5, 0],
      [0.7, 500],
    ]);
    expect(limiter.peek()).toMatchObject({ allowed: false, retryAfterMs: 500 });
  });

  test('while it is slower, one may go at a moment', () => {
    const limiter = rateLimiter({ algorithm, adaptive: adaptiveRate(), clock: virtualClock() });
    expect(limiter.peek().remaining).toBe(100);
    limiter.feedback();

    expect(limiter.peek().remaining).toBe(1);
  });

  test('learns nothing from what comes after somebody has stopped waiting', async () => {
    const clock = virtualClock();
    const limiter = rateLimiter({ algorithm, adaptive: adaptiveRate(), clock });
    let throttled = 0;
    limiter.on('throttled', () => throttled++);
    const controller = new AbortController();
    const call = limiter.outcome(() => Promise.reject(controller.signal.reason as Error), {
      signal: controller.signal,
    });
    controller.abort({ status: 429 });
    await call;
    const cut = compose(timeout({ afterMs: 10, clock }), limiter).outcome(async () => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 20));
      return { status: 429 };
    });
    await clock.advance(20);

    expect((await cut).ok).toBe(false);
    expect(throttled).toBe(0);
  });

  test('heavy calls keep to the share, too', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 1e9 });
    const limiter = rateLimiter({
      algorithm: gcra({ limit: 10, windowMs: 1_000, burst: 10 }),
      adaptive,
      maxQueued: 100,
      weight: ({ attempt }) => attempt * 4,
      clock,
    });
    limiter.feedback();
    let begun = 0;
    for (let i = 0; i < 50; i++) void limiter.execute(() => begun++);
    await clock.advance(8_000);

    // 5 units each second, of which a call takes 4.
    expect(begun).toBe(10);
  });

  test('a call that gives up after its turn has come gives its turn to the next', async () => {
    const clock = virtualClock();
    const adaptive = adaptiveRate({ decrease: 0.5, recoverMs: 1e9 });
    const limiter = rateLimiter({ algorithm, adaptive, maxQueued: 5, clock });
    limiter.feedback();
    const reserved = limiter.reserve();
    const controller = new AbortController();
    const gone = limiter.outcome(() => 1, { signal: controller.signal });
    const next = limiter.execute(() => clock.now());
    await clock.flush();

    // The first call has its turn, but the engine has not got to it.
    reserved?.cancel();
    controller.abort('gone');
    await clock.flush();

    expect(await gone).toEqual({ ok: false, error: 'gone' });
    expect(await next).toBe(0);
  });

  test('never lets more go than the limit, whatever it is told', async () => {
    const what = fc.oneof(
      fc.record({ pauseMs: fc.nat({ max: 500 }) }),
      fc.record({ ms: fc.nat({ max: 400 }) }),
      fc.record({ units: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ reserve: fc.integer({ min: 1, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(what, { maxLength: 40 }), async (steps) => {
        const clock = virtualClock();
        const limit = { limit: 5, windowMs: 500 };
        const adaptive = adaptiveRate({ recoverMs: 2_000 });
        const limiter = rateLimiter({ algorithm: slidingWindow(limit), adaptive, clock });
        const went: { at: number; units: number }[] = [];
        for (const step of steps) {
          const now = clock.now();
          if ('ms' in step) await clock.advance(step.ms);
          else if ('pauseMs' in step) limiter.feedback(step);
          else if ('units' in step) {
            if (limiter.tryAcquire({ weight: step.units }).allowed) {
              went.push({ at: now, units: step.units });
            }
          } else {
            const { delayMs } = limiter.reserve({ weight: step.reserve }) as Reservation;
            went.push({ at: now + delayMs, units: step.reserve });
          }
        }
        for (const { at } of went) {
          const within = went.filter((each) => each.at >= at && each.at < at + 500 - 1e-3);
          expect(within.reduce((sum, { units }) => sum + units, 0)).toBeLessThanOrEqual(5);
        }
      }),
      { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 200) },
    );
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
