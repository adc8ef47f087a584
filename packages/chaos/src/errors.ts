import { hasBrand, RejectedError } from '@holdfast/policy';

/** A call was not let in. The operation was not called. */
export class ChaosRefusedError extends RejectedError {
  override readonly name: string = 'ChaosRefusedError';
  override readonly code = 'CHAOS_REFUSED';
  /** A brand: always true. */
  readonly isChaosRefusedError: true = true;
}

/** Whether `value` says that a chaos did not let a call in. */
export function isChaosRefusedError(value: unknown): value is ChaosRefusedError {
  return hasBrand(value, 'isChaosRefusedError');
}
