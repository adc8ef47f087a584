import type { EventSource, Policy } from '@holdfast/policy';
import type { RateDecision } from '../decision.ts';
import type { AcquireOptions } from '../rate-limiter.ts';
import type { RedisRateLimiterEvents } from './events.ts';
import type { RedisRateLimiterOptions } from './options.ts';
import { RedisLimiterPolicy } from './redis-limiter-policy.ts';

/**
 * A policy that bounds how many calls start in a time, in all processes together; made by
 * {@link redisRateLimiter}.
 */
export interface RedisRateLimiter
  extends Policy<never, unknown, RedisRateLimiterEvents>,
    EventSource<RedisRateLimiterEvents>,
    AsyncDisposable {
  /** How many calls of this process wait for their turn; those that wait for an answer are not among them. */
  readonly queued: number;
  /** How many keys this process remembers; 1 in a limiter without keys. */
  readonly size: number;
  /** Whether Redis is away. */
  readonly isAway: boolean;
  /**
   * Takes what one call needs, if it may go at once: nothing is taken otherwise. Whatever it answers,
   * `rateLimitHeaders` makes headers of it. It never waits for longer than `timeoutMs`.
   *
   * @throws `RangeError` for a weight that may never go at one moment.
   *
   * @example
   * ```ts
   * const decision = await limiter.tryAcquire({ key: tenant });
   * response.writeHead(decision.allowed ? 200 : 429, rateLimitHeaders(decision));
   * ```
   */
  tryAcquire(options?: AcquireOptions): Promise<RateDecision>;
  /** Tells what `tryAcquire` would answer, takes nothing, and remembers no key. */
  peek(options?: AcquireOptions): Promise<RateDecision>;
  /**
   * Gives back what this process has taken ahead, for a process that is about to end. Resolves once
   * Redis knows, or is away. `await using` does the same, and looks for Redis no more.
   */
  giveBack(): Promise<void>;
}

/**
 * Bounds how many calls start in a time, in all processes that share a Redis: as `rateLimiter` does for
 * one. A call that may not go at once is refused with a `RateLimitedError`, or waits for its turn if
 * there is room in the line.
 *
 * Redis counts, by its own clock, with one script for each decision. Most calls are decided here, by
 * what was taken ahead, and count just the same; the others wait for an answer, for `timeoutMs` at most.
 * A caller that gives up meanwhile leaves at once, and what was granted for it goes back. While Redis is
 * away, `whenAway` decides.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const client = await createClient({ url: 'redis://localhost:6379' }).connect();
 * const limiter = redisRateLimiter({
 *   client,
 *   name: 'partner',
 *   algorithm: tokenBucket({ replenishRate: 1_000 }),
 *   whenAway: localShare({ processes: 4 }),
 * });
 *
 * const response = await limiter.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function redisRateLimiter(options: RedisRateLimiterOptions): RedisRateLimiter {
  return new RedisLimiterPolicy(options);
}
