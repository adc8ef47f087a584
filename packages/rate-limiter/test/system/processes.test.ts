import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { expect, test } from 'vitest';
import { countBetween, mostWithin, overBucket } from './bounds.ts';
import type { WorkerOptions } from './worker-options.ts';
import { type Worker, Workers, type WorkersOptions } from './workers.ts';

const rate = 800;
const bucket = { kind: 'bucket', rate, capacity: 400 } as const;
const window = { kind: 'window', limit: 400, windowMs: 500 } as const;

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** The smallest and the largest number of starts of one worker, as a ratio. */
function fairness(workers: readonly Worker[], from: number, to: number): number {
  const counts = workers.map((worker) => countBetween(worker.logged('start'), from, to));
  console.log(`starts per process: ${counts.join(', ')}`);
  return Math.min(...counts) / Math.max(...counts);
}

/** Starts that were granted at once may come later by a trip; those held or reserved may not. */
function expectKept(workers: Workers, algorithm: WorkerOptions['algorithm']): void {
  const starts = workers.logged('start');
  const lateMs = workers.slowestMs + 2;
  if (algorithm.kind === 'bucket') {
    const over = overBucket(starts, algorithm);
    console.log(`bucket overfull by ${over.toFixed(1)}, slowest trip ${lateMs.toFixed(1)} ms`);
    expect(over).toBeLessThanOrEqual((lateMs * algorithm.rate) / 1_000);
  } else {
    const most = mostWithin(starts, algorithm.windowMs - lateMs);
    console.log(`most in a window: ${most}, slowest trip ${lateMs.toFixed(1)} ms`);
    expect(most).toBeLessThanOrEqual(algorithm.limit);
  }
  expect(workers.logged('unhandled')).toEqual([]);
}

describeWithServers(['redis'], 'several processes with one limit', () => {
  const redis = useServer('redis');

  const common = (): Omit<WorkersOptions, 'algorithm'> => ({
    redis,
    client: 'redis',
    name: 'system',
    waiting: 0,
    callsPerMs: 1,
    // On a busy machine a process may stand still for longer than is usual.
    timeoutMs: 5_000,
  });

  test.each([
    ['a bucket', bucket, 'redis'],
    ['a bucket, with ioredis', bucket, 'ioredis'],
    ['a window', window, 'redis'],
  ] as const)(
    'keep it together, use it up, and share it fairly: %s',
    async (_, algorithm, client) => {
      await using workers = new Workers({ ...common(), algorithm, client });
      await workers.start(4);
      const from = now() + 500;
      await sleep(2_500);
      await workers.stop();
      expectKept(workers, algorithm);
      const perSecond = countBetween(workers.logged('start'), from, from + 2_000) / 2;
      console.log(`${perSecond} of ${rate} per second`);
      expect(perSecond).toBeGreaterThan(rate * 0.8);
      expect(fairness(workers.all, from, from + 2_000)).toBeGreaterThan(0.3);
      expect(workers.logged('away')).toEqual([]);
    },
  );

  test('keep it exactly without taking ahead', async () => {
    await using workers = new Workers({ ...common(), algorithm: window, share: 'none' });
    await workers.start(3);
    await sleep(1_500);
    await workers.stop();
    expectKept(workers, window);
  });

  test.each([
    ['a bucket', bucket],
    ['a window', window],
  ] as const)('wait in line and take turns: %s', async (_, algorithm) => {
    await using workers = new Workers({ ...common(), algorithm, waiting: 50 });
    await workers.start(4);
    const from = now() + 1_000;
    await sleep(3_000);
    await workers.stop();
    expectKept(workers, algorithm);
    const perSecond = countBetween(workers.logged('start'), from, from + 2_000) / 2;
    console.log(`${perSecond} of ${rate} per second`);
    expect(perSecond).toBeGreaterThan(rate * 0.8);
    expect(fairness(workers.all, from, from + 2_000)).toBeGreaterThan(0.5);
    expect(workers.logged('refused')).toEqual([]);
  });

  test('lose little when some are killed, and others begin', async () => {
    await using workers = new Workers({ ...common(), algorithm: bucket, waiting: 40 });
    await workers.start(3);
    for (let i = 0; i < 3; i++) {
      await sleep(400);
      await workers.all[i]?.kill();
      await workers.start(1);
    }
    const from = now() + 100;
    await sleep(1_200);
    await workers.stop();
    expectKept(workers, bucket);
    const perSecond = countBetween(workers.logged('start'), from, from + 1_000);
    console.log(`${perSecond} of ${rate} per second`);
    expect(perSecond).toBeGreaterThan(rate * 0.8);
  });

  test.each([0, 40])(
    'stand still and go on, with %i in line, and use nothing that is too old',
    async (waiting) => {
      const timeoutMs = 150;
      await using workers = new Workers({ ...common(), algorithm: window, waiting, timeoutMs });
      await workers.start(3);
      for (let i = 0; i < 4; i++) {
        await sleep(200);
        workers.all[i % 3]?.freeze();
        await sleep(350);
        workers.all[i % 3]?.thaw();
      }
      await sleep(300);
      await workers.stop();
      // Whoever has slept through an answer does not use it when it is older than that.
      const starts = workers.logged('start');
      const most = mostWithin(starts, window.windowMs - timeoutMs);
      console.log(`most in a window: ${most}`);
      expect(most).toBeLessThanOrEqual(window.limit);
      expect(starts.length).toBeGreaterThan(600);
    },
  );

  test('notice nothing when the scripts are flushed', async () => {
    await using workers = new Workers({ ...common(), algorithm: bucket });
    await workers.start(3);
    for (let i = 0; i < 10; i++) {
      await sleep(100);
      await redis.command('SCRIPT', 'FLUSH');
    }
    await workers.stop();
    expectKept(workers, bucket);
    expect(workers.logged('away')).toEqual([]);
  });

  test('let one more burst go when Redis forgets all', async () => {
    await using workers = new Workers({ ...common(), algorithm: bucket });
    await workers.start(3);
    await sleep(1_000);
    await redis.command('FLUSHALL');
    await sleep(1_000);
    await workers.stop();
    const starts = workers.logged('start');
    const over = overBucket(starts, bucket);
    console.log(`bucket overfull by ${over.toFixed(1)} of ${bucket.capacity}`);
    expect(over).toBeLessThanOrEqual(bucket.capacity + 20);
    expect(workers.logged('away')).toEqual([]);
  });
});
