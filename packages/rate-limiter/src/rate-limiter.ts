import type { EventSource, Policy } from '@holdfast/policy';
import type { RateDecision } from './decision.ts';
import type { RateLimiterEvents } from './events.ts';
import { RateLimiterPolicy } from './limiter-policy.ts';
import type { RateConfigureOptions, RateLimiterOptions } from './options.ts';
import type { Reservation } from './reservation.ts';

/** For whom, and how much; for calls by hand. */
export interface AcquireOptions {
  /**
   * The key, for a limiter with `keys`; a `TypeError` for any other.
   *
   * @default undefined (the limit that all calls without a key share)
   */
  readonly key?: string | undefined;
  /**
   * How many units it is: an integer from 1 up.
   *
   * @default 1
   */
  readonly weight?: number | undefined;
}

/** What `reserve` can be told. */
export interface ReserveOptions extends AcquireOptions {
  /**
   * The longest delay that is of use, in milliseconds: nothing is reserved for later.
   *
   * @default Infinity
   */
  readonly maxDelayMs?: number | undefined;
}

/** What `feedback` can be told. */
export interface RateFeedback {
  /**
   * The key, for a limiter with `keys`; a `TypeError` for any other.
   *
   * @default undefined (the limit that all calls without a key share)
   */
  readonly key?: string | undefined;
  /**
   * For how long nothing is to go, in milliseconds; what `Retry-After` said.
   *
   * @default 0
   */
  readonly pauseMs?: number | undefined;
  /**
   * How long the call took that was too much, in milliseconds. Of calls that were on their way together
   * only one makes the rate fall: the others began before it fell, and say nothing about the new one.
   *
   * @default 0
   */
  readonly durationMs?: number | undefined;
}

/** A policy that bounds how many calls start in a time; made by {@link rateLimiter}. */
export interface RateLimiter
  extends Policy<never, unknown, RateLimiterEvents>,
    EventSource<RateLimiterEvents> {
  /** How many calls wait. */
  readonly queued: number;
  /** How many keys are remembered; 1 in a limiter without keys. */
  readonly size: number;
  /**
   * Takes what one call needs, if it may go at once: nothing is taken otherwise. Whatever it answers,
   * {@link rateLimitHeaders} makes headers of it.
   *
   * @throws `RangeError` for a weight that may never go at one moment.
   *
   * @example
   * ```ts
   * const decision = limiter.tryAcquire({ key: request.headers['x-tenant'] });
   * response.writeHead(decision.allowed ? 200 : 429, rateLimitHeaders(decision));
   * ```
   */
  tryAcquire(options?: AcquireOptions): RateDecision;
  /** Tells what `tryAcquire` would answer, takes nothing, and remembers no key. */
  peek(options?: AcquireOptions): RateDecision;
  /**
   * Takes what one call needs, now or later, and tells when it may go: for whoever does the waiting
   * elsewhere. Undefined, and nothing taken, if that is later than `maxDelayMs` or others wait.
   */
  reserve(options?: ReserveOptions): Reservation | undefined;
  /**
   * Tells a limiter with `adaptive` that what is called gets too much, as an outcome would.
   *
   * @throws `TypeError` when it has no `adaptive`.
   */
  feedback(feedback?: RateFeedback): void;
  /**
   * Changes the options that are given and keeps the others, the keys, those who wait and what has been
   * used: after another limit, what has gone still counts. A shorter line turns newcomers away, and a
   * shorter wait counts for them; whoever waits already may stay, and goes as the new limit lets it.
   *
   * `queue`, `keys`, `weight` and `adaptive` cannot be changed. Of a `slidingWindow` that becomes longer
   * only that is known which has gone within the former one.
   *
   * @throws `TypeError` or `RangeError` naming the option that cannot be used; then nothing changes.
   *
   * @example
   * ```ts
   * limiter.configure({ algorithm: gcra({ limit: 20, windowMs: 1_000 }) });
   * ```
   */
  configure(options: RateConfigureOptions): void;
  /** Forgets a key, which begins anew; false if it is not remembered, or if calls wait for it. */
  forget(key: string): boolean;
}

/**
 * Bounds how many calls start in a time. A call that may not go at once is refused with a
 * {@link RateLimitedError}, or waits for its turn if there is room in the line.
 *
 * A call that gives up while it waits leaves at once and takes nothing. It is the start that counts:
 * a limiter does not care for how long calls run, which is what a bulkhead is for.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const limiter = rateLimiter({ algorithm: gcra({ limit: 50, windowMs: 1_000, burst: 5 }) });
 *
 * const response = await limiter.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function rateLimiter(options: RateLimiterOptions): RateLimiter {
  return new RateLimiterPolicy(options);
}
