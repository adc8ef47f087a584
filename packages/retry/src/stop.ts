import { type Outcome, withoutStack } from '@holdfast/policy';
import { RetryStoppedError } from './errors.ts';

/**
 * Wraps an error so that `retry` makes no further attempt, whatever its options say: the call rejects
 * with this very error, at once. For an operation that knows better than `shouldRetry`. It ends the
 * innermost retry only: one further outside decides for itself.
 *
 * `AbortError` of p-retry, which means the same, is understood too.
 *
 * @example
 * ```ts
 * const order = await retry().execute(async () => {
 *   const response = await fetch('http://orders/7');
 *   if (response.status === 404) throw stopRetrying(new Error('there is no order 7'));
 *   return response.json();
 * });
 * ```
 */
export function stopRetrying(error: unknown): RetryStoppedError {
  return withoutStack(() => new RetryStoppedError(error));
}

/** What an error looks like that ends the retries. */
type Stop = Partial<Readonly<Record<'isRetryStoppedError' | 'originalError' | 'code', unknown>>> &
  Error;

/** How deep wrappers are opened: they may be a ring. */
const deepest = 8;

/**
 * Recognised by what it has, since there may be several copies of a package. The `AbortError` of
 * p-retry has an `originalError` and no `code`; those of the DOM (`DOMException`) and of Node have it
 * the other way round.
 */
function isStop(error: unknown): error is Stop {
  if (typeof error !== 'object' || error === null || !('originalError' in error)) return false;
  const { isRetryStoppedError, name, code, originalError } = error as Stop;
  if (isRetryStoppedError === true) return true;
  if (name !== 'AbortError' || code !== undefined) return false;
  return typeof originalError === 'object' && originalError !== null;
}

/** The outcome of which an operation says that it is the last; undefined for any other error. */
export function stopIn(error: unknown): Outcome<never> | undefined {
  try {
    if (!isStop(error)) return undefined;
    let inner: unknown = error;
    for (let depth = 0; depth < deepest && isStop(inner); depth++) inner = inner.originalError;
    return { ok: false, error: inner };
  } catch {
    // An error that does not let itself be read says nothing.
    return undefined;
  }
}
