import { hasBrand, RejectedError, type RejectedErrorOptions } from '@holdfast/policy';

/** What a {@link RateLimiterAwayError} is made from. */
export interface RateLimiterAwayErrorOptions extends RejectedErrorOptions {
  /** The key of the call, if the limiter has keys. */
  readonly key: string | undefined;
  /** After how many milliseconds the limiter looks for Redis again. */
  readonly retryAfterMs: number;
}

/**
 * Redis is away, and a rate limiter that lets nothing go meanwhile did not let a call in; the operation
 * was not called. Its `cause` is why Redis is away.
 */
export class RateLimiterAwayError extends RejectedError {
  /** Always `'RateLimiterAwayError'`. */
  override readonly name: string = 'RateLimiterAwayError';
  override readonly code = 'RATE_LIMITER_AWAY';
  /** A brand: always true. */
  readonly isRateLimiterAwayError: true = true;
  /** The key of the call, if the limiter has keys. */
  readonly key: string | undefined;
  /** After how many milliseconds the limiter looks for Redis again. */
  declare readonly retryAfterMs: number;

  constructor(message: string, options: RateLimiterAwayErrorOptions) {
    super(message, options);
    this.key = options.key;
  }
}

/** Whether `value` says that a rate limiter did not let a call in because Redis is away. */
export function isRateLimiterAwayError(value: unknown): value is RateLimiterAwayError {
  return hasBrand<RateLimiterAwayError>(value, (error) => error.isRateLimiterAwayError);
}
