import {
  hasBrand,
  PolicyError,
  type PolicyErrorOptions,
  RejectedError,
  type RejectedErrorOptions,
} from '@holdfast/policy';

/**
 * The circuit is open. As from opossum: the code and the message, and `name` is `'Error'`. To the
 * policies of Holdfast it is a `RejectedError`.
 */
export class BreakerOpenError extends RejectedError {
  override readonly code = 'EOPENBREAKER';
  /** A brand: always true. */
  readonly isOpossumError: true = true;

  constructor(options: RejectedErrorOptions) {
    super('Breaker is open', options);
  }
}

/** As many actions run as `capacity` allows. To the policies of Holdfast it is a `RejectedError`. */
export class SemaphoreLockedError extends RejectedError {
  override readonly code = 'ESEMLOCKED';
  /** A brand: always true. */
  readonly isOpossumError: true = true;

  constructor(options: RejectedErrorOptions) {
    super('Semaphore locked', options);
  }
}

/** The breaker has been shut down. To the policies of Holdfast it is a `RejectedError`. */
export class BreakerShutdownError extends RejectedError {
  override readonly code = 'ESHUTDOWN';
  /** A brand: always true. */
  readonly isOpossumError: true = true;

  constructor(options: RejectedErrorOptions) {
    super('The circuit has been shutdown.', options);
  }
}

/** The action took longer than `timeout`. To the policies of Holdfast it is a `TimeoutError`. */
export class BreakerTimeoutError extends PolicyError {
  override readonly code = 'ETIMEDOUT';
  /** A brand: always true. */
  readonly isOpossumError: true = true;
  /** A brand: always true. */
  readonly isTimeoutError: true = true;
  /** The time that the action had, in milliseconds. */
  readonly timeoutMs: number;
  /** Always true: the action has been called. */
  readonly started: true = true;

  constructor(timeoutMs: number, options: PolicyErrorOptions) {
    super(`Timed out after ${timeoutMs}ms`, options);
    this.timeoutMs = timeoutMs;
  }
}

/** Whether the breaker, and not the action, made the error; `CircuitBreaker.isOurError`. */
export function isOpossumError(value: unknown): boolean {
  return hasBrand<BreakerOpenError>(value, (error) => error.isOpossumError);
}
