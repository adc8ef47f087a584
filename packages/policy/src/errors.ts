/** What every error of Holdfast is made from. */
export interface PolicyErrorOptions {
  /** The name of the policy that throws. */
  readonly policy?: string | undefined;
  /** What led to this error. */
  readonly cause?: unknown;
}

/**
 * The root of every error that Holdfast makes itself. Your operation's own errors are never wrapped
 * in one. Test with {@link isPolicyError}, which also knows the errors of a second copy of the
 * package.
 */
export abstract class PolicyError extends Error {
  /** A brand: always true. */
  readonly isPolicyError: true = true;
  /** A constant for programs to compare, such as `'CIRCUIT_OPEN'`; `docs/errors.md` lists them all. */
  abstract readonly code: string;
  /** The name of the policy that threw. */
  readonly policy: string | undefined;

  constructor(message: string, options?: PolicyErrorOptions) {
    super(
      message,
      options !== undefined && options.cause !== undefined ? { cause: options.cause } : undefined,
    );
    this.policy = options?.policy;
  }
}

/** What a {@link RejectedError} is made from. */
export interface RejectedErrorOptions extends PolicyErrorOptions {
  /** After how many milliseconds a new call may be let in, if the policy can tell. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A policy did not let the operation start: nothing has happened yet. (After an attempt that did
 * run, `retry` throws that attempt's error instead.)
 */
export abstract class RejectedError extends PolicyError {
  /** A brand: always true. */
  readonly isRejectedError: true = true;
  /** After how many milliseconds a new call may be let in; undefined when nobody can tell. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: RejectedErrorOptions) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** What a {@link TimeoutError} is made from. */
export interface TimeoutErrorOptions extends PolicyErrorOptions {
  /** The time that the call had, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the operation had been started. */
  readonly started: boolean;
}

/**
 * The time for a call was over. An operation that had been started may still be running: its signal
 * is aborted with this very error as its reason.
 */
export class TimeoutError extends PolicyError {
  /** Always `'TimeoutError'`. */
  override readonly name: string = 'TimeoutError';
  override readonly code = 'TIMEOUT';
  /** A brand: always true. */
  readonly isTimeoutError: true = true;
  /** The time that the call had, in milliseconds. */
  readonly timeoutMs: number;
  /** False when the operation was never called: the time went by in a queue or a back-off. */
  readonly started: boolean;

  constructor(message: string, options: TimeoutErrorOptions) {
    super(message, options);
    this.timeoutMs = options.timeoutMs;
    this.started = options.started;
  }
}

/**
 * Whether a value carries a brand, which `read` reads from it: never throws. Each guard has a `read` of
 * its own, as a property that is named in the code costs a hundredth of one that is looked up by name.
 */
export function hasBrand<E extends object>(
  value: unknown,
  read: (value: Partial<E>) => unknown,
): value is E {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return read(value) === true;
  } catch {
    // Whatever it is, a revoked proxy perhaps, it is none of ours.
    return false;
  }
}

/** Whether `value` is an error that Holdfast made. */
export function isPolicyError(value: unknown): value is PolicyError {
  return hasBrand<PolicyError>(value, (error) => error.isPolicyError);
}

/** Whether `value` says that a policy did not let the operation start. */
export function isRejectedError(value: unknown): value is RejectedError {
  return hasBrand<RejectedError>(value, (error) => error.isRejectedError);
}

/** Whether `value` says that the time for a call was over. */
export function isTimeoutError(value: unknown): value is TimeoutError {
  return hasBrand<TimeoutError>(value, (error) => error.isTimeoutError);
}

/**
 * Makes an error without collecting a stack trace, which costs more than the rest of a rejection
 * and shows only the inside of the policy.
 *
 * @example
 * ```ts
 * throw withoutStack(() => new TimeoutError('timed out', { timeoutMs: 50, started: true }));
 * ```
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
