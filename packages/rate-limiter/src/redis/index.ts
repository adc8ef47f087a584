export { redisRateLimiter } from './redis-rate-limiter.ts';
export type { RedisRateLimiter } from './redis-rate-limiter.ts';
export type { RedisRateLimiterOptions } from './options.ts';
export { prefetch } from './prefetch.ts';
export type { Prefetch, PrefetchOptions } from './prefetch.ts';
export { localShare } from './local-share.ts';
export type { LocalShare, LocalShareOptions } from './local-share.ts';
export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
  RedisClient,
  RedisCommand,
} from './redis-client.ts';
export { isRateLimiterAwayError, RateLimiterAwayError } from './errors.ts';
export type { RateLimiterAwayErrorOptions } from './errors.ts';
export type {
  AwayEvent,
  BackEvent,
  RedisRateLimiterEvents,
  RedisRefusedEvent,
  RedisRefusedReason,
} from './events.ts';
