import type { EventSource, Policy } from '@holdfast/policy';
import type { ReconfigureRules } from '../options.ts';
import type { AdaptiveThrottleEvents } from './throttle-events.ts';
import {
  type AdaptiveThrottleOptions,
  checkThrottle,
  type ThrottleConfigureOptions,
} from './throttle-options.ts';
import { ThrottlePolicy } from './throttle-policy.ts';

/** How an adaptive throttle is, at the moment of asking. */
export interface ThrottleMetrics {
  /** How many calls the window has, those that were rejected among them. */
  readonly requests: number;
  /** How many of them were accepted. */
  readonly accepts: number;
  /** With what probability it rejects a call. */
  readonly probability: number;
  /** How many calls it has rejected since it was made. */
  readonly rejected: number;
}

/**
 * A policy that sends the less, the less is accepted; made by {@link adaptiveThrottle}.
 *
 * @typeParam R - The results that its predicate understands.
 */
export interface AdaptiveThrottle<in R = unknown>
  extends Policy<never, R, AdaptiveThrottleEvents>,
    EventSource<AdaptiveThrottleEvents> {
  /** A snapshot of the window, and of what follows from it. */
  readonly metrics: ThrottleMetrics;
  /**
   * Changes the options that are given and keeps the others (unless `rules` say otherwise) and what it
   * has counted, as far as that is within the new window. `random` cannot be changed.
   *
   * @throws `TypeError` or `RangeError` naming the option that cannot be used; then nothing changes.
   */
  configure(options: ThrottleConfigureOptions<R>, rules?: ReconfigureRules): void;
  /** Forgets all that it has counted, so that all calls go. */
  reset(): void;
}

/**
 * Rejects a share of the calls by itself as soon as what is called accepts less than one in `k`: each
 * with the probability `max(0, (requests - k * accepts) / (requests + 1))`, by the calls of the last
 * two minutes. So what is overloaded is sent about `k` times what it accepts, however many calls come,
 * and need not spend on refusals what it has for answers. Unlike a circuit breaker it is never all or
 * nothing: it suits a dependency that is too slow for all, rather than one that is down.
 *
 * A call counts when it has ended, so that many at once are not taken for failures. The caller's own
 * abort counts as nothing; a timeout outside counts as not accepted, at the moment it strikes.
 *
 * Source: "Site Reliability Engineering" (Google, 2016), chapter "Handling Overload", client-side
 * throttling. `minimumCalls` and `maxProbability` are additions; 0 and 1 make it that of the book.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const search = adaptiveThrottle({ k: 1.5 });
 *
 * const hits = await search.execute(({ signal }) => find('shoes', { signal }));
 * ```
 */
export function adaptiveThrottle<R = unknown>(
  options: AdaptiveThrottleOptions<R> = {},
): AdaptiveThrottle<R> {
  checkThrottle(options);
  return new ThrottlePolicy<R>(options);
}
