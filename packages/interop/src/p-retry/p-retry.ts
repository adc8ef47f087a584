import { systemClock } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import type { Options } from './options.ts';
import { type Input, RetriedCall } from './retried-call.ts';
import { settingsOf } from './settings.ts';
import { unrefClock } from './unref-clock.ts';

/**
 * Calls a function, and again after a delay when it fails: what `pRetry` of p-retry 9 does, on the
 * `retry` of Holdfast. It rejects with the last error.
 *
 * A `TypeError` is not retried, unless it is how `fetch` reports a failing network. The events of the
 * retry are published on `node:diagnostics_channel` as `holdfast:retry:<event>`; its name is `p-retry`.
 *
 * @throws A `TypeError` naming the option that cannot be used; `signal.reason` after an abort; what a
 * callback threw; or else the error of the last attempt.
 *
 * @example
 * ```ts
 * import pRetry from '@holdfast/interop/p-retry';
 *
 * const stock = await pRetry(() => readStock('sku-1'), { retries: 5 });
 * ```
 */
export async function pRetry<T>(input: Input<T>, options: Options = {}): Promise<T> {
  const settings = settingsOf(options);
  const { signal, unref } = settings;
  const call = new RetriedCall(input, settings);
  const policy = retry<T>({
    name: 'p-retry',
    maxAttempts: Infinity,
    shouldRetry: ({ ok }) => !ok && call.ending === undefined,
    delayFrom: () => call.delayMs,
    clock: unref ? unrefClock : systemClock,
  });
  try {
    return await policy.execute(() => call.attempt(), signal && { signal });
  } catch (error) {
    throw call.ending === undefined ? error : call.ending.error;
  }
}

/**
 * Makes a function each of whose calls is retried. It is called with the arguments and the `this` of
 * the call.
 *
 * @example
 * ```ts
 * const persistentFetch = makeRetriable(fetch, { retries: 5 });
 *
 * const response = await persistentFetch('http://localhost:8080/');
 * ```
 */
export function makeRetriable<Args extends readonly unknown[], Result, This = unknown>(
  fn: (this: This, ...args: Args) => PromiseLike<Result> | Result,
  options?: Options,
): (this: This, ...args: Args) => Promise<Result> {
  return function retriable(this: This, ...args: Args): Promise<Result> {
    return pRetry(() => fn.apply(this, args as unknown as Args & unknown[]), options);
  };
}
