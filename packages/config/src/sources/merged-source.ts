import { invalidOption } from '@holdfast/policy';
import { checkSource } from './check-source.ts';
import { mergeData } from './merge-data.ts';
import type { ConfigListener, ConfigReading, ConfigSource, ConfigWatch } from './source.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * Several sources as one, each above the one before it: objects are merged name by name; a list or a
 * single value takes the place of the one below. (For a change within a list, see the option `over`
 * of `environmentSource`.)
 *
 * A reading fails when that of one source does. A watch goes on with what it has last read of a
 * source that fails, and tells of the failure.
 *
 * @throws `TypeError` when it is not given a list of sources.
 *
 * @example
 * ```ts
 * const source = mergedSource([
 *   fileSource({ path: '/app/policies.json' }),
 *   fileSource({ path: '/etc/holdfast/overrides.json', optional: true }),
 * ]);
 * ```
 */
export function mergedSource(sources: readonly ConfigSource[]): ConfigSource {
  if (!Array.isArray(sources) || sources.length === 0) {
    throw invalidOption('sources', 'a list with a source', sources, TypeError);
  }
  const parts: readonly ConfigSource[] = [...sources];
  for (const [index, part] of parts.entries()) checkSource(`sources[${index}]`, part);
  return {
    name: parts.map((part) => part.name).join(' + '),
    read: ({ signal }) =>
      untilAborted(signal, async () =>
        merged(await Promise.all(parts.map(async (part) => part.read({ signal })))),
      ),
    ...(parts.some((part) => part.watch !== undefined) && {
      watch: (listener: ConfigListener) => watchAll(parts, listener),
    }),
  };
}

function merged(readings: readonly ConfigReading[]): ConfigReading {
  const data = readings.map((reading) => reading.data).reduce(mergeData);
  const versions = readings.flatMap(({ version }) => (version === undefined ? [] : [version]));
  return { data, version: versions.length === 0 ? undefined : versions.join(' + ') };
}

function watchAll(parts: readonly ConfigSource[], listener: ConfigListener): ConfigWatch {
  const readings: (ConfigReading | undefined)[] = parts.map(() => undefined);
  /** What those fail with that cannot be read at present. */
  const failures = new Map<number, unknown>();
  const closing = new AbortController();
  const { signal } = closing;

  function changed(index: number, reading: ConfigReading): void {
    readings[index] = reading;
    failures.delete(index);
    if (!readings.every((each) => each !== undefined)) return;
    // What is merged may share parts with what the listener got before, and may change it.
    listener.changed(structuredClone(merged(readings)));
    // That one can be read does not mean that the trouble of another is over.
    for (const error of failures.values()) if (!signal.aborted) listener.failed(error);
  }

  function ownListener(index: number): ConfigListener {
    return {
      changed: (reading) => {
        if (!signal.aborted) changed(index, reading);
      },
      failed: (error) => {
        if (signal.aborted) return;
        failures.set(index, error);
        listener.failed(error);
      },
    };
  }

  const watches: (ConfigWatch | undefined)[] = [];
  function close(): void {
    closing.abort();
    for (const watch of watches) watch?.close();
  }
  try {
    for (const [index, part] of parts.entries()) {
      watches.push(watchOne(part, ownListener(index), signal));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { close };
}

function watchOne(
  part: ConfigSource,
  listener: ConfigListener,
  signal: AbortSignal,
): ConfigWatch | undefined {
  if (part.watch !== undefined) return part.watch(listener);
  // It never changes: what there is is told as a watch would.
  const reading = untilAborted(signal, async () => part.read({ signal }));
  void reading.then(listener.changed, listener.failed);
  return undefined;
}
