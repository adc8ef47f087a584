import { describe, expect, test } from 'vitest';
import {
  configSourceContract,
  type ConfigSourceContractOptions,
  type ConfigSourceSubject,
  type SourceListener,
  type SourceReading,
} from '@holdfast/testing';

type Read = ConfigSourceSubject['source']['read'];

/** A source in memory that keeps the contract; a defect overrides a part of it. */
class Store {
  data: unknown = {};
  error: Error | undefined;
  version = 0;
  readonly listeners: Set<SourceListener> = new Set();

  reading(): SourceReading {
    return { data: structuredClone(this.data), version: String(this.version) };
  }

  read: Read = async ({ signal }) => {
    signal.throwIfAborted();
    await Promise.resolve();
    signal.throwIfAborted();
    if (this.error !== undefined) throw this.error;
    return this.reading();
  };

  watch(listener: SourceListener): { close(): void } {
    const own = { ...listener };
    this.listeners.add(own);
    queueMicrotask(() => this.tell(own));
    return { close: () => void this.listeners.delete(own) };
  }

  tell(listener: SourceListener): void {
    if (!this.listeners.has(listener)) return;
    if (this.error === undefined) listener.changed(this.reading());
    else listener.failed(this.error);
  }

  change(data: unknown, error?: Error): void {
    [this.data, this.error] = [data, error];
    this.version += 1;
    for (const listener of this.listeners) this.tell(listener);
  }
}

function subjectOf(store: Store): ConfigSourceSubject {
  return {
    source: {
      name: 'store',
      read: (options) => store.read(options),
      watch: (listener) => store.watch(listener),
    },
    write: (data) => store.change(data),
    damage: () => store.change(store.data, new Error('away')),
  };
}

async function failures(
  make: () => ConfigSourceSubject,
  options: ConfigSourceContractOptions = { patienceMs: 150 },
): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of configSourceContract(make, options)) {
    try {
      await run();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

describe('a source that keeps the contract', () => {
  for (const { name, run } of configSourceContract(() => subjectOf(new Store()))) test(name, run);
});

describe('the contract notices a source that', () => {
  const defects: Record<string, [alter: (store: Store) => void, notices: RegExp]> = {
    'reads what it has read before': [
      (store) => {
        let first: SourceReading | undefined;
        store.reading = () => (first ??= { data: structuredClone(store.data), version: '1' });
      },
      /reads what was written before/u,
    ],
    'gives the same version to all': [
      (store) => {
        store.reading = () => ({ data: structuredClone(store.data), version: '1' });
      },
      /different versions/u,
    ],
    'shares its data': [
      (store) => {
        store.reading = () => ({ data: store.data, version: String(store.version) });
      },
      /may change/u,
    ],
    'does not know aborts': [
      (store) => {
        store.read = async () => {
          if (store.error !== undefined) throw store.error;
          return store.reading();
        };
      },
      /reason of a signal/u,
    ],
    'wraps the reason of an abort': [
      (store) => {
        const { read } = store;
        store.read = async (options) =>
          read(options).catch((error: unknown) => {
            throw new Error('failed', { cause: error });
          });
      },
      /reason of a signal/u,
    ],
    'leaves a listener on the signal': [
      (store) => {
        const { read } = store;
        store.read = async (options) => {
          options.signal.addEventListener('abort', () => {});
          return read(options);
        };
      },
      /leaves no listener/u,
    ],
    'reads although it cannot': [
      (store) => {
        store.read = async ({ signal }) => {
          signal.throwIfAborted();
          return store.reading();
        };
      },
      /rejects a read with an error/u,
    ],
    'tells changes only, and not what there is': [
      (store) => {
        store.watch = (listener) => {
          store.listeners.add(listener);
          return { close: () => void store.listeners.delete(listener) };
        };
      },
      /loses no change/u,
    ],
    'tells within `watch`': [
      (store) => {
        const watch = store.watch.bind(store);
        store.watch = (listener) => {
          listener.changed(store.reading());
          return watch(listener);
        };
      },
      /tells a watch what there is/u,
    ],
    'goes on after the end': [
      (store) => {
        const watch = store.watch.bind(store);
        store.watch = (listener) => {
          watch(listener);
          return { close: () => {} };
        };
      },
      /nothing after the end/u,
    ],
    'keeps failures to itself': [
      (store) => {
        const tell = store.tell.bind(store);
        store.tell = (listener) => {
          if (store.error === undefined) tell(listener);
        };
      },
      /cannot be read/u,
    ],
    'leaves a rejection unhandled': [
      (store) => {
        const watch = store.watch.bind(store);
        store.watch = (listener) => {
          void Promise.reject(new Error('stray'));
          return watch(listener);
        };
      },
      /tells a watch/u,
    ],
  };

  test.each(Object.entries(defects))('%s', async (_name, [alter, notices]) => {
    const failed = await failures(() => {
      const store = new Store();
      alter(store);
      return subjectOf(store);
    });
    expect(failed.join('\n')).toMatch(notices);
  });
});

test('leaves out what a source cannot do', () => {
  const names = (options: ConfigSourceContractOptions): string[] =>
    configSourceContract(() => subjectOf(new Store()), options).map(({ name }) => name);
  expect(names({ watches: false }).some((name) => name.includes('watch'))).toBe(false);
  expect(names({ fails: false }).some((name) => name.includes('cannot'))).toBe(false);
  expect(names({}).length).toBeGreaterThan(names({ fails: false }).length);
});

test('cleans up after a case that has failed too', async () => {
  let cleaned = 0;
  const cases = configSourceContract(() => ({
    ...subjectOf(new Store()),
    write: () => {
      throw new Error('no disk');
    },
    cleanUp: () => void (cleaned += 1),
  }));
  const [, second] = cases;
  await expect(second?.run()).rejects.toThrow('no disk');
  expect(cleaned).toBe(1);
});

test('refuses what is no maker and no patience', () => {
  expect(() => configSourceContract(5 as never)).toThrow('Expected `make` to be a function');
  expect(() => configSourceContract(() => subjectOf(new Store()), { patienceMs: 0 })).toThrow(
    '`patienceMs`',
  );
});
