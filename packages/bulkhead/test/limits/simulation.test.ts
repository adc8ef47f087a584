import {
  type AdaptiveLimit,
  aimd,
  fairQueue,
  gradient2,
  priorityQueue,
  vegas,
} from '@holdfast/bulkhead';
import { describe, expect, test } from 'vitest';
import { deterministic, exponentially } from './server.ts';
import { Simulation } from './simulation.ts';

type MakeLimit = (random: () => number) => AdaptiveLimit;

const byLatency: Readonly<Record<string, MakeLimit>> = {
  gradient2: (random) => gradient2({ random, maxLimit: 1_000 }),
  vegas: (random) => vegas({ random, maxLimit: 1_000 }),
};
/** Without a bound for the latency it finds nothing but the highest limit. */
const byDrops: MakeLimit = () => aimd({ slowMs: 200 });

/**
 * The knee is where the server has work for all its cores and no queue: by Little's law at as many
 * calls as cores. Below it there is throughput to be gained, above it nothing but latency.
 */
for (const [name, limit] of Object.entries(byLatency)) {
  describe(`${name} before a server of some cores`, () => {
    for (const cores of [5, 20, 60]) {
      test(`comes to about ${cores} from 20 when too much is asked of ${cores} cores`, async () => {
        const serviceTime = deterministic(100);
        const its = new Simulation({ limit, cores, serviceTime, perSecond: cores * 15 });
        await its.run(90);
        const { perSecond, meanMs, limit: average } = await its.run(40);
        expect(perSecond).toBeGreaterThan(cores * 10 * 0.95);
        expect(meanMs).toBeLessThan(cores < 10 ? 260 : 200);
        expect(average).toBeGreaterThan(cores);
        expect(average).toBeLessThan(cores * 1.5 + 10);
      });
    }

    for (const seed of [1, 2]) {
      test(`does so where calls differ in length (seed ${seed})`, async () => {
        const serviceTime = exponentially(100);
        const its = new Simulation({ limit, cores: 30, serviceTime, perSecond: 450, seed });
        await its.run(60);
        const { perSecond, meanMs, limit: average } = await its.run(120);
        expect(perSecond).toBeGreaterThan(300 * 0.9);
        expect(meanMs).toBeLessThan(200);
        expect(average).toBeLessThan(60);
      });
    }

    test('serves nearly all that comes at the capacity', async () => {
      const serviceTime = deterministic(100);
      const its = new Simulation({ limit, cores: 20, serviceTime, perSecond: 200 });
      await its.run(60);
      const { perSecond, meanMs } = await its.run(120);
      expect(perSecond).toBeGreaterThan(200 * 0.93);
      expect(meanMs).toBeLessThan(190);
    });

    test('serves all that comes below the capacity, without a queue', async () => {
      const its = new Simulation({
        limit,
        cores: 40,
        serviceTime: deterministic(100),
        perSecond: 200,
      });
      await its.run(60);
      const { perSecond, meanMs } = await its.run(60);
      expect(perSecond).toBeGreaterThan(200 * 0.97);
      expect(meanMs).toBeLessThan(105);
    });

    test('does not grow while little is asked', async () => {
      const its = new Simulation({
        limit,
        cores: 100,
        serviceTime: deterministic(100),
        perSecond: 10,
      });
      const { highest } = await its.run(300);
      expect(highest).toBe(20);
    });

    test('follows the capacity down and up', async () => {
      const serviceTime = deterministic(100);
      const its = new Simulation({ limit, cores: 20, serviceTime, perSecond: 450 });
      await its.run(60);
      for (const cores of [10, 20, 10]) {
        its.server.cores = cores;
        await its.run(100);
        const { perSecond, limit: average } = await its.run(20);
        expect(perSecond).toBeGreaterThan(cores * 10 * 0.94);
        expect(average).toBeLessThan(cores * 1.5 + 10);
      }
    });

    test('learns that all calls take longer now, or less', async () => {
      const cores = 20;
      const its = new Simulation({ limit, cores, serviceTime: deterministic(100), perSecond: 450 });
      await its.run(60);
      for (const ms of [300, 50, 100]) {
        its.server.serviceTime = deterministic(ms);
        await its.run(90);
        const { perSecond, meanMs } = await its.run(30);
        expect(perSecond).toBeGreaterThan(((cores * 1_000) / ms) * 0.94);
        expect(meanMs).toBeLessThan(ms * 2);
      }
    });

    test('keeps the latency through half an hour of too much', async () => {
      const its = new Simulation({
        limit,
        cores: 4,
        serviceTime: deterministic(100),
        perSecond: 50,
      });
      await its.run(1_800);
      const { perSecond, meanMs } = await its.run(60);
      expect(perSecond).toBeGreaterThan(37);
      expect(meanMs).toBeLessThan(300);
    });
  });
}

describe('aimd before a server of some cores', () => {
  for (const cores of [5, 20, 60]) {
    test(`comes to the most that ${cores} cores do in time`, async () => {
      const serviceTime = deterministic(100);
      const limit: MakeLimit = () => aimd({ slowMs: 200, maxLimit: 1_000 });
      const its = new Simulation({ limit, cores, serviceTime, perSecond: cores * 15 });
      await its.run(60);
      const { perSecond, meanMs, limit: average } = await its.run(40);
      expect(perSecond).toBeGreaterThan(cores * 10 * 0.97);
      expect(meanMs).toBeLessThan(210);
      expect(average).toBeGreaterThan(cores * 1.5);
      expect(average).toBeLessThan(cores * 2 + 1);
    });
  }

  test('follows the capacity down and up', async () => {
    const its = new Simulation({
      limit: byDrops,
      cores: 20,
      serviceTime: deterministic(100),
      perSecond: 500,
    });
    for (const cores of [20, 10, 20, 40]) {
      its.server.cores = cores;
      await its.run(60);
      const { perSecond, limit } = await its.run(30);
      expect(perSecond).toBeGreaterThan(cores * 10 * 0.95);
      expect(limit).toBeLessThan(cores * 2 + 1);
    }
  });

  test('goes by the errors of what is called', async () => {
    const its = new Simulation({
      limit: () => aimd(),
      cores: 20,
      serviceTime: deterministic(100),
      perSecond: 400,
      tooLateMs: 150,
    });
    await its.run(60);
    const { perSecond, limit, meanMs } = await its.run(30);
    expect(perSecond).toBeGreaterThan(195);
    expect(limit).toBeLessThan(32);
    expect(meanMs).toBeLessThan(160);
  });

  test('does not grow while little is asked', async () => {
    const its = new Simulation({
      limit: byDrops,
      cores: 100,
      serviceTime: deterministic(100),
      perSecond: 10,
    });
    expect((await its.run(300)).highest).toBe(20);
  });
});

describe('an adaptive limit with an order of its own', () => {
  for (const queue of [priorityQueue({ priority: () => 3 }), fairQueue({ key: () => undefined })]) {
    test(`comes to the knee as without (${queue.order})`, async () => {
      const limit: MakeLimit = (random) => gradient2({ random });
      const serviceTime = deterministic(100);
      const its = new Simulation({ limit, cores: 20, serviceTime, perSecond: 400, queue });
      await its.run(60);
      const { perSecond, limit: average } = await its.run(60);
      expect(perSecond).toBeGreaterThan(190);
      expect(average).toBeGreaterThan(20);
      expect(average).toBeLessThan(40);
    });
  }
});
