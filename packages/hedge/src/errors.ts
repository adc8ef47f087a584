import { hasBrand, PolicyError, withoutStack } from '@holdfast/policy';

/**
 * Why the signal of an attempt was aborted: another attempt of the same call has given the answer.
 * Nobody but the operation sees it.
 */
export class HedgeLostError extends PolicyError {
  /** Always `'HedgeLostError'`. */
  override readonly name: string = 'HedgeLostError';
  override readonly code = 'HEDGE_LOST';
  /** A brand: always true. */
  readonly isHedgeLostError: true = true;
}

/** Whether `value` says that another attempt has given the answer. */
export function isHedgeLostError(value: unknown): value is HedgeLostError {
  return hasBrand<HedgeLostError>(value, (error) => error.isHedgeLostError);
}

/** Made once for each policy: to abort with a fresh error costs ten times as much. */
export function hedgeLost(policy: string): HedgeLostError {
  return withoutStack(() => new HedgeLostError('another attempt was faster', { policy }));
}
