import type { Policy } from '@holdfast/policy';
import { type RateDecision, slidingWindow } from '@holdfast/rate-limiter';
import {
  localShare,
  prefetch,
  type RedisClient,
  type RedisRateLimiter,
  redisRateLimiter,
  type RedisRefusedReason,
} from '@holdfast/rate-limiter/redis';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import { expectTypeOf, test } from 'vitest';

const algorithm = slidingWindow({ limit: 1, windowMs: 1 });

test('clients are those of the two packages, or a function', () => {
  expectTypeOf(createClient()).toExtend<RedisClient>();
  expectTypeOf(createClientPool()).toExtend<RedisClient>();
  expectTypeOf(createCluster({ rootNodes: [] })).toExtend<RedisClient>();
  expectTypeOf(new Redis({ lazyConnect: true })).toExtend<RedisClient>();
  expectTypeOf(new Cluster([], { lazyConnect: true })).toExtend<RedisClient>();
  const sentinel = createSentinel({ name: 'main', sentinelRootNodes: [] });
  redisRateLimiter({ client: (args) => sentinel.sendCommand(false, [...args]), algorithm });
  // @ts-expect-error A number sends nothing.
  redisRateLimiter({ client: 6379, algorithm });
});

test('it is a policy without an alternative, whose decisions come later', () => {
  const limiter = redisRateLimiter({
    client: createClient(),
    algorithm,
    share: prefetch({ maxRatio: 0.5 }),
    whenAway: localShare({ processes: 2 }),
  });
  expectTypeOf(limiter).toEqualTypeOf<RedisRateLimiter>();
  expectTypeOf(limiter).toExtend<Policy>();
  expectTypeOf(limiter.tryAcquire()).toEqualTypeOf<Promise<RateDecision>>();
  limiter.on('refused', ({ reason }) => expectTypeOf(reason).toEqualTypeOf<RedisRefusedReason>());
  limiter.on('back', ({ awayMs }) => expectTypeOf(awayMs).toBeNumber());
  // @ts-expect-error Learning is the business of a limiter without Redis.
  limiter.on('throttled', () => undefined);
});

test('options that do not go together are not accepted', () => {
  const client = createClient();
  // @ts-expect-error The limit is required.
  redisRateLimiter({ client });
  // @ts-expect-error There is no such word.
  redisRateLimiter({ client, algorithm, whenAway: 'half' });
});
