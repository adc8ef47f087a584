import {
  type AdaptiveThrottle,
  adaptiveThrottle,
  type AdaptiveThrottleOptions,
} from '@holdfast/circuit-breaker';
import { type Clock, compose, type EventsOf, type Pipeline, retryBudget } from '@holdfast/policy';
import { type Retry, retry, type RetryOptions } from '@holdfast/retry';

/**
 * What {@link googleSre} can be told: for each of its policies, the options to have otherwise.
 *
 * @typeParam R - What the operations return.
 */
export interface GoogleSreOptions<R = unknown> {
  /**
   * Of the retry.
   *
   * @default { maxAttempts: 3, budget: retryBudget({ ratio: 0.1, minPerSecond: 0 }) }
   */
  readonly retry?: RetryOptions<R> | undefined;
  /**
   * Of the throttle.
   *
   * @default { k: 2, windowMs: 120_000 }
   */
  readonly throttle?: AdaptiveThrottleOptions<R> | undefined;
  /**
   * Where the time of all of them comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** The events of a {@link googleSre}. */
export type GoogleSreEvents<R = unknown> = EventsOf<Retry<R> | AdaptiveThrottle<R>>;

/**
 * What the book says about clients of an overloaded service: at most three attempts for a call, retries
 * as long as they are less than 10 % of this client's calls, back-off by chance, and a share of the
 * calls rejected here as soon as less than half of them is accepted.
 *
 * Source: "Site Reliability Engineering" (Google, 2016), chapter "Handling Overload". It does not say
 * over which time the 10 % count, nor which back-off: here the last 10 s, and full jitter from 100 ms.
 * Give the same policy to all that call the same service: the budget and the throttle are of the client.
 *
 * @typeParam R - What the operations return.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const search = googleSre({ throttle: { k: 1.5 } });
 *
 * await search.execute(({ signal }) => find('shoes', { signal }));
 * ```
 */
export function googleSre<R = unknown>(
  options: GoogleSreOptions<R> = {},
): Pipeline<never, R, GoogleSreEvents<R>> {
  const { clock } = options;
  const budget = retryBudget({ ratio: 0.1, minPerSecond: 0, clock });
  return compose(
    retry<R>({ maxAttempts: 3, budget, clock, ...options.retry }),
    adaptiveThrottle<R>({ k: 2, windowMs: 120_000, clock, ...options.throttle }),
  ).named('google-sre');
}
