import { hasBrand, RejectedError } from '@holdfast/policy';

/** A call was not let in. The operation was not called. */
export class ResilienceRefusedError extends RejectedError {
  override readonly name: string = 'ResilienceRefusedError';
  override readonly code = 'RESILIENCE_REFUSED';
  /** A brand: always true. */
  readonly isResilienceRefusedError: true = true;
}

/** Whether `value` says that a resilience did not let a call in. */
export function isResilienceRefusedError(value: unknown): value is ResilienceRefusedError {
  return hasBrand(value, 'isResilienceRefusedError');
}
