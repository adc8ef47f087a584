import { hasBrand, RejectedError } from '@holdfast/policy';

/** A call was not let in. The operation was not called. */
export class HedgeRefusedError extends RejectedError {
  override readonly name: string = 'HedgeRefusedError';
  override readonly code = 'HEDGE_REFUSED';
  /** A brand: always true. */
  readonly isHedgeRefusedError: true = true;
}

/** Whether `value` says that a hedge did not let a call in. */
export function isHedgeRefusedError(value: unknown): value is HedgeRefusedError {
  return hasBrand(value, 'isHedgeRefusedError');
}
