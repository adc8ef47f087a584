import { AsyncResource } from 'node:async_hooks';

/** The async context in which this module was loaded: that of no call. */
const nobody = new AsyncResource('holdfast', { requireManualDestroy: true });

/**
 * Runs what begins work for many calls, such as a timer that they share. It would carry on the async
 * context of the call that happened to begin it, and show the listeners of one caller the store of
 * another.
 */
export function inNobodysContext<Result>(begin: () => Result): Result {
  return nobody.runInAsyncScope(begin);
}
