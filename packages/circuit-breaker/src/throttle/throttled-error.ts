import { hasBrand, type PolicyErrorOptions, RejectedError } from '@holdfast/policy';

/** What a {@link ThrottledError} is made from. */
export interface ThrottledErrorOptions extends PolicyErrorOptions {
  /** How many calls the window had. */
  readonly requests: number;
  /** How many of them were accepted. */
  readonly accepts: number;
  /** With what probability the call was rejected. */
  readonly probability: number;
}

/**
 * An adaptive throttle let a call not go, because what is called has accepted too few of late; the
 * operation was not called. It is decided by lot, call by call, so `retryAfterMs` is undefined.
 */
export class ThrottledError extends RejectedError {
  /** Always `'ThrottledError'`. */
  override readonly name: string = 'ThrottledError';
  override readonly code = 'THROTTLED';
  /** A brand: always true. */
  readonly isThrottledError: true = true;
  /** How many calls the window had, those that were rejected here among them. */
  readonly requests: number;
  /** How many of them were accepted. */
  readonly accepts: number;
  /** With what probability the call was rejected. */
  readonly probability: number;

  constructor(message: string, options: ThrottledErrorOptions) {
    super(message, options);
    this.requests = options.requests;
    this.accepts = options.accepts;
    this.probability = options.probability;
  }
}

/** Whether `value` says that an adaptive throttle let a call not go. */
export function isThrottledError(value: unknown): value is ThrottledError {
  return hasBrand<ThrottledError>(value, (error) => error.isThrottledError);
}
