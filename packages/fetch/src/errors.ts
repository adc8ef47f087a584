import { hasBrand, RejectedError, type RejectedErrorOptions } from '@holdfast/policy';

/**
 * Why a request cannot be sent again: its body is a stream that has been used, or its method may
 * change something twice.
 */
export type NotRepeatableReason = 'body' | 'method';

/** What a {@link RequestNotRepeatableError} is made from. */
export interface RequestNotRepeatableErrorOptions extends RejectedErrorOptions {
  /** Why the request cannot be sent again. */
  readonly reason: NotRepeatableReason;
}

/**
 * A policy asked for a second attempt of a request that cannot be sent twice. Nothing was sent: what
 * counts is the answer of the attempt that ran, and its error, if it had one, is the `cause`.
 */
export class RequestNotRepeatableError extends RejectedError {
  /** Always `'RequestNotRepeatableError'`. */
  override readonly name: string = 'RequestNotRepeatableError';
  override readonly code = 'REQUEST_NOT_REPEATABLE';
  /** A brand: always true. */
  readonly isRequestNotRepeatableError: true = true;
  /** Why the request cannot be sent again. */
  readonly reason: NotRepeatableReason;

  constructor(message: string, options: RequestNotRepeatableErrorOptions) {
    super(message, options);
    this.reason = options.reason;
  }
}

/** Whether `value` says that a request cannot be sent again. */
export function isRequestNotRepeatableError(value: unknown): value is RequestNotRepeatableError {
  return hasBrand<RequestNotRepeatableError>(value, (error) => error.isRequestNotRepeatableError);
}
