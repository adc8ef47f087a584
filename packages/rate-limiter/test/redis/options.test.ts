import { slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import {
  localShare,
  prefetch,
  type RedisClient,
  redisRateLimiter,
  type RedisRateLimiterOptions,
} from '@holdfast/rate-limiter/redis';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { FakeRedis } from './fake-redis.ts';

const algorithm = slidingWindow({ limit: 10, windowMs: 1_000 });
const client: RedisClient = async () => '';

describe('options', () => {
  test.each([
    [{ client: {} }, 'Expected `client` to be a client of redis or ioredis'],
    [{ client: undefined }, 'Expected `client`'],
    [{ algorithm: {} }, 'Expected `algorithm` to be what gcra'],
    [{ algorithm: { ...algorithm, kind: 'own' } }, 'Expected `algorithm` to be what gcra'],
    [{ share: 'all' }, "Expected `share` to be 'none' or what prefetch made"],
    [{ whenAway: 'shut' }, "Expected `whenAway` to be 'closed', 'open' or what localShare made"],
    [
      { timeoutMs: 0 },
      'Expected `timeoutMs` to be a finite number of milliseconds above 0, got 0.',
    ],
    [{ probeMs: -1 }, 'Expected `probeMs`'],
    [{ prefix: 1 }, 'Expected `prefix` to be a string, got 1.'],
    [{ maxQueued: -1 }, 'Expected `maxQueued`'],
    [{ maxWaitMs: Number.NaN }, 'Expected `maxWaitMs`'],
    [{ queue: {} }, 'Expected `queue`'],
    [{ keys: {} }, 'Expected `keys`'],
    [{ weight: 1 }, 'Expected `weight`'],
    [{ name: 1 }, 'Expected `name`'],
    [{ limit: 1 }, 'Unknown option `limit`'],
  ])('refuses %j', (options, message) => {
    const all = { client, algorithm, ...options } as unknown as RedisRateLimiterOptions;
    expect(() => redisRateLimiter(all)).toThrow(message);
  });

  test('of its parts are checked too', () => {
    expect(() => prefetch({ maxRatio: 2 })).toThrow('Expected `maxRatio`');
    expect(() => prefetch({ holdMs: 0 })).toThrow('Expected `holdMs`');
    expect(() => localShare({})).toThrow('Expected `fraction`');
    expect(() => localShare({ processes: 0 })).toThrow('Expected `processes`');
    expect(() => localShare({ processes: 2, fraction: 0.5 })).toThrow(
      'Expected `fraction` to be left out beside `processes`, got 0.5.',
    );
    expect(localShare({ processes: 4 })).toEqual(localShare({ fraction: 0.25 }));
  });

  test('are told by `describe`, defaults included', () => {
    const [layer] = redisRateLimiter({ client, algorithm }).describe().layers;
    expect(layer).toEqual({
      kind: 'rate-limiter',
      name: 'rate-limiter',
      options: {
        algorithm: { kind: 'sliding-window', limit: 10, windowMs: 1_000, capacity: 10 },
        prefix: 'holdfast:',
        share: { maxRatio: 0.1, holdMs: 100 },
        whenAway: 'closed',
        timeoutMs: 250,
        probeMs: 1_000,
        maxQueued: 0,
        maxWaitMs: Number.POSITIVE_INFINITY,
      },
    });
  });

  test('a key for a limiter without keys is an error', async () => {
    const limiter = redisRateLimiter({ client, algorithm });
    await expect(limiter.tryAcquire({ key: 'a' })).rejects.toThrow('Expected `key` to be left out');
    await expect(limiter.tryAcquire({ weight: 11 })).rejects.toThrow(RangeError);
  });
});

describe('clients', () => {
  const clock = virtualClock();
  const bucket = tokenBucket({ replenishRate: 1 });
  const sent: unknown[][] = [];

  test('of ioredis are called by `call`, though they have a `sendCommand`', async () => {
    const redis = new FakeRedis(clock);
    const ioredis = {
      status: 'ready',
      call: (...args: string[]) => redis.sendCommand(args),
      sendCommand: () => Promise.reject(new Error('another method')),
    };
    const limiter = redisRateLimiter({ client: ioredis, algorithm: bucket, clock });
    expect((await limiter.tryAcquire()).allowed).toBe(true);
    ioredis.status = 'reconnecting';
    await clock.advance(2_000);
    await limiter.tryAcquire();
    expect(limiter.isAway).toBe(true);
  });

  test('that are clusters are told the key', async () => {
    const redis = new FakeRedis(clock);
    const cluster = {
      masters: [],
      sendCommand: (key: string | undefined, isReadonly: boolean | undefined, args: string[]) => {
        sent.push([key, isReadonly, args[0]]);
        return redis.sendCommand(args);
      },
    };
    const limiter = redisRateLimiter({ client: cluster, algorithm: bucket, clock });
    expect((await limiter.tryAcquire()).allowed).toBe(true);
    expect(sent[0]).toEqual(['holdfast:{rate-limiter}', false, 'EVALSHA']);
  });

  test('of any other kind are a function', async () => {
    const redis = new FakeRedis(clock);
    const keys = new Set<string>();
    const limiter = redisRateLimiter({
      client: (args, key) => {
        keys.add(key);
        return redis.sendCommand(args);
      },
      algorithm: bucket,
      clock,
    });
    expect((await limiter.tryAcquire()).allowed).toBe(true);
    expect([...keys]).toEqual(['holdfast:{rate-limiter}']);
  });

  test('may answer bytes', async () => {
    const redis = new FakeRedis(clock);
    const limiter = redisRateLimiter({
      client: async (args) => Buffer.from(String(await redis.sendCommand(args))),
      algorithm: bucket,
      clock,
    });
    expect((await limiter.tryAcquire()).allowed).toBe(true);
  });
});
