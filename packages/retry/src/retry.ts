import type { EventSource, Policy } from '@holdfast/policy';
import type { RetryEvents } from './events.ts';
import { checkOptions, type RetryOptions } from './options.ts';
import { RetryPolicy } from './retry-policy.ts';

/** A policy that makes further attempts; made by {@link retry}. */
export interface Retry<R = unknown>
  extends Policy<never, R, RetryEvents>,
    EventSource<RetryEvents> {}

/**
 * Calls the operation again when it fails, after a back-off. What comes back is the value, or the very
 * error, of the last attempt. It never waits for an attempt that could not begin before the deadline
 * of the call or of a `timeout` outside; then, and when there are no attempts left, it answers at once.
 *
 * The caller's abort ends a back-off at once and is never retried. When a policy inside refuses a
 * later attempt (an open circuit, a full bulkhead), the call rejects with the last error of an attempt
 * that ran; the refusal is on the event `gave-up`. An operation ends its own retries by throwing
 * {@link stopRetrying}, or the `AbortError` of p-retry: the call rejects with the error inside.
 *
 * @typeParam R - What the operations return, as `shouldRetry`, `delayFrom` and `dispose` see it.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const patient = retry({ maxAttempts: 5, backoff: exponential({ initialMs: 50, maxMs: 1_000 }) });
 *
 * const stock = await patient.execute(({ signal, attempt }) => readStock('sku-1', { signal, attempt }));
 * ```
 */
export function retry<R = unknown>(options: RetryOptions<R> = {}): Retry<R> {
  checkOptions(options);
  return new RetryPolicy<R>(options);
}
