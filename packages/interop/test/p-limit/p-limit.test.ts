import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as ours from '@holdfast/interop/p-limit';
import * as theirs from 'p-limit';
import { describe, expect, test, vi } from 'vitest';
import type { Library } from './scenario.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const both: readonly (readonly [string, Library])[] = [
  ['the drop-in', ours],
  ['p-limit', theirs],
];

/** Work that ends when it is told so. */
function work(): { readonly task: () => Promise<string>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { task: () => promise, end: () => resolve('done') };
}

function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe.each(both)('%s', (_library, { default: pLimit, limitFunction }) => {
  test('calls nothing before limit has returned, and counts it all the same', async () => {
    const limit = pLimit(1);
    const task = vi.fn(async () => 5);
    const call = limit(task);
    void limit(task);
    expect(task).not.toHaveBeenCalled();
    expect([limit.activeCount, limit.pendingCount]).toEqual([1, 1]);
    expect(await call).toBe(5);
  });

  test('passes the arguments on', async () => {
    expect(await pLimit(1)((left: number, right: string) => `${left}${right}`, 1, 'b')).toBe('1b');
  });

  test('rejects with what a function throws, async or not, and with a TypeError without one', async () => {
    const limit = pLimit(1);
    const error = new Error('failed');
    const calls = [
      limit(() => Promise.reject(error)),
      limit(() => {
        throw error;
      }),
      limit(undefined as never),
      limit(() => 'goes on'),
    ];
    const results = await Promise.allSettled(calls);
    expect(results.map((each) => ('reason' in each ? each.reason : each.value))).toEqual([
      error,
      error,
      expect.any(TypeError),
      'goes on',
    ]);
  });

  test.each([[0], [-1], [1.5], [Number.NaN], ['2'], [undefined], [true]])(
    'does not take %s for a concurrency',
    (concurrency) => {
      const limit = pLimit(1);
      const attempts = [
        () => pLimit(concurrency as number),
        () => pLimit({ concurrency: concurrency as number }),
        () => limitFunction(async () => 1, { concurrency: concurrency as number }),
        () => {
          limit.concurrency = concurrency as number;
        },
      ];
      for (const attempt of attempts) {
        expect(attempt).toThrow(TypeError);
        expect(attempt).toThrow('Expected `concurrency` to be');
      }
      expect(limit.concurrency).toBe(1);
    },
  );

  test('takes any integer from 1 up, and Infinity', () => {
    for (const concurrency of [1, 2 ** 60, Infinity]) {
      const limit = pLimit(concurrency);
      expect(limit.concurrency).toBe(concurrency);
      limit.concurrency = concurrency;
      expect(limit.concurrency).toBe(concurrency);
    }
  });

  test('does not take just anything for rejectOnClear', () => {
    const attempt = (): unknown => pLimit({ concurrency: 1, rejectOnClear: 'yes' as never });
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow('Expected `rejectOnClear` to be a boolean');
  });

  test('clears the queue, once and again, and goes on', async () => {
    const limit = pLimit({ concurrency: 1, rejectOnClear: true });
    const running = work();
    const first = limit(running.task);
    for (let round = 0; round < 2; round++) {
      const dropped = [limit(() => 1), limit(() => 2)];
      limit.clearQueue();
      expect(limit.pendingCount).toBe(0);
      const results = await Promise.allSettled(dropped);
      const reasons = results.map((each) => 'reason' in each && (each.reason as Error));
      expect(reasons).toEqual([expect.any(DOMException), expect.any(DOMException)]);
      expect(reasons[0]).toMatchObject({ name: 'AbortError' });
      expect(reasons[1]).toBe(reasons[0]);
    }
    limit.clearQueue();
    const last = limit(() => 'last');
    running.end();
    expect(await Promise.all([first, last])).toEqual(['done', 'last']);
  });

  test('leaves cleared calls pending without rejectOnClear', async () => {
    const limit = pLimit(1);
    const running = work();
    const first = limit(running.task);
    const settled = vi.fn();
    limit(() => 1).then(settled, settled);
    const { clearQueue } = limit;
    clearQueue();
    running.end();
    await first;
    await reactions();
    expect(settled).not.toHaveBeenCalled();
    expect([limit.activeCount, limit.pendingCount]).toEqual([0, 0]);
  });

  test('starts more at once when the concurrency grows, and fewer when it shrinks', async () => {
    const limit = pLimit(1);
    const works = Array.from({ length: 6 }, work);
    const calls = works.map(({ task }) => limit(task));
    limit.concurrency = 3;
    await reactions();
    expect([limit.activeCount, limit.pendingCount]).toEqual([3, 3]);
    limit.concurrency = 1;
    for (const { end } of works.slice(0, 2)) end();
    await reactions();
    expect([limit.activeCount, limit.pendingCount]).toEqual([1, 3]);
    for (const { end } of works) end();
    await Promise.all(calls);
  });

  test('maps an iterable, with the index, in the order of the items', async () => {
    const limit = pLimit(2);
    let most = 0;
    const items = new Set(['a', 'b', 'c', 'd']);
    const mapped = await limit.map(items, async (item, index) => {
      most = Math.max(most, limit.activeCount);
      await reactions();
      return `${item}${index}`;
    });
    expect(mapped).toEqual(['a0', 'b1', 'c2', 'd3']);
    expect(most).toBe(2);
    expect(await limit.map([], () => 1)).toEqual([]);
  });

  test('rejects a map with the first error, or with that of the iterable', async () => {
    const limit = pLimit(1);
    const error = new Error('failed');
    const seen: number[] = [];
    const mapper = (item: number): number => {
      seen.push(item);
      if (item === 2) throw error;
      return item;
    };
    await expect(limit.map([1, 2, 3], mapper)).rejects.toBe(error);
    const broken = new Error('the iterable broke');
    function* breaking(): Iterable<number> {
      yield 4;
      yield 2;
      throw broken;
    }
    await expect(limit.map(breaking(), mapper)).rejects.toBe(broken);
    await reactions();
    expect(seen).toEqual([1, 2, 3, 4, 2]);
  });

  test('limits the calls of one function, and clears them', async () => {
    const running = work();
    const fn = vi.fn((_id: number, _name: string) => running.task());
    const limited = limitFunction(fn, { concurrency: 1, rejectOnClear: true });
    const first = limited(1, 'first');
    const dropped = limited(2, 'second');
    limited.clearQueue();
    await expect(dropped).rejects.toMatchObject({ name: 'AbortError' });
    running.end();
    expect(await first).toBe('done');
    expect(fn.mock.calls).toEqual([[1, 'first']]);
  });

  test('keeps the async context of each caller', async () => {
    const storage = new AsyncLocalStorage<number>();
    const limit = pLimit(2);
    const calls = Array.from({ length: 8 }, (_, id) =>
      storage.run(id, () =>
        limit(async () => {
          const before = storage.getStore();
          await reactions();
          return [before, storage.getStore()];
        }),
      ),
    );
    expect(await Promise.all(calls)).toEqual(calls.map((_, id) => [id, id]));
  });

  test('has members that cannot be overwritten and are not enumerable', () => {
    const limit = pLimit(1);
    expect(Object.keys(limit)).toEqual([]);
    for (const name of ['clearQueue', 'map', 'activeCount', 'pendingCount']) {
      expect(() => Object.assign(limit, { [name]: 1 })).toThrow(TypeError);
    }
  });

  test('keeps nothing of the calls that it has dropped', async () => {
    const limit = pLimit(1);
    const running = work();
    const first = limit(running.task);
    const drop = (): WeakRef<object>[] => {
      const tasks = Array.from({ length: 50 }, (_, i) => () => i);
      for (const task of tasks) void limit(task);
      limit.clearQueue();
      return tasks.map((task) => new WeakRef(task));
    };
    const references = drop();
    const left = (): number => references.filter((each) => each.deref() !== undefined).length;
    for (let i = 0; i < 10 && left() > 0; i++) {
      await reactions();
      collectGarbage();
    }
    expect(left()).toBe(0);
    running.end();
    await first;
  });
});

/** Where the drop-in differs from p-limit, and why: docs/migrating/p-limit.md lists the same. */
describe('differences', () => {
  test('a higher concurrency counts at once what it starts, and not a microtask later', async () => {
    const counts = both.map(([, { default: pLimit }]) => {
      const limit = pLimit(1);
      for (let i = 0; i < 3; i++) void limit(() => i);
      limit.concurrency = 3;
      return limit.activeCount;
    });
    expect(counts).toEqual([3, 1]);
    await reactions();
  });

  test('a clear also drops what has its place but has not been called', async () => {
    const called = both.map(async ([, { default: pLimit }]) => {
      const limit = pLimit(1);
      const running = work();
      void limit(running.task);
      const task = vi.fn();
      void limit(() => limit.clearQueue());
      void limit(task);
      void limit(() => 'still in the queue');
      await reactions();
      // The two go on together, and the first clears the queue before the second is called.
      limit.concurrency = 3;
      await reactions();
      running.end();
      return task.mock.calls.length;
    });
    expect(await Promise.all(called)).toEqual([0, 1]);
  });

  test('messages about options tell the value', () => {
    expect(() => ours.default(0)).toThrow(
      'Expected `concurrency` to be an integer from 1 up, or Infinity, got 0.',
    );
  });
});
