import { hasBrand, RejectedError } from '@holdfast/policy';

/**
 * A limiter of another library has not let a call start: it dropped the job (a full queue, a stop, a
 * clear), or could not take it. The operation was not called. The `cause` is what the limiter said, if it
 * said anything.
 */
export class LimiterRejectedError extends RejectedError {
  /** Always `'LimiterRejectedError'`. */
  override readonly name: string = 'LimiterRejectedError';
  override readonly code = 'LIMITER_REJECTED';
  /** A brand: always true. */
  readonly isLimiterRejectedError: true = true;
}

/** Whether an error says that a limiter of another library has not let a call start. */
export function isLimiterRejectedError(value: unknown): value is LimiterRejectedError {
  return hasBrand<LimiterRejectedError>(value, (error) => error.isLimiterRejectedError);
}
