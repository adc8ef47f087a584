import { isNetworkError, isRejectedError, type Outcome } from '@holdfast/policy';

/** What the errors of cockatiel have with which one of its policies did not let a call start. */
type OfCockatiel = Readonly<
  Record<'isBrokenCircuitError' | 'isHydratingCircuitError' | 'isBulkheadRejectedError', unknown>
>;

/** A `TypeError` or a `RangeError`, also of another realm. */
function isProgrammingError(error: object): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const { name } = error as { readonly name?: unknown };
  return name === 'TypeError' || name === 'RangeError';
}

function isRefusalOfCockatiel(error: object): boolean {
  const { isBrokenCircuitError, isHydratingCircuitError, isBulkheadRejectedError } =
    error as Partial<OfCockatiel>;
  return (
    isBrokenCircuitError === true ||
    isHydratingCircuitError === true ||
    isBulkheadRejectedError === true
  );
}

/** Whether an error that is no `RejectedError` is worth a further attempt. */
export function isRetryableError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  try {
    if (isRefusalOfCockatiel(error)) return false;
    return !isProgrammingError(error) || isNetworkError(error);
  } catch {
    // An error that does not let itself be read is not known to be such a mistake.
    return true;
  }
}

/**
 * Whether `retry` thinks a further attempt worth while, if it is not told otherwise: for any error but
 * a `TypeError` or a `RangeError`, which are mistakes in the program and stay. Where such an error is
 * how `fetch` reports a failing network ({@link isNetworkError}), it is worth an attempt.
 *
 * A value is not, and neither is a `RejectedError` (an open circuit, a full bulkhead) nor what a
 * circuit breaker or a bulkhead of cockatiel throws in place of one. Use it to build a `shouldRetry`
 * of your own.
 *
 * @example
 * ```ts
 * const policy = retry<Response>({
 *   shouldRetry: (outcome) => (outcome.ok ? outcome.value.status === 503 : isRetryable(outcome)),
 * });
 * ```
 */
export function isRetryable(outcome: Outcome<unknown>): boolean {
  return !outcome.ok && !isRejectedError(outcome.error) && isRetryableError(outcome.error);
}
