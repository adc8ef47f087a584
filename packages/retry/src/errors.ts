import { hasBrand, PolicyError } from '@holdfast/policy';

/**
 * Thrown by an operation to end its retries; made by `stopRetrying`. The innermost retry around
 * it throws `originalError` in its place; policies inside that retry, and calls without one, see it as
 * it is.
 */
export class RetryStoppedError extends PolicyError {
  /** Always `'RetryStoppedError'`. */
  override readonly name: string = 'RetryStoppedError';
  override readonly code = 'RETRY_STOPPED';
  /** A brand: always true. */
  readonly isRetryStoppedError: true = true;
  /** What the call is to be answered with; also the `cause`. */
  readonly originalError: unknown;

  constructor(originalError: unknown) {
    super('an operation ended its retries', { cause: originalError });
    this.originalError = originalError;
  }
}

/** Whether an error ends the retries of the operation that throws it, as `stopRetrying` made it. */
export function isRetryStoppedError(value: unknown): value is RetryStoppedError {
  return hasBrand<RetryStoppedError>(value, (error) => error.isRetryStoppedError);
}
