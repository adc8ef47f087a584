import {
  type Clock,
  commonOptions,
  type ContextEntry,
  invalidOption,
  knownOptions,
  oneOf,
  positiveMilliseconds,
} from '@holdfast/policy';
import type { NamedFunction, Registry } from './layers/workshop.ts';

/** A context key, whatever the type of its values. */
export interface AnyContextKey {
  (value: never): ContextEntry;
  /** The name of the key. */
  readonly keyName: string;
}

/**
 * What `policiesFrom` can be told.
 *
 * @typeParam Name - The names of the pipelines that the configuration has to have.
 */
export interface ConfigOptions<Name extends string = string> {
  /**
   * The functions that the configuration names, such as an `isFailure` or a `shouldRetry`. That they
   * fit their places is for you to see to.
   *
   * @default {}
   */
  readonly functions?: Readonly<Record<string, NamedFunction>> | undefined;
  /**
   * The context keys that the configuration names, by which calls are told apart: for `key`, `priority`,
   * `weight` and the like.
   *
   * @default {}
   */
  readonly contextKeys?: Readonly<Record<string, AnyContextKey>> | undefined;
  /**
   * The pipelines that the configuration has to have: one without any of them is refused.
   *
   * @default []
   */
  readonly names?: readonly Name[] | undefined;
  /**
   * From which severity on a finding of `lint` refuses a configuration: `'error'`, or `'warning'` for
   * errors and warnings.
   *
   * @default undefined (findings are only told)
   */
  readonly refuse?: 'error' | 'warning' | undefined;
  /**
   * How long the first reading of a source may take, in milliseconds.
   *
   * @default 10_000
   */
  readonly loadTimeoutMs?: number | undefined;
  /**
   * The name for errors and events.
   *
   * @default 'config'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from, for all of the policies.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** The options with their defaults. */
export interface Settings {
  readonly name: string;
  readonly registry: Registry;
  readonly names: readonly string[];
  readonly refuse: 'error' | 'warning' | undefined;
  readonly loadTimeoutMs: number;
}

const names = ['functions', 'contextKeys', 'names', 'refuse', 'loadTimeoutMs', 'name', 'clock'];

/** Throws unless each of them is a function, as context keys are as well. */
function registered<T>(option: string, given: Readonly<Record<string, T>>): Map<string, T> {
  if (typeof given !== 'object' || given === null) {
    throw invalidOption(option, 'an object', given, TypeError);
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'function') {
      throw invalidOption(`${option}.${name}`, 'a function', value, TypeError);
    }
  }
  return new Map(Object.entries(given));
}

/** Returns the settings, or throws an error that names the first option that cannot be used. */
export function settingsOf(options: ConfigOptions): Settings {
  const {
    functions = {},
    contextKeys = {},
    names: needed = [],
    refuse,
  } = knownOptions(options, names);
  const { loadTimeoutMs = 10_000, name = 'config', clock } = options;
  commonOptions(options);
  if (refuse !== undefined) oneOf('refuse', refuse, ['error', 'warning']);
  if (!Array.isArray(needed)) throw invalidOption('names', 'a list of names', needed, TypeError);
  positiveMilliseconds('loadTimeoutMs', loadTimeoutMs);
  const registry: Registry = {
    clock,
    functions: registered('functions', functions),
    contextKeys: registered('contextKeys', contextKeys) as unknown as Registry['contextKeys'],
  };
  const twice = [...registry.contextKeys.keys()].find((key) => registry.functions.has(key));
  if (twice !== undefined) {
    throw new TypeError(
      `Expected \`functions\` and \`contextKeys\` not to share a name: ${twice}.`,
    );
  }
  return { name, registry, names: needed, refuse, loadTimeoutMs };
}
