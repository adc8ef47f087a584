import { type Bulkhead, bulkhead, type BulkheadOptions } from '@holdfast/bulkhead';
import {
  type CircuitBreaker,
  circuitBreaker,
  type CircuitBreakerOptions,
} from '@holdfast/circuit-breaker';
import { type Clock, compose, type EventsOf, type Pipeline } from '@holdfast/policy';
import { type Timeout, timeout, type TimeoutOptions } from '@holdfast/timeout';
import { circuitOptions } from './circuit-options.ts';

/**
 * What {@link hystrixDefaults} can be told: for each of its policies, the options to have otherwise.
 *
 * @typeParam R - What the operations return.
 */
export interface HystrixDefaultsOptions<R = unknown> {
  /**
   * Of the circuit breaker.
   *
   * @default { failureRatio: 0.5, minimumCalls: 20, windowMs: 10_000, halfOpenAfterMs: 5_000 }
   */
  readonly circuitBreaker?: CircuitBreakerOptions<R> | undefined;
  /**
   * Of the bulkhead.
   *
   * @default { maxConcurrent: 10, maxQueued: 0 }
   */
  readonly bulkhead?: BulkheadOptions | undefined;
  /**
   * Of the timeout.
   *
   * @default { afterMs: 1_000 }
   */
  readonly timeout?: TimeoutOptions<R> | undefined;
  /**
   * Where the time of all of them comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** The events of a {@link hystrixDefaults}. */
export type HystrixDefaultsEvents<R = unknown> = EventsOf<
  CircuitBreaker<R> | Bulkhead | Timeout<R>
>;

/**
 * A command of Netflix's Hystrix with its defaults: a circuit that opens for 5 s at 50 % failures among at
 * least 20 calls in 10 s and is then probed by one, 10 calls at once and none queued, 1 s for each.
 *
 * Source: Hystrix 1.5, `HystrixCommandProperties` and `HystrixThreadPoolProperties`. Unlike there, a call
 * that the bulkhead turns away is no failure to the circuit.
 *
 * @typeParam R - What the operations return.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const stock = hystrixDefaults({ timeout: { afterMs: 500 } });
 *
 * await stock.execute(({ signal }) => readStock('apple', { signal }));
 * ```
 */
export function hystrixDefaults<R = unknown>(
  options: HystrixDefaultsOptions<R> = {},
): Pipeline<never, R, HystrixDefaultsEvents<R>> {
  const { clock } = options;
  return compose(
    circuitBreaker<R>(
      circuitOptions(options.circuitBreaker, {
        trip: { failureRatio: 0.5, minimumCalls: 20, windowMs: 10_000 },
        halfOpenAfterMs: 5_000,
        clock,
      }),
    ),
    bulkhead({ maxConcurrent: 10, maxQueued: 0, clock, ...options.bulkhead }),
    timeout<R>({ afterMs: 1_000, clock, ...options.timeout }),
  ).named('hystrix');
}
