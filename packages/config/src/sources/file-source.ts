import { resolve } from 'node:path';
import {
  type Clock,
  commonOptions,
  invalidOption,
  knownOptions,
  milliseconds,
  optionalFunction,
  positiveInteger,
  positiveMilliseconds,
  systemClock,
} from '@holdfast/policy';
import { type FileContent, readContent } from './file-content.ts';
import { FileWatch } from './file-watch.ts';
import { pause } from './pause.ts';
import { ConfigReadError } from './read-error.ts';
import { Settling } from './settling.ts';
import type { ConfigReading, ConfigSource } from './source.ts';
import { untilAborted } from './until-aborted.ts';

/** What {@link fileSource} can be told. */
export interface FileSourceOptions {
  /** Where the file is; a path that is not absolute begins at the present working directory. */
  readonly path: string;
  /**
   * Makes data of the text of the file: the `parse` of a YAML package, say.
   *
   * @default JSON.parse
   */
  readonly parse?: ((text: string) => unknown) | undefined;
  /**
   * Whether the file may be missing: then the data is an empty object.
   *
   * @default false
   */
  readonly optional?: boolean | undefined;
  /**
   * For how long a content has to stay the same before a watch tells it, in milliseconds. Shorter
   * than a writer pauses, and a half-written file is told as a failure.
   *
   * @default 100
   */
  readonly settleMs?: number | undefined;
  /**
   * How often a watch looks at the file though the system has told no change, in milliseconds: for
   * network and container mounts, which tell none.
   *
   * @default 5_000
   */
  readonly intervalMs?: number | undefined;
  /**
   * Whether a watch has the system tell it of changes. Without, they are found after `intervalMs`.
   *
   * @default true
   */
  readonly events?: boolean | undefined;
  /**
   * How large the file may be, in bytes.
   *
   * @default 1_048_576 (as for a ConfigMap)
   */
  readonly maxBytes?: number | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const whatNames = ['path', 'parse', 'optional', 'maxBytes'];
const names = [...whatNames, 'settleMs', 'intervalMs', 'events', 'clock'];

/** A reading that always fails otherwise has settled on nothing: then the last failure is thrown. */
const maxTries = 50;

/**
 * A configuration in a file, which may be changed in every way in which files are: written in place,
 * replaced by a rename, deleted and made again, or behind a symbolic link that is swapped, as a
 * ConfigMap of Kubernetes is mounted. Its version is made from its content.
 *
 * A reading that finds no file, or one that cannot be understood, looks again until that has been so
 * for `settleMs`, and then rejects with a `ConfigReadError`.
 *
 * @throws `TypeError` or `RangeError` when an option cannot be used.
 *
 * @example
 * ```ts
 * const source = fileSource({ path: '/etc/holdfast/policies.json' });
 * ```
 */
export function fileSource(options: FileSourceOptions): ConfigSource {
  checkOptions(options);
  const file = new WatchedFile(options);
  return {
    name: file.name,
    read: ({ signal }) => untilAborted(signal, () => file.read(signal)),
    watch: (listener) =>
      file.watch((content) => {
        let reading: ConfigReading;
        try {
          reading = file.readingOf(content);
        } catch (error) {
          listener.failed(error);
          return;
        }
        listener.changed(reading);
      }),
  };
}

class WatchedFile {
  readonly name: string;
  private readonly options: FileSourceOptions;
  private readonly path: string;
  private readonly clock: Clock;
  private readonly settleMs: number;

  constructor(options: FileSourceOptions) {
    this.options = options;
    this.path = resolve(options.path);
    this.name = `file ${this.path}`;
    this.clock = options.clock ?? systemClock;
    this.settleMs = options.settleMs ?? 100;
  }

  look(): Promise<FileContent> {
    return readContent(this.path, this.options.maxBytes ?? 1_048_576);
  }

  async read(signal: AbortSignal): Promise<ConfigReading> {
    const settling = new Settling(this.settleMs);
    for (let tries = 1; ; tries++) {
      const content = await this.look();
      try {
        return this.readingOf(content);
      } catch (error) {
        const verdict = settling.observe(content.key, this.clock.now());
        if (verdict === 'tell' || tries === maxTries || signal.aborted) throw error;
      }
      await pause(this.clock, this.settleMs, signal);
    }
  }

  watch(settled: (content: FileContent) => void): FileWatch {
    const { clock, path, settleMs } = this;
    const { intervalMs = 5_000, events: useEvents = true } = this.options;
    const look = (): Promise<FileContent> => this.look();
    return new FileWatch({ path, clock, settleMs, intervalMs, useEvents, look, settled });
  }

  /** @throws {@link ConfigReadError} when there is nothing to read, or it makes no sense */
  readingOf(content: FileContent): ConfigReading {
    const { parse = JSON.parse, optional = false } = this.options;
    if ('reason' in content) {
      const { reason, message, cause } = content;
      if (reason === 'missing' && optional) return { data: {} };
      throw new ConfigReadError(`${this.path} ${message}`, { source: this.name, reason, cause });
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(content.bytes);
      return { data: parse(text) as unknown, version: content.key.slice(0, 12) };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `${this.path} cannot be understood: ${why}`;
      throw new ConfigReadError(message, { source: this.name, reason: 'malformed', cause });
    }
  }
}

function checkOptions(options: FileSourceOptions): void {
  knownOptions(options, names);
  const { path, settleMs, intervalMs, maxBytes } = options;
  if (typeof path !== 'string') throw invalidOption('path', 'a string', path, TypeError);
  if (path === '' || path.includes('\0')) {
    throw invalidOption('path', 'the path of a file', path, RangeError);
  }
  optionalFunction('parse', options.parse);
  for (const name of ['optional', 'events'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw invalidOption(name, 'a boolean', value, TypeError);
    }
  }
  if (settleMs !== undefined) milliseconds('settleMs', settleMs);
  if (intervalMs !== undefined) positiveMilliseconds('intervalMs', intervalMs);
  if (maxBytes !== undefined) positiveInteger('maxBytes', maxBytes);
  commonOptions({ clock: options.clock });
}
