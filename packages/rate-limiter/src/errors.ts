import { hasBrand, RejectedError, type RejectedErrorOptions } from '@holdfast/policy';
import type { RefusedReason } from './events.ts';

/** What a {@link RateLimitedError} is made from. */
export interface RateLimitedErrorOptions extends RejectedErrorOptions {
  /** Why the call may not go. */
  readonly reason: RefusedReason;
  /** How many units may go in a window. */
  readonly limit: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** The key of the call, if the limiter has keys. */
  readonly key: string | undefined;
}

/**
 * A rate limiter did not let a call in; the operation was not called. `retryAfterMs` says after how
 * many milliseconds a call that weighs as much may go.
 */
export class RateLimitedError extends RejectedError {
  /** Always `'RateLimitedError'`. */
  override readonly name: string = 'RateLimitedError';
  override readonly code = 'RATE_LIMITED';
  /** A brand: always true. */
  readonly isRateLimitedError: true = true;
  /** Why the call may not go. */
  readonly reason: RefusedReason;
  /** How many units may go in a window. */
  readonly limit: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** The key of the call, if the limiter has keys. */
  readonly key: string | undefined;

  constructor(message: string, options: RateLimitedErrorOptions) {
    super(message, options);
    this.reason = options.reason;
    this.limit = options.limit;
    this.remaining = options.remaining;
    this.key = options.key;
  }
}

/** Whether `value` says that a rate limiter did not let a call in. */
export function isRateLimitedError(value: unknown): value is RateLimitedError {
  return hasBrand(value, 'isRateLimitedError');
}
