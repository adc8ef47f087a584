import { invalidOption } from '@holdfast/policy';
import { LimitedQueue } from './limited-queue.ts';
import type { LimitFunction, Options } from './options.ts';

/**
 * Makes a function that runs functions, only so many at once: what `pLimit` of p-limit 7 does, on the
 * `bulkhead` of Holdfast. The events of the bulkhead are published on `node:diagnostics_channel` as
 * `holdfast:bulkhead:<event>`; its name is `p-limit`.
 *
 * @throws `TypeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * import pLimit from '@holdfast/interop/p-limit';
 *
 * const limit = pLimit(2);
 *
 * const stock = await limit.map(['sku-1', 'sku-2', 'sku-3'], (sku) => readStock(sku));
 * ```
 */
export function pLimit(concurrency: number | Options): LimitFunction {
  const { concurrency: most, rejectOnClear = false } =
    typeof concurrency === 'object' ? concurrency : { concurrency };
  if (typeof rejectOnClear !== 'boolean') {
    throw invalidOption('rejectOnClear', 'a boolean', rejectOnClear, TypeError);
  }
  const queue = new LimitedQueue(most, rejectOnClear);
  const limit = <Args extends unknown[], Result>(
    fn: (...args: Args) => PromiseLike<Result> | Result,
    ...args: Args
  ): Promise<Result> => queue.add(() => fn(...args));
  return Object.defineProperties(limit, {
    activeCount: { get: () => queue.active },
    pendingCount: { get: () => queue.queued },
    concurrency: {
      get: () => queue.concurrency,
      set: (value: number) => {
        queue.concurrency = value;
      },
    },
    clearQueue: { value: () => queue.clear() },
    map: { value: mapWith(limit) },
  }) as LimitFunction;
}

function mapWith(
  limit: <Result>(fn: () => PromiseLike<Result> | Result) => Promise<Result>,
): LimitFunction['map'] {
  return async <Input, Result>(
    iterable: Iterable<Input>,
    mapper: (input: Input, index: number) => PromiseLike<Result> | Result,
  ) => {
    const calls: Promise<Result>[] = [];
    try {
      Array.from(iterable, (item, index) => calls.push(limit(() => mapper(item, index))));
    } catch (error) {
      // What has been scheduled runs on, and nobody waits for it.
      for (const call of calls) call.catch(() => undefined);
      throw error;
    }
    return Promise.all(calls);
  };
}

/**
 * Makes a function only so many calls of which run at once; `clearQueue()` drops those that wait.
 *
 * @throws `TypeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const readTwo = limitFunction((sku: string) => readStock(sku), { concurrency: 2 });
 *
 * const stock = await Promise.all(['sku-1', 'sku-2', 'sku-3'].map((sku) => readTwo(sku)));
 * ```
 */
export function limitFunction<Args extends unknown[], Result>(
  fn: (...args: Args) => PromiseLike<Result>,
  options: Options,
): ((...args: Args) => Promise<Result>) & Pick<LimitFunction, 'clearQueue'> {
  const limit = pLimit(options);
  const limited = (...args: Args): Promise<Result> => limit(fn, ...args);
  return Object.defineProperty(limited, 'clearQueue', {
    value: limit.clearQueue,
  }) as typeof limited & Pick<LimitFunction, 'clearQueue'>;
}
