import type { ConfigListener, ConfigReading, ConfigSource, ConfigWatch } from './source.ts';
import { untilAborted } from './until-aborted.ts';

/** A source that its owner changes by hand: see {@link objectSource}. */
export interface ObjectSource extends ConfigSource {
  /**
   * Puts other data in the place of all that was there, and tells the watches of it. The data is
   * copied, so that a later change of the object passed is none of the configuration.
   *
   * @throws `DataCloneError` when it is not plain data: a function cannot be copied.
   */
  set(data: unknown): void;
  /** Makes each read fail with this error until the next `set`, and tells the watches of it. */
  fail(error: unknown): void;
  watch(listener: ConfigListener): ConfigWatch;
}

/** What there is: data of a version, or what a read fails with. */
type State = { readonly data: unknown; readonly version: string } | { readonly error: unknown };

/**
 * A configuration that is there already: written down in code, or got from a store of your own that
 * knows by itself when it changes. Its version counts the calls of `set`.
 *
 * @throws `DataCloneError` when `data` is not plain data.
 *
 * @example
 * ```ts
 * const source = objectSource({ policies: {} });
 * source.set({ policies: { payment: [] } });
 * ```
 */
export function objectSource(data: unknown): ObjectSource {
  const listeners = new Set<ConfigListener>();
  let sets = 0;
  let state = stateOf(data);

  function stateOf(given: unknown): State {
    const copy = structuredClone(given);
    sets += 1;
    return { data: copy, version: String(sets) };
  }
  function change(next: State): void {
    state = next;
    for (const listener of listeners) tell(listener, state);
  }

  return {
    name: 'object',
    read: ({ signal }) => untilAborted(signal, () => readingOf(state)),
    watch(listener) {
      // A registration of its own, though the same listener may watch twice.
      const own = {
        changed: listener.changed.bind(listener),
        failed: listener.failed.bind(listener),
      };
      listeners.add(own);
      queueMicrotask(() => {
        if (listeners.has(own)) tell(own, state);
      });
      return { close: () => void listeners.delete(own) };
    },
    set: (given) => change(stateOf(given)),
    fail: (error) => change({ error }),
  };
}

function readingOf(state: State): Promise<ConfigReading> {
  // The error itself, whatever it is.
  if ('error' in state) return Promise.reject(state.error);
  return Promise.resolve({ data: structuredClone(state.data), version: state.version });
}

function tell(listener: ConfigListener, state: State): void {
  if ('error' in state) listener.failed(state.error);
  else listener.changed({ data: structuredClone(state.data), version: state.version });
}
