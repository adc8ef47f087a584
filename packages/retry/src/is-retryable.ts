import { isNetworkError, isRejectedError, type Outcome } from '@holdfast/policy';

/** A `TypeError` or a `RangeError`, also of another realm. */
function isProgrammingError(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { name } = error as { readonly name?: unknown };
  return name === 'TypeError' || name === 'RangeError';
}

/**
 * Whether `retry` thinks a further attempt worth while, if it is not told otherwise: for any error but
 * a `TypeError` or a `RangeError`, which are mistakes in the program and stay. Where such an error is
 * how `fetch` reports a failing network ({@link isNetworkError}), it is worth an attempt.
 *
 * A value is not, and neither is a `RejectedError` (an open circuit, a full bulkhead). Use it to build
 * a `shouldRetry` of your own.
 *
 * @example
 * ```ts
 * const policy = retry<Response>({
 *   shouldRetry: (outcome) => (outcome.ok ? outcome.value.status === 503 : isRetryable(outcome)),
 * });
 * ```
 */
export function isRetryable(outcome: Outcome<unknown>): boolean {
  if (outcome.ok || isRejectedError(outcome.error)) return false;
  try {
    return !isProgrammingError(outcome.error) || isNetworkError(outcome.error);
  } catch {
    // An error that does not let itself be read is not known to be such a mistake.
    return true;
  }
}
