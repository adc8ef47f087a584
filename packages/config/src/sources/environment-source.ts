import { invalidOption, knownOptions } from '@holdfast/policy';
import { overlay } from './environment-overlay.ts';
import { checkPrefix, defaultPrefix } from './environment-prefix.ts';
import { topNames } from './names.ts';
import { ConfigReadError } from './read-error.ts';
import type { ConfigListener, ConfigReading, ConfigSource, ConfigWatch } from './source.ts';
import { checkSource } from './check-source.ts';
import { untilAborted } from './until-aborted.ts';

/** What {@link environmentSource} can be told. */
export interface EnvironmentSourceOptions {
  /**
   * What the names of those variables begin with that are meant.
   *
   * @default 'HOLDFAST_'
   */
  readonly prefix?: string | undefined;
  /**
   * The variables by name, looked at anew for each reading.
   *
   * @default process.env
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * The source whose data the variables are laid over: a file of the image, say.
   *
   * @default undefined (the variables are the whole configuration)
   */
  readonly over?: ConfigSource | undefined;
  /**
   * The first part of each path, in camelCase. A variable with the prefix and another first part is
   * refused by name, rather than that its misspelt path is a silent default.
   *
   * @default undefined (what the configuration of `policiesFrom` has)
   */
  readonly keys?: readonly string[] | undefined;
}

const names = ['prefix', 'env', 'over', 'keys'];

/**
 * A configuration in variables of the environment. The name of a variable is a path, whose parts are
 * divided by two underscores: `HOLDFAST_POLICIES__PAYMENT__0__MAX_ATTEMPTS` is
 * `policies.payment[0].maxAttempts`. Its value is JSON, or else a string, and takes the place of what
 * is at the path; `HOLDFAST_POLICIES` with all of it as JSON is as good. {@link environmentVariables}
 * writes data as variables.
 *
 * A part in capitals means the name of `over` that differs from it in capitals, `-` and `_` only,
 * or else the camelCase of it. A part with small letters is a name as it stands. Digits are the place
 * in a list, the next free one included. A reading fails with a `ConfigReadError` that names each
 * variable whose path leads nowhere, is meant twice, or whose value begins like JSON and is none.
 *
 * @throws `TypeError` or `RangeError` when an option cannot be used.
 *
 * @example
 * ```ts
 * const source = environmentSource({ over: fileSource({ path: '/etc/holdfast/policies.json' }) });
 * ```
 */
export function environmentSource(options: EnvironmentSourceOptions = {}): ConfigSource {
  const { prefix = defaultPrefix, env, over, keys } = knownOptions(options, names);
  checkPrefix(prefix);
  checkKeys(keys);
  if (over !== undefined) checkSource('over', over);
  const title = `environment ${prefix}*`;
  const name = over === undefined ? title : `${over.name} under ${title}`;

  /** The reading of the other source with what the variables say of it. */
  function laidOver({ data, version }: ConfigReading): ConfigReading {
    const variables = env ?? process.env;
    const laid = overlay(data, { variables, prefix, keys: keys ?? topNames });
    if (laid.problems.length === 0) return { data: laid.data, version };
    const message = `the environment cannot be used: ${laid.problems.join('; ')}`;
    throw new ConfigReadError(message, { source: name, reason: 'malformed' });
  }

  const watch = over?.watch?.bind(over);
  return {
    name,
    read: ({ signal }) =>
      untilAborted(signal, async () =>
        laidOver(over === undefined ? { data: {} } : await over.read({ signal })),
      ),
    ...(watch && { watch: (listener: ConfigListener) => watchUnder(watch, listener, laidOver) }),
  };
}

function watchUnder(
  watch: (listener: ConfigListener) => ConfigWatch,
  listener: ConfigListener,
  laidOver: (reading: ConfigReading) => ConfigReading,
): ConfigWatch {
  return watch({
    changed(reading) {
      let laid: ConfigReading;
      try {
        laid = laidOver(reading);
      } catch (error) {
        listener.failed(error);
        return;
      }
      listener.changed(laid);
    },
    failed: (error) => listener.failed(error),
  });
}

function checkKeys(keys: readonly string[] | undefined): void {
  const fits = keys === undefined || (Array.isArray(keys) && keys.every(isString));
  if (!fits) throw invalidOption('keys', 'an array of strings', keys, TypeError);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
