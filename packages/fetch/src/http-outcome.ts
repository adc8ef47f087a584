import { isNetworkError, isRejectedError, isTimeoutError, type Outcome } from '@holdfast/policy';

const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

function isAbort(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
  );
}

/** A `TypeError` that no network caused: a wrong URL, header or option. The server never saw it. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError && !isNetworkError(error);
}

/**
 * Whether an HTTP call failed, for `isFailure` of a circuit breaker: 408, 429 and 5xx are failures,
 * and so are errors. Any other response is a success: with a 404 the service is well.
 *
 * An abort, a rejection by an inner policy and a mistake of the caller (such as a wrong URL) say
 * nothing about the service: they are ignored.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker({ isFailure: isHttpFailure });
 * ```
 */
export function isHttpFailure(outcome: Outcome<Response>): boolean | 'ignore' {
  if (outcome.ok) {
    const { status } = outcome.value;
    return status >= 500 || status === 429 || status === 408;
  }
  const { error } = outcome;
  if (isTimeoutError(error)) return true;
  return isRejectedError(error) || isAbort(error) || isMistake(error) ? 'ignore' : true;
}

/**
 * Whether an HTTP call is worth another attempt, for `shouldRetry` of a retry: after 408, 425, 429,
 * 500, 502, 503 and 504, a timeout of the attempt, and an error of the network. A rejection by an
 * inner policy (an open circuit, a full bulkhead) is not: it is there to fail fast.
 *
 * Whether the request *may* be sent again is another question, which {@link wrapFetch} answers itself.
 *
 * @example
 * ```ts
 * const again = retry({ shouldRetry: isRetryableHttp, delayFrom: retryAfterOf });
 * ```
 */
export function isRetryableHttp(outcome: Outcome<Response>): boolean {
  if (outcome.ok) return retryableStatuses.has(outcome.value.status);
  const { error } = outcome;
  return isTimeoutError(error) || isNetworkError(error);
}
