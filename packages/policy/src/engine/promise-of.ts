const ownThen: unknown = Reflect.get(Promise.prototype, 'then');

/**
 * The promise of what an operation returned, or undefined if it returned a plain value. A `then` that
 * is not that of the language may do anything: it is left to a promise, which settles once whatever
 * comes.
 */
export function promiseOf(result: unknown): Promise<unknown> | undefined {
  if (result instanceof Promise && result.then === ownThen) return result;
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    return undefined;
  }
  if (!('then' in result) || typeof result.then !== 'function') return undefined;
  return new Promise((resolve) => resolve(result));
}
