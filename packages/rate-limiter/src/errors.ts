import { hasBrand, RejectedError, type RejectedErrorOptions } from '@holdfast/policy';
import type { RateDecision } from './decision.ts';
import type { RefusedReason } from './events.ts';

/** What a {@link RateLimitedError} is made from. */
export interface RateLimitedErrorOptions extends RejectedErrorOptions {
  /** Why the call may not go. */
  readonly reason: RefusedReason;
  /** The key of the call, if the limiter has keys. */
  readonly key: string | undefined;
  /** How many units may go in `windowMs`, in the long run. */
  readonly limit: number;
  /** The window of the limit, in milliseconds. */
  readonly windowMs: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** After how many milliseconds a call that weighs as much may go. */
  readonly retryAfterMs: number;
  /** After how many milliseconds all of the limit is there again, if nothing more goes. */
  readonly resetAfterMs: number;
}

/**
 * A rate limiter did not let a call in; the operation was not called. It is a decision as `tryAcquire`
 * answers one: `rateLimitHeaders(error)` makes headers of it.
 */
export class RateLimitedError extends RejectedError implements RateDecision {
  /** Always `'RateLimitedError'`. */
  override readonly name: string = 'RateLimitedError';
  override readonly code = 'RATE_LIMITED';
  /** A brand: always true. */
  readonly isRateLimitedError: true = true;
  /** Always false. */
  readonly allowed: false = false;
  /** Why the call may not go. */
  readonly reason: RefusedReason;
  /** The key of the call, if the limiter has keys. */
  readonly key: string | undefined;
  /** How many units may go in `windowMs`, in the long run. */
  readonly limit: number;
  /** The window of the limit, in milliseconds. */
  readonly windowMs: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** After how many milliseconds a call that weighs as much may go. */
  declare readonly retryAfterMs: number;
  /** After how many milliseconds all of the limit is there again, if nothing more goes. */
  readonly resetAfterMs: number;

  constructor(message: string, options: RateLimitedErrorOptions) {
    super(message, options);
    this.reason = options.reason;
    this.key = options.key;
    this.limit = options.limit;
    this.windowMs = options.windowMs;
    this.remaining = options.remaining;
    this.resetAfterMs = options.resetAfterMs;
  }
}

/** Whether `value` says that a rate limiter did not let a call in. */
export function isRateLimitedError(value: unknown): value is RateLimitedError {
  return hasBrand<RateLimitedError>(value, (error) => error.isRateLimitedError);
}
