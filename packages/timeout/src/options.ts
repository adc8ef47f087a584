import {
  type Clock,
  commonOptions,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  oneOf,
  optionalFunction,
  positiveMilliseconds,
} from '@holdfast/policy';

/** How a timeout ends a call. */
export type TimeoutMode = 'aggressive' | 'cooperative';

/** What {@link timeout} can be told. `R` is what the operations return. */
export interface TimeoutOptions<R = unknown> {
  /**
   * How long a call may take, in milliseconds, all that is inside the timeout included: queues,
   * attempts and back-offs. A function is asked at each call; it may return undefined or Infinity for
   * a call without a limit of its own, and 0 for one that is not to begin. A tighter deadline of the call
   * always holds.
   *
   * @default 30_000 (as in Polly)
   */
  readonly afterMs?: number | ((context: ExecutionContext) => number | undefined) | undefined;
  /**
   * `'aggressive'` rejects as soon as the time is over (or the caller aborts) and leaves the operation
   * to itself, with its signal aborted. `'cooperative'` only aborts the signal and waits for the
   * operation: a value that comes all the same is returned.
   *
   * @default 'aggressive'
   */
  readonly mode?: TimeoutMode | undefined;
  /**
   * Gets a value that came after an aggressive timeout, or the caller's abort, had ended the call:
   * close here what the operation opened. What it throws is reported as a process warning.
   *
   * @default undefined
   */
  readonly onLateResult?: ((value: R) => void) | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'timeout'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const names = ['afterMs', 'mode', 'onLateResult', 'name', 'clock'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: TimeoutOptions<never>): void {
  const { afterMs, mode, onLateResult } = knownOptions(options, names);
  if (typeof afterMs === 'number') positiveMilliseconds('afterMs', afterMs);
  else if (afterMs !== undefined && typeof afterMs !== 'function') {
    throw invalidOption('afterMs', 'a number of milliseconds or a function', afterMs, TypeError);
  }
  if (mode !== undefined) oneOf('mode', mode, ['aggressive', 'cooperative']);
  optionalFunction('onLateResult', onLateResult);
  commonOptions(options);
}
