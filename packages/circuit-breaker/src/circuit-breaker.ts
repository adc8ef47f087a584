import type { EventSource, Policy } from '@holdfast/policy';
import { CircuitBreakerPolicy } from './circuit-policy.ts';
import type { CircuitExtra } from './extra.ts';
import type { ProbingCircuitBreaker } from './extras/health-probe.ts';
import type { CircuitBreakerEvents } from './events.ts';
import type { Isolation } from './isolation.ts';
import type { CircuitMetrics } from './metrics.ts';
import {
  type CircuitBreakerOptions,
  type CircuitConfigureOptions,
  checkOptions,
  type ReconfigureRules,
} from './options.ts';
import type { CircuitPermit } from './permit.ts';
import type { CircuitState } from './state.ts';

/**
 * A policy that stops calling what keeps failing; made by {@link circuitBreaker}.
 *
 * @typeParam R - The results that its predicates understand.
 */
export interface CircuitBreaker<in R = unknown>
  extends Policy<never, R, CircuitBreakerEvents>,
    EventSource<CircuitBreakerEvents> {
  /** The state. An open circuit stays open until the first call after its break. */
  readonly state: CircuitState;
  /** A snapshot of the state, of the totals, and of how far each trip is. */
  readonly metrics: CircuitMetrics;
  /**
   * Asks to make one call, for code that cannot be wrapped in a function. Returns undefined when the
   * circuit lets no call in; `metrics.retryAfterMs` tells how long. Settle the permit in any case.
   *
   * @example
   * ```ts
   * const permit = breaker.tryAcquire();
   * if (permit === undefined) return cached;
   * socket.send(message, (error) => (error ? permit.fail(error) : permit.succeed()));
   * ```
   */
  tryAcquire(): CircuitPermit | undefined;
  /**
   * Isolates the circuit by hand: no call is let in until each handle has been released. What is in
   * flight goes on and does not count. Released, the circuit is closed and has forgotten all.
   */
  isolate(): Isolation;
  /** Closes an open or half-open circuit and forgets all it has counted. It ends no isolation. */
  reset(): void;
  /**
   * Changes the options that are given and keeps the others (unless `rules` say otherwise), the state
   * and the counts, as far as the new trips have use for them. An open circuit stays open for as long as it was told when it opened.
   * Disabled, it forgets the calls in flight.
   *
   * @throws `TypeError` or `RangeError` naming the option that cannot be used; then nothing changes.
   */
  configure(options: CircuitConfigureOptions<R>, rules?: ReconfigureRules): void;
}

/**
 * Stops calling what keeps failing. Calls go through while the circuit is closed; when too many fail
 * it opens, and calls are rejected at once with a {@link CircuitOpenError}. After a break it is
 * half-open: a few calls probe whether all is well again, and close or open it.
 *
 * The caller's own abort counts as neither failure nor success, and a call that ends after the state
 * has changed does not touch the new one. A timeout outside the breaker is a failure, at the moment
 * it strikes.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ failureRatio: 0.5, windowMs: 10_000, halfOpenAfterMs: 5_000 });
 *
 * const stock = await breaker.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function circuitBreaker<R = unknown>(
  options: CircuitBreakerOptions<R> & { readonly healthProbe: CircuitExtra<'healthProbe'> },
): ProbingCircuitBreaker<R>;
export function circuitBreaker<R = unknown>(options?: CircuitBreakerOptions<R>): CircuitBreaker<R>;
export function circuitBreaker<R>(options: CircuitBreakerOptions<R> = {}): CircuitBreaker<R> {
  return checkOptions(options)?.makeBreaker(options) ?? new CircuitBreakerPolicy<R>(options);
}
