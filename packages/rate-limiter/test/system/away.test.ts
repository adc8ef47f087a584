import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { tokenBucket } from '@holdfast/rate-limiter';
import {
  localShare,
  type RedisClient,
  type RedisRateLimiter,
  redisRateLimiter,
  type RedisRateLimiterOptions,
} from '@holdfast/rate-limiter/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { overBucket } from './bounds.ts';
import { Workers } from './workers.ts';

const clients: Readonly<Record<string, (url: string) => Promise<RedisClient>>> = {
  redis: async (url) => {
    const client = createClient({ url });
    client.on('error', () => undefined);
    onTestFinished(() => client.destroy());
    return client.connect();
  },
  ioredis: async (url) => {
    const client = new Redis(url);
    client.on('error', () => undefined);
    onTestFinished(() => client.disconnect());
    return client;
  },
};

interface Watched {
  readonly limiter: RedisRateLimiter;
  /** Resolves when that is told, with the time since it was asked for. */
  readonly told: (event: 'away' | 'back') => Promise<number>;
}

const algorithm = tokenBucket({ replenishRate: 1_000, burstCapacity: 500 });

async function watched(
  client: RedisClient,
  options: Partial<RedisRateLimiterOptions> = {},
): Promise<Watched> {
  const limiter = redisRateLimiter({ client, algorithm, ...options });
  const told = async (event: 'away' | 'back'): Promise<number> => {
    const since = performance.now();
    await new Promise((resolve) => limiter.on(event, resolve));
    return performance.now() - since;
  };
  expect(await limiter.execute(() => 1)).toBe(1);
  return { limiter, told };
}

/** Calls all the time until told to stop; returns what the slowest took, in milliseconds. */
function callAllTheTime(limiter: RedisRateLimiter): () => Promise<number> {
  const run = { goesOn: true };
  let slowest = 0;
  const all = (async (): Promise<number> => {
    while (run.goesOn) {
      const before = performance.now();
      await Promise.all(Array.from({ length: 5 }, () => limiter.outcome(() => 1)));
      slowest = Math.max(slowest, performance.now() - before);
      await sleep(2);
    }
    return slowest;
  })();
  return () => {
    run.goesOn = false;
    return all;
  };
}

describe.each(Object.entries(clients))('with %s', (_, connect) => {
  describeWithServers(['redis'], 'a Redis that goes away and comes back', () => {
    const redis = useServer('redis');

    test.each([
      ['is killed and starts again', () => redis.kill(), () => redis.restart()],
      ['stands still and goes on', () => redis.freeze(), () => redis.thaw()],
      ['is full, and has room again', () => full('1'), () => full('0')],
    ] as const)('%s: nothing hangs, and all is well soon', async (_title, goes, comes) => {
      const { limiter, told } = await watched(await connect(redis.url));
      const away = told('away');
      const stop = callAllTheTime(limiter);
      await goes();
      console.log(`away after ${(await away).toFixed()} ms`);
      await sleep(1_000);
      const decision = await limiter.tryAcquire();
      expect(decision).toMatchObject({ allowed: false });
      const back = told('back');
      await comes();
      const recoveryMs = await back;
      console.log(`back after ${recoveryMs.toFixed()} ms`);
      expect(recoveryMs).toBeLessThan(4_000);
      expect(await limiter.execute(() => 1)).toBe(1);
      const slowest = await stop();
      console.log(`the slowest call took ${slowest.toFixed()} ms`);
      expect(slowest).toBeLessThan(2_000);
    });

    async function full(bytes: string): Promise<void> {
      await redis.command('CONFIG', 'SET', 'maxmemory', bytes);
    }

    test('sends no more than a few commands while it stands still', async () => {
      const { limiter, told } = await watched(await connect(redis.url));
      const stop = callAllTheTime(limiter);
      const away = told('away');
      await redis.freeze();
      await away;
      await sleep(2_500);
      const back = told('back');
      await redis.thaw();
      await back;
      await stop();
      const stats = await redis.command('INFO', 'commandstats');
      const calls = Number(/cmdstat_evalsha:calls=(?<calls>\d+)/u.exec(stats)?.groups?.['calls']);
      console.log(`${calls} questions`);
      expect(calls).toBeLessThan(100);
      expect(limiter.isAway).toBe(false);
    });
  });

  describeWithServers(['redis', 'toxiproxy'], 'a bad way to Redis', () => {
    const redis = useServer('redis');
    const toxiproxy = useServer('toxiproxy');

    test('slower than `timeoutMs` counts as away, and as back when it is fast again', async () => {
      const proxy = await toxiproxy.proxy({ upstream: redis.address });
      const { limiter, told } = await watched(await connect(`redis://${proxy.address}`), {
        whenAway: localShare({ processes: 2 }),
        timeoutMs: 100,
      });
      const stop = callAllTheTime(limiter);
      const away = told('away');
      const slow = await proxy.latency({ ms: 300 });
      await away;
      await sleep(500);
      const back = told('back');
      await slow.remove();
      await back;
      expect(await limiter.execute(() => 1)).toBe(1);
      await stop();
    });

    test('slow but fast enough: nothing is taken ahead in vain, and calls go', async () => {
      const proxy = await toxiproxy.proxy({ upstream: redis.address });
      await proxy.latency({ ms: 60 });
      const { limiter } = await watched(await connect(`redis://${proxy.address}`), {
        timeoutMs: 1_000,
      });
      const stop = callAllTheTime(limiter);
      await sleep(1_000);
      await stop();
      expect(limiter.isAway).toBe(false);
    });

    test.each(['is cut', 'is reset', 'swallows all'] as const)(
      'that %s ends in time',
      async (how) => {
        const proxy = await toxiproxy.proxy({ upstream: redis.address });
        const { limiter, told } = await watched(await connect(`redis://${proxy.address}`));
        const stop = callAllTheTime(limiter);
        const away = told('away');
        if (how === 'is cut') await proxy.down();
        else if (how === 'is reset') await proxy.resetPeer();
        else await proxy.timeout({ ms: 0 });
        await away;
        await sleep(500);
        const back = told('back');
        await proxy.clear();
        console.log(`back after ${(await back).toFixed()} ms`);
        expect(await limiter.execute(() => 1)).toBe(1);
        expect(await stop()).toBeLessThan(2_000);
      },
    );
  });
});

describeWithServers(['redis'], 'several processes without Redis', () => {
  const redis = useServer('redis');

  test('go on with their shares: together no more than the limit', async () => {
    const bucket = { kind: 'bucket', rate: 800, capacity: 400 } as const;
    await using workers = new Workers({
      redis,
      client: 'redis',
      algorithm: bucket,
      name: 'system',
      processes: 4,
      waiting: 0,
      callsPerMs: 1,
    });
    await workers.start(4);
    await sleep(700);
    await redis.kill();
    await sleep(2_500);
    await workers.stop();
    const starts = workers.logged('start');
    const lateMs = workers.slowestMs + 2;
    const over = overBucket(starts, bucket);
    console.log(`bucket overfull by ${over.toFixed(1)}, slowest trip ${lateMs.toFixed(1)} ms`);
    expect(over).toBeLessThanOrEqual((lateMs * bucket.rate) / 1_000);
    expect(workers.logged('away')).toHaveLength(4);
    expect(workers.logged('unhandled')).toEqual([]);
    expect(starts.length).toBeGreaterThan(1_500);
  });

  test('let no more go in the long run when it comes and goes', async () => {
    const bucket = { kind: 'bucket', rate: 800, capacity: 100 } as const;
    await using workers = new Workers({
      redis,
      client: 'redis',
      algorithm: bucket,
      name: 'system',
      processes: 4,
      waiting: 0,
      callsPerMs: 1,
    });
    await workers.start(4);
    for (let i = 0; i < 12; i++) {
      await sleep(100);
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      await sleep(200);
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
    await workers.stop();
    const starts = workers.logged('start');
    const ms = (starts.at(-1)?.at ?? 0) - (starts[0]?.at ?? 0);
    const most = bucket.capacity + (ms * bucket.rate) / 1_000;
    console.log(
      `${starts.length} of ${most.toFixed()}, away ${workers.logged('away').length} times`,
    );
    expect(starts.length).toBeLessThanOrEqual(most + bucket.capacity);
    expect(workers.logged('away').length).toBeGreaterThan(8);
    expect(workers.logged('unhandled')).toEqual([]);
  });
});
