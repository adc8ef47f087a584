import { hedge, hedgeNumber, quantileDelay } from '@holdfast/hedge';
import { seededRandom, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

describe('a delay that is learnt', () => {
  test('is close to the quantile of what was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 20_000, noNaN: true }), {
          minLength: 32,
          maxLength: 320,
        }),
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        (latencies, quantile) => {
          // The quantile is looked at anew with each sixteenth record.
          const all = latencies.slice(0, latencies.length - (latencies.length % 16));
          const learner = quantileDelay({ quantile, minimumCalls: 16 }).learn();
          for (const each of all) learner.record(each, 0);

          const sorted = all.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(quantile * all.length) - 1] as number;
          expect(learner.delayMs() / exact).toBeGreaterThan(0.9);
          expect(learner.delayMs() / exact).toBeLessThan(1.1);
        },
      ),
    );
  });

  test('is not known before there are enough calls', () => {
    const learner = quantileDelay({ minimumCalls: 3, initialMs: 77 }).learn();
    learner.record(10, 0);
    learner.record(10, 0);
    expect(learner.delayMs()).toBe(77);
    learner.record(10, 0);

    expect(learner.delayMs()).toBeCloseTo(10, -1);
  });

  test('follows a latency that changes, and forgets the former one', () => {
    const learner = quantileDelay({ windowMs: 10_000 }).learn();
    for (let now = 0; now < 30_000; now += 50) learner.record(10, now);
    expect(learner.delayMs()).toBeLessThan(12);
    for (let now = 30_000; now < 60_000; now += 50) learner.record(200, now);

    expect(learner.delayMs()).toBeGreaterThan(180);
    for (let now = 60_000; now < 90_000; now += 50) learner.record(10, now);
    expect(learner.delayMs()).toBeLessThan(12);
  });

  test('counts from the start of the attempt before', async () => {
    const clock = virtualClock();
    const afterMs = quantileDelay({ initialMs: 100 });
    const policy = hedge({ safe: true, afterMs, maxHedges: 3, clock });
    const starts: number[] = [];
    const call = policy.execute(() => {
      starts.push(clock.now());
      return new Promise<void>((resolve) => clock.setTimeout(resolve, 1_000));
    });
    await clock.advance(1_000);
    await call;

    expect(starts).toEqual([0, 100, 200, 300]);
  });

  test('stays within its bounds', () => {
    const learner = quantileDelay({ minMs: 20, maxMs: 30, minimumCalls: 1 }).learn();
    learner.record(1, 0);
    expect(learner.delayMs()).toBe(20);
    for (let i = 0; i < 100; i++) learner.record(1_000, 0);

    expect(learner.delayMs()).toBe(30);
    for (const odd of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) learner.record(odd, 0);
    expect(learner.delayMs()).toBe(30);
  });

  test('hedges about as many calls as the quantile says, also when most losers are aborted', async () => {
    const clock = virtualClock();
    const random = seededRandom(11);
    const policy = hedge({
      safe: true,
      afterMs: quantileDelay({ quantile: 0.9, windowMs: 1e9 }),
      clock,
    });
    const calls = 4_000;
    let hedges = 0;
    policy.on('hedged', () => hedges++);

    for (let i = 0; i < calls; i++) {
      const call = policy.execute(({ signal, ...context }) => {
        void hedgeNumber(context as never);
        // Latencies with a long tail.
        const tookMs = 10 / (1 - random() * 0.999);
        return new Promise<void>((resolve, reject) => {
          const timer = clock.setTimeout(resolve, tookMs);
          signal.addEventListener('abort', () => {
            timer.cancel();
            reject(signal.reason);
          });
        });
      });
      await clock.runUntil(call);
    }

    expect(hedges / calls).toBeGreaterThan(0.07);
    expect(hedges / calls).toBeLessThan(0.13);
  });

  test.each([
    [{ quantile: 1 }, 'quantile'],
    [{ quantile: '0.9' }, 'quantile'],
    [{ minMs: 5, maxMs: 4 }, 'minMs'],
    [{ quantile: Number.NaN }, 'quantile'],
    [{ minimumCalls: 0 }, 'minimumCalls'],
    [{ initialMs: -1 }, 'initialMs'],
    [{ minMs: -1 }, 'minMs'],
    [{ maxMs: 0 }, 'maxMs'],
    [{ windowMs: 0 }, 'windowMs'],
    [{ p: 0.5 }, 'p'],
  ])('names the option that cannot be used: %j', (options, name) => {
    expect(() => quantileDelay(options as never)).toThrow(new RegExp(`\`${name}\``, 'u'));
  });
});
