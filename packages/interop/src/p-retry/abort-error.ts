import { isRetryStoppedError } from '@holdfast/retry';

/**
 * Thrown by a function to end its retries: the call rejects with the error inside, and no callback is
 * asked. As a reason of a signal, or thrown by a callback, it comes back as it is.
 *
 * @example
 * ```ts
 * const order = await pRetry(async () => {
 *   const response = await fetch('http://orders/7');
 *   if (response.status === 404) throw new AbortError('there is no order 7');
 *   return response.json();
 * });
 * ```
 */
export class AbortError extends Error {
  /** Always `'AbortError'`. */
  override readonly name = 'AbortError' as const;
  /** What the call rejects with: the error that was given, or one made of the message. */
  readonly originalError: Error;

  constructor(message?: string | Error) {
    const original = message instanceof Error ? message : new Error(message);
    super(original.message);
    this.originalError = original;
    // The stack of an error made here is to begin where the caller made this one.
    if (original !== message) Error.captureStackTrace(original, AbortError);
  }
}

/** How deep wrappers are opened: they may be a ring. */
const deepest = 100;

/**
 * What a call rejects with whose function ended the retries with `error`; undefined if it did not. The
 * wrappers of p-retry itself and of `stopRetrying` are understood as well, so that modules can move one
 * at a time.
 */
export function stopIn(error: unknown): { readonly error: unknown } | undefined {
  if (!isStop(error)) return undefined;
  let inner: unknown = error;
  for (let depth = 0; depth < deepest && isStop(inner); depth++) inner = inner.originalError;
  return { error: inner };
}

function isStop(error: unknown): error is { readonly originalError: unknown } {
  return isRetryStoppedError(error) || isAbortError(error);
}

/** Recognised by what it has, as by `retry`: there may be several copies of a package. */
function isAbortError(error: unknown): error is AbortError {
  if (error instanceof AbortError) return true;
  if (!(error instanceof Error) || error.name !== 'AbortError') return false;
  const { originalError, code } = error as Partial<Record<'originalError' | 'code', unknown>>;
  return typeof originalError === 'object' && originalError !== null && code === undefined;
}
