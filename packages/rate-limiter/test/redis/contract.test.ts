import { compose } from '@holdfast/policy';
import { adaptiveRate, byPriority, gcra, perKey, slidingWindow } from '@holdfast/rate-limiter';
import {
  type RedisRateLimiter,
  redisRateLimiter,
  type RedisRateLimiterOptions,
} from '@holdfast/rate-limiter/redis';
import { policyContract, type VirtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';
import { FakeRedis } from './fake-redis.ts';

const wide = { limit: 1_000_000, windowMs: 1_000 };
type Options = Omit<RedisRateLimiterOptions, 'client'>;

const variants: Readonly<Record<string, Options>> = {
  'that takes ahead': { algorithm: gcra({ ...wide, burst: 100_000 }) },
  'that asks for each call': { algorithm: slidingWindow(wide), share: 'none' },
  'that lets wait': { algorithm: slidingWindow(wide), maxQueued: 1_000 },
  'with keys, weights and priorities': {
    algorithm: slidingWindow(wide),
    keys: perKey({ key: ({ attempt }) => `key ${attempt % 2}` }),
    weight: () => 2,
    queue: byPriority({ priority: () => 1 }),
    maxQueued: 1_000,
    maxWaitMs: 60_000,
  },
};

const slow = { limit: 1, windowMs: 100 };

async function usedUp(clock: VirtualClock, maxQueued: number): Promise<RedisRateLimiter> {
  const client = new FakeRedis(clock);
  const policy = redisRateLimiter({ client, algorithm: slidingWindow(slow), maxQueued, clock });
  expect((await policy.tryAcquire()).allowed).toBe(true);
  return policy;
}

function cutOff(clock: VirtualClock): { redis: FakeRedis; policy: RedisRateLimiter } {
  const redis = new FakeRedis(clock);
  const policy = redisRateLimiter({ client: redis, algorithm: slidingWindow(wide), clock });
  redis.mode = 'is-cut';
  return { redis, policy };
}

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a rate limiter with Redis ${variant}`, () => {
    for (const { name, run } of policyContract(
      ({ clock }) => redisRateLimiter({ ...options, client: new FakeRedis(clock), clock }),
      {
        waiting: async ({ clock }) => ({
          policy: await usedUp(clock, 10),
          release: () => clock.advance(101),
        }),
        events: {
          refused: async ({ clock }) => {
            const policy = await usedUp(clock, 0);
            return { policy, provoke: () => policy.outcome(() => 1) };
          },
          queued: async ({ clock }) => {
            const policy = await usedUp(clock, 1);
            const provoke = async (): Promise<unknown> => {
              const call = policy.outcome(() => 1);
              await clock.advance(101);
              return call;
            };
            return { policy, provoke };
          },
          away: ({ clock }) => {
            const { policy } = cutOff(clock);
            return { policy, provoke: () => policy.outcome(() => 1) };
          },
          back: ({ clock }) => {
            const { policy, redis } = cutOff(clock);
            const provoke = async (): Promise<unknown> => {
              redis.mode = 'is-cut';
              await policy.outcome(() => 1);
              redis.mode = 'answers';
              await clock.advance(100);
              return policy.outcome(() => 1);
            };
            return { policy, provoke };
          },
        },
      },
    )) {
      test(name, run);
    }
  });
}

describe('the contract of a rate limiter that is open while Redis is away', () => {
  const make = ({ clock }: { readonly clock: VirtualClock }): RedisRateLimiter => {
    const redis = new FakeRedis(clock);
    redis.mode = 'is-cut';
    return redisRateLimiter({
      client: redis,
      algorithm: slidingWindow(wide),
      whenAway: 'open',
      // The cases let hours pass.
      probeMs: 3_600_000,
      clock,
    });
  };
  for (const { name, run } of policyContract(make)) test(name, run);
});

describe('the contract of a rate limiter with Redis inside a timeout', () => {
  const make = ({ clock }: { readonly clock: VirtualClock }): ReturnType<typeof compose> =>
    compose(
      timeout({ afterMs: 3_600_000, clock }),
      redisRateLimiter({
        client: new FakeRedis(clock),
        algorithm: slidingWindow(wide),
        maxQueued: 10,
        clock,
      }),
    );
  for (const { name, run } of policyContract(make)) test(name, run);
});

test('learning from 429 is the business of a limiter without Redis', () => {
  const client = async (): Promise<string> => '';
  const options = { client, algorithm: slidingWindow(wide), adaptive: adaptiveRate() };
  expect(() => redisRateLimiter(options)).toThrow(TypeError);
});
