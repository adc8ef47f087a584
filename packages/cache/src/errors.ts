import { hasBrand, RejectedError } from '@holdfast/policy';

/** A call was not let in. The operation was not called. */
export class CacheRefusedError extends RejectedError {
  override readonly name: string = 'CacheRefusedError';
  override readonly code = 'CACHE_REFUSED';
  /** A brand: always true. */
  readonly isCacheRefusedError: true = true;
}

/** Whether `value` says that a cache did not let a call in. */
export function isCacheRefusedError(value: unknown): value is CacheRefusedError {
  return hasBrand(value, 'isCacheRefusedError');
}
