import { hasBrand, RejectedError } from '@holdfast/policy';

/** A call was not let in. The operation was not called. */
export class RateLimiterRefusedError extends RejectedError {
  override readonly name: string = 'RateLimiterRefusedError';
  override readonly code = 'RATE_LIMITER_REFUSED';
  /** A brand: always true. */
  readonly isRateLimiterRefusedError: true = true;
}

/** Whether `value` says that a rate limiter did not let a call in. */
export function isRateLimiterRefusedError(value: unknown): value is RateLimiterRefusedError {
  return hasBrand(value, 'isRateLimiterRefusedError');
}
