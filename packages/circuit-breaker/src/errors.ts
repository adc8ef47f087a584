import { hasBrand, RejectedError, type RejectedErrorOptions } from '@holdfast/policy';
import type { CircuitState } from './state.ts';

/** What a {@link CircuitOpenError} is made from. */
export interface CircuitOpenErrorOptions extends RejectedErrorOptions {
  /** What state the circuit was in. */
  readonly state: Exclude<CircuitState, 'closed'>;
}

/**
 * The circuit let no call in; the operation was not called. Its `cause` is the failure that opened
 * the circuit: an error, or the value that `isFailure` took for one. `retryAfterMs` says when the
 * first probe may go; while probes are on their way (`state` is `'half-open'`) nobody can tell.
 */
export class CircuitOpenError extends RejectedError {
  /** Always `'CircuitOpenError'`. */
  override readonly name: string = 'CircuitOpenError';
  override readonly code: 'CIRCUIT_OPEN' | 'CIRCUIT_ISOLATED' = 'CIRCUIT_OPEN';
  /** A brand: always true. */
  readonly isCircuitOpenError: true = true;
  /** What state the circuit was in. */
  readonly state: Exclude<CircuitState, 'closed'>;

  constructor(message: string, options: CircuitOpenErrorOptions) {
    super(message, options);
    this.state = options.state;
  }
}

/** Somebody holds the circuit isolated by hand; the operation was not called. */
export class CircuitIsolatedError extends CircuitOpenError {
  /** Always `'CircuitIsolatedError'`. */
  override readonly name: string = 'CircuitIsolatedError';
  override readonly code = 'CIRCUIT_ISOLATED';
  /** A brand: always true. */
  readonly isCircuitIsolatedError: true = true;
}

/** Whether `value` says that a circuit let a call not in, for whatever reason. */
export function isCircuitOpenError(value: unknown): value is CircuitOpenError {
  return hasBrand<CircuitOpenError>(value, (error) => error.isCircuitOpenError);
}

/** Whether `value` says that a circuit is held isolated by hand. */
export function isCircuitIsolatedError(value: unknown): value is CircuitIsolatedError {
  return hasBrand<CircuitIsolatedError>(value, (error) => error.isCircuitIsolatedError);
}
