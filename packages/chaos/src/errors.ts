import { hasBrand, PolicyError, type PolicyErrorOptions } from '@holdfast/policy';

/** What made a {@link ChaosError}: a fault, a hang that has reached its bound, or an abort. */
export type ChaosErrorSource = 'fault' | 'hang' | 'abort';

/** What a {@link ChaosError} is made from. */
export interface ChaosErrorOptions extends PolicyErrorOptions {
  /** What made it. */
  readonly injection: ChaosErrorSource;
}

/**
 * Chaos made a call fail that was not told how. It stands for an error of what is called: breakers count
 * it and `retry` tries again. Errors that you give to `fault` or `abort` come back as they are.
 */
export class ChaosError extends PolicyError {
  /** Always `'ChaosError'`. */
  override readonly name: string = 'ChaosError';
  override readonly code = 'CHAOS_INJECTED';
  /** A brand: always true. */
  readonly isChaosError: true = true;
  /** What made it. */
  readonly injection: ChaosErrorSource;

  constructor(message: string, options: ChaosErrorOptions) {
    super(message, options);
    this.injection = options.injection;
  }
}

/** Somebody made a chaos policy while `NODE_ENV` was `'production'`, and did not say `allowProduction`. */
export class ChaosInProductionError extends PolicyError {
  /** Always `'ChaosInProductionError'`. */
  override readonly name: string = 'ChaosInProductionError';
  override readonly code = 'CHAOS_IN_PRODUCTION';
  /** A brand: always true. */
  readonly isChaosInProductionError: true = true;
}

/** Whether `value` is the error of an injection that was not told another one. */
export function isChaosError(value: unknown): value is ChaosError {
  return hasBrand<ChaosError>(value, (error) => error.isChaosError);
}

/** Whether `value` says that chaos does not start in production. */
export function isChaosInProductionError(value: unknown): value is ChaosInProductionError {
  return hasBrand<ChaosInProductionError>(value, (error) => error.isChaosInProductionError);
}
