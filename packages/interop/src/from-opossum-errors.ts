import { hasBrand, RejectedError, type RejectedErrorOptions, TimeoutError } from '@holdfast/policy';

/** Why a breaker of opossum did not let a call in: its own codes. */
export type OpossumRefusalReason = 'EOPENBREAKER' | 'ESEMLOCKED' | 'ESHUTDOWN';

/** What an {@link OpossumRejectedError} is made from. */
export interface OpossumRejectedErrorOptions extends RejectedErrorOptions {
  /** The code of the error of opossum. */
  readonly reason: OpossumRefusalReason;
}

/**
 * A breaker of opossum in a pipeline let a call not in; the operation was not called. Its error is the
 * `cause`, and the code of that is the `reason`.
 */
export class OpossumRejectedError extends RejectedError {
  /** Always `'OpossumRejectedError'`. */
  override readonly name: string = 'OpossumRejectedError';
  override readonly code = 'OPOSSUM_REJECTED';
  /** A brand: always true. */
  readonly isOpossumRejectedError: true = true;
  /** The code of the error of opossum. */
  readonly reason: OpossumRefusalReason;

  constructor(message: string, options: OpossumRejectedErrorOptions) {
    super(message, options);
    this.reason = options.reason;
  }
}

/** Whether `value` says that a breaker of opossum let a call not in. */
export function isOpossumRejectedError(value: unknown): value is OpossumRejectedError {
  return hasBrand<OpossumRejectedError>(value, (error) => error.isOpossumRejectedError);
}

/** What is known of a call whose error is to be translated. */
export interface FailedCall {
  readonly breaker: { readonly name: string };
  readonly timeoutMs: number;
  readonly retryAfterMs: number | undefined;
}

const refusals: readonly string[] = ['EOPENBREAKER', 'ESEMLOCKED', 'ESHUTDOWN'];

/** Whether the class of the breaker says that it made the error: sockets time out as `ETIMEDOUT` too. */
function isTheirs(error: unknown, breaker: object): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !('code' in error)) return false;
  const { isOurError } = breaker.constructor as { isOurError?: (error: Error) => boolean };
  return isOurError?.(error) === true;
}

/** Returns an error of ours in place of one that the breaker made itself; any other one as it is. */
export function translated(error: unknown, call: FailedCall): unknown {
  const { breaker, timeoutMs, retryAfterMs } = call;
  if (!isTheirs(error, breaker)) return error;
  const policy = breaker.name;
  const { code, message } = error;
  if (code === 'ETIMEDOUT') {
    const options = { policy, timeoutMs, started: true, cause: error };
    return new TimeoutError(`timed out after ${timeoutMs} ms`, options);
  }
  if (!refusals.includes(code)) return error;
  const reason = code as OpossumRefusalReason;
  const isOpen = reason === 'EOPENBREAKER';
  return new OpossumRejectedError(`the breaker "${policy}" let the call not in: ${message}`, {
    policy,
    reason,
    retryAfterMs: isOpen ? retryAfterMs : undefined,
    cause: error,
  });
}
