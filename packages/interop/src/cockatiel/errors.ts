import { hasBrand } from '@holdfast/policy';

const whyNot = 'Execution prevented because the circuit breaker is open';

/** A circuit breaker did not let the call in: its circuit is open. */
export class BrokenCircuitError extends Error {
  /** A brand: always true. */
  readonly isBrokenCircuitError = true;

  constructor(message: string = whyNot) {
    super(message);
  }
}

/** A circuit breaker did not let the call in: somebody holds its circuit open. */
export class IsolatedCircuitError extends BrokenCircuitError {
  /** A brand: always true. */
  readonly isIsolatedCircuitError = true;

  constructor() {
    super(whyNot);
  }
}

/** What a circuit breaker that was restored as open has as its last failure. */
export class HydratingCircuitError extends Error {
  /** A brand: always true. */
  readonly isHydratingCircuitError = true;

  constructor(message: string = whyNot) {
    super(message);
  }
}

/** A bulkhead had no place for the call. */
export class BulkheadRejectedError extends Error {
  /** A brand: always true. */
  readonly isBulkheadRejectedError = true;

  constructor(executionSlots: number, queueSlots: number) {
    super(
      `Bulkhead capacity exceeded (0/${executionSlots} execution slots, 0/${queueSlots} available)`,
    );
  }
}

/** The time for a call was over, or its caller gave up; then `cause` is the reason of the signal. */
export class TaskCancelledError extends Error {
  /** A brand: always true. */
  readonly isTaskCancelledError = true;
  /** What happened. */
  override readonly message: string;

  constructor(message: string = 'Operation cancelled') {
    super(message);
    this.message = message;
  }
}

/** Whether `e` is a {@link BrokenCircuitError}, of this package or of cockatiel. */
export const isBrokenCircuitError = (e: unknown): e is BrokenCircuitError =>
  hasBrand<BrokenCircuitError>(e, (error) => error.isBrokenCircuitError);

/** Whether `e` is a {@link BulkheadRejectedError}, of this package or of cockatiel. */
export const isBulkheadRejectedError = (e: unknown): e is BulkheadRejectedError =>
  hasBrand<BulkheadRejectedError>(e, (error) => error.isBulkheadRejectedError);

/** Whether `e` is an {@link IsolatedCircuitError}, of this package or of cockatiel. */
export const isIsolatedCircuitError = (e: unknown): e is IsolatedCircuitError =>
  hasBrand<IsolatedCircuitError>(e, (error) => error.isIsolatedCircuitError);

/** Whether `e` is a {@link TaskCancelledError}, of this package or of cockatiel. */
export const isTaskCancelledError = (e: unknown): e is TaskCancelledError =>
  hasBrand<TaskCancelledError>(e, (error) => error.isTaskCancelledError);

/** Whether `e` is a {@link HydratingCircuitError}, of this package or of cockatiel. */
export const isHydratingCircuitError = (e: unknown): e is HydratingCircuitError =>
  hasBrand<HydratingCircuitError>(e, (error) => error.isHydratingCircuitError);

/** Says that the caller gave up; the cause, which is not enumerable, is what it gave as the reason. */
export function cancelledBy(signal: AbortSignal): TaskCancelledError {
  return Object.defineProperty(new TaskCancelledError(), 'cause', {
    value: signal.reason,
    configurable: true,
    writable: true,
  });
}
