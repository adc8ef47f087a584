import { type AdaptiveLimit, bulkhead, gradient2, vegas } from '@holdfast/bulkhead';
import { compose } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';
import { deterministic } from '../limits/server.ts';
import { Simulation } from '../limits/simulation.ts';

/** Ten cores, each call takes 100 ms, and twice as many come as they can serve. */
function overloaded(limit: (random: () => number) => AdaptiveLimit): Simulation {
  return new Simulation({ limit, cores: 10, serviceTime: deterministic(100), perSecond: 150 });
}

/** Netflix's concurrency-limits for Java; we have its algorithms, so `probeEvery: Infinity` shows its defects. */
describe('defects of concurrency-limits', () => {
  test('an overload that lasts does not drive up the limit of Gradient2 (#134)', async () => {
    const without = overloaded(() => gradient2({ probeEvery: Number.POSITIVE_INFINITY }));
    const ours = overloaded((random) => gradient2({ random }));
    await Promise.all([without.run(1_500), ours.run(1_500)]);
    const [theirLatency, ourLatency] = await Promise.all([without.run(30), ours.run(30)]);
    expect(theirLatency.meanMs).toBeGreaterThan(1_000);
    expect(ourLatency.meanMs).toBeLessThan(250);
  });

  test('a limit by latency heeds calls that all time out (#137)', async () => {
    for (const limit of [gradient2(), vegas()]) {
      const clock = virtualClock();
      const policy = bulkhead({ limit, maxQueued: 5, clock });
      const pipeline = compose(timeout({ afterMs: 500, clock }), policy);
      const hang = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      for (let i = 0; i < 400; i++) {
        void pipeline.outcome(hang);
        await clock.advance(20);
      }
      expect(policy.maxConcurrent).toBeLessThan(5);
    }
  });

  test('the base of Vegas is not measured with a queue, nor kept when calls take longer (#165)', async () => {
    const limit = (random: () => number): AdaptiveLimit => vegas({ random });
    const its = overloaded(limit);
    await its.run(600);
    expect((await its.run(30)).meanMs).toBeLessThan(180);
    its.server.serviceTime = deterministic(400);
    await its.run(200);
    const { perSecond, meanMs } = await its.run(30);
    expect(perSecond).toBeGreaterThan(23);
    expect(meanMs).toBeLessThan(800);
  });
});
