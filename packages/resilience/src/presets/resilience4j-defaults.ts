import { type Bulkhead, bulkhead, type BulkheadOptions } from '@holdfast/bulkhead';
import {
  type CircuitBreaker,
  circuitBreaker,
  type CircuitBreakerOptions,
  countWindow,
  slowCalls,
} from '@holdfast/circuit-breaker';
import { type Clock, compose, type EventsOf, type Pipeline } from '@holdfast/policy';
import { constant, type Retry, retry, type RetryOptions } from '@holdfast/retry';
import { type Timeout, timeout, type TimeoutOptions } from '@holdfast/timeout';
import { circuitOptions } from './circuit-options.ts';

/**
 * What {@link resilience4jDefaults} can be told: for each of its policies, the options to have
 * otherwise.
 *
 * @typeParam R - What the operations return.
 */
export interface Resilience4jDefaultsOptions<R = unknown> {
  /**
   * Of the retry.
   *
   * @default { maxAttempts: 3, backoff: constant(500) }
   */
  readonly retry?: RetryOptions<R> | undefined;
  /**
   * Of the circuit breaker. The trip is `[countWindow({ failures: 50, size: 100, minimumCalls: 100 }),
   * slowCalls({ slowCallMs: 60_000, slowCallRatio: 1, minimumCalls: 100 })]`.
   *
   * @default { halfOpenAfterMs: 60_000, halfOpenCalls: 10, halfOpenSuccesses: 6 }
   */
  readonly circuitBreaker?: CircuitBreakerOptions<R> | undefined;
  /**
   * Of the timeout, which is there a `TimeLimiter`.
   *
   * @default { afterMs: 1_000 }
   */
  readonly timeout?: TimeoutOptions<R> | undefined;
  /**
   * Of the bulkhead.
   *
   * @default { maxConcurrent: 25, maxQueued: 0 }
   */
  readonly bulkhead?: BulkheadOptions | undefined;
  /**
   * Where the time of all of them comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** The events of a {@link resilience4jDefaults}. */
export type Resilience4jDefaultsEvents<R = unknown> = EventsOf<
  Retry<R> | CircuitBreaker<R> | Timeout<R> | Bulkhead
>;

/**
 * The defaults of resilience4j, in the order in which its Spring annotations nest: three attempts, 500
 * ms apart; a circuit that opens for 60 s when half of the last 100 calls are failures, or all of them
 * take 60 s, and is then probed by 10; 1 s for each attempt; 25 at once and none queued.
 *
 * Source: resilience4j 2, `RetryConfig`, `CircuitBreakerConfig`, `TimeLimiterConfig` and `BulkheadConfig`.
 * Its rate limiter lets 50 calls go each 500 ns by default, which bounds nothing, and so is left out.
 * Slow calls are counted there among the last 100 calls, here among those of the last 60 s.
 *
 * @typeParam R - What the operations return.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const stock = resilience4jDefaults({ retry: { maxAttempts: 2 } });
 *
 * await stock.execute(({ signal }) => readStock('apple', { signal }));
 * ```
 */
export function resilience4jDefaults<R = unknown>(
  options: Resilience4jDefaultsOptions<R> = {},
): Pipeline<never, R, Resilience4jDefaultsEvents<R>> {
  const { clock } = options;
  const slow = { slowCallMs: 60_000, slowCallRatio: 1, windowMs: 60_000, minimumCalls: 100 };
  return compose(
    retry<R>({ maxAttempts: 3, backoff: constant(500), clock, ...options.retry }),
    circuitBreaker<R>(
      circuitOptions(options.circuitBreaker, {
        trip: {
          trip: [countWindow({ failures: 50, size: 100, minimumCalls: 100 }), slowCalls(slow)],
        },
        halfOpenAfterMs: 60_000,
        halfOpenCalls: 10,
        halfOpenSuccesses: 6,
        clock,
      }),
    ),
    timeout<R>({ afterMs: 1_000, clock, ...options.timeout }),
    bulkhead({ maxConcurrent: 25, maxQueued: 0, clock, ...options.bulkhead }),
  ).named('resilience4j');
}
