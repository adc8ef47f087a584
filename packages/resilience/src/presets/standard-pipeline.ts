import { type Bulkhead, bulkhead, type BulkheadOptions } from '@holdfast/bulkhead';
import {
  type CircuitBreaker,
  circuitBreaker,
  type CircuitBreakerOptions,
} from '@holdfast/circuit-breaker';
import { type Clock, compose, type EventsOf, type Pipeline } from '@holdfast/policy';
import { exponential, type Retry, retry, type RetryOptions } from '@holdfast/retry';
import { type Timeout, timeout, type TimeoutOptions } from '@holdfast/timeout';
import { circuitOptions } from './circuit-options.ts';

/**
 * What {@link standardPipeline} can be told: for each of its policies, the options to have otherwise.
 *
 * @typeParam R - What the operations return.
 */
export interface StandardPipelineOptions<R = unknown> {
  /**
   * Of the bulkhead: how many calls run at once.
   *
   * @default { maxConcurrent: 1_000, maxQueued: 0 }
   */
  readonly bulkhead?: BulkheadOptions | undefined;
  /**
   * Of the timeout of the whole call.
   *
   * @default { afterMs: 30_000 }
   */
  readonly totalTimeout?: TimeoutOptions<R> | undefined;
  /**
   * Of the retry. `maxAttempts` counts the first call: 4 are the three retries of the source.
   *
   * @default { maxAttempts: 4, backoff: exponential({ initialMs: 2_000, jitter: 'decorrelated' }) }
   */
  readonly retry?: RetryOptions<R> | undefined;
  /**
   * Of the circuit breaker.
   *
   * @default { failureRatio: 0.1, minimumCalls: 100, windowMs: 30_000, halfOpenAfterMs: 5_000 }
   */
  readonly circuitBreaker?: CircuitBreakerOptions<R> | undefined;
  /**
   * Of the timeout of each attempt.
   *
   * @default { afterMs: 10_000 }
   */
  readonly attemptTimeout?: TimeoutOptions<R> | undefined;
  /**
   * Where the time of all of them comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** The events of a {@link standardPipeline}. */
export type StandardPipelineEvents<R = unknown> = EventsOf<
  Bulkhead | Timeout<R> | Retry<R> | CircuitBreaker<R>
>;

/**
 * The pipeline of .NET's `AddStandardResilienceHandler`: at most 1,000 calls at once, 30 s for the whole
 * call, three retries after 2 s and more, a circuit that opens for 5 s at 10 % failures among at least
 * 100 calls in 30 s, and 10 s for each attempt.
 *
 * Source: Microsoft.Extensions.Http.Resilience 9, `HttpStandardResilienceOptions`; its "rate limiter" is a
 * concurrency limiter, and so a bulkhead here. The formula of the jitter is that of Brooker rather than
 * Polly's. The source knows what HTTP answers mean: give `retry` and `circuitBreaker` the predicates of
 * `@holdfast/fetch` for that.
 *
 * `lint` warns of the bulkhead outside the retry: the source has it there so that a call holds one place
 * for all of its attempts.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const stock = standardPipeline({ totalTimeout: { afterMs: 5_000 } });
 *
 * await stock.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function standardPipeline<R = unknown>(
  options: StandardPipelineOptions<R> = {},
): Pipeline<never, R, StandardPipelineEvents<R>> {
  const { clock } = options;
  const backoff = exponential({ initialMs: 2_000, maxMs: 30_000, jitter: 'decorrelated' });
  return compose(
    bulkhead({ maxConcurrent: 1_000, maxQueued: 0, clock, ...options.bulkhead }),
    timeout<R>({ afterMs: 30_000, name: 'total-timeout', clock, ...options.totalTimeout }),
    retry<R>({ maxAttempts: 4, backoff, clock, ...options.retry }),
    circuitBreaker<R>(
      circuitOptions(options.circuitBreaker, {
        trip: { failureRatio: 0.1, minimumCalls: 100, windowMs: 30_000 },
        halfOpenAfterMs: 5_000,
        clock,
      }),
    ),
    timeout<R>({ afterMs: 10_000, name: 'attempt-timeout', clock, ...options.attemptTimeout }),
  ).named('standard');
}
