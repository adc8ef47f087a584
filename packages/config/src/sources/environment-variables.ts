import { knownOptions } from '@holdfast/policy';
import { checkPrefix, defaultPrefix } from './environment-prefix.ts';
import { partOf } from './environment-path.ts';
import { printValue } from './environment-value.ts';
import { sameName } from './names.ts';
import { isPlainObject, type PlainObject } from './plain-data.ts';

/** What {@link environmentVariables} can be told. */
export interface EnvironmentVariablesOptions {
  /**
   * What the name of each variable begins with.
   *
   * @default 'HOLDFAST_'
   */
  readonly prefix?: string | undefined;
}

/**
 * Writes a configuration as variables, of which `environmentSource` makes the same data again: one
 * for each single value. Where a name cannot be that of a variable, such as `payment-api`, what
 * holds it is one variable of JSON.
 *
 * @throws `TypeError` when the data is no object, or a name at its top cannot be that of a variable.
 *
 * @example
 * ```ts
 * environmentVariables({ policies: { payment: [{ type: 'retry', maxAttempts: 3 }] } });
 * // HOLDFAST_POLICIES__PAYMENT__0__TYPE=retry
 * // HOLDFAST_POLICIES__PAYMENT__0__MAX_ATTEMPTS=3
 * ```
 */
export function environmentVariables(
  data: object,
  options: EnvironmentVariablesOptions = {},
): Record<string, string> {
  const { prefix = defaultPrefix } = knownOptions(options, ['prefix']);
  checkPrefix(prefix);
  const top = isPlainObject(data) ? partsOf(data) : undefined;
  if (top === undefined) {
    throw new TypeError('Expected `data` to be an object whose names can be those of variables.');
  }
  return Object.fromEntries(
    top.flatMap(([part, value]) => write(`${prefix}${part}`, value)).toSorted(byName),
  );
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

function write(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  const parts = partsIn(value);
  if (parts === undefined || parts.length === 0) return [[name, printValue(value)]];
  return parts.flatMap(([part, inner]) => write(`${name}__${part}`, inner));
}

type Parts = readonly (readonly [part: string, value: unknown])[];

function partsIn(value: unknown): Parts | undefined {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item ?? null]);
  return isPlainObject(value) ? partsOf(value) : undefined;
}

/** The names of an object as parts of a path; undefined unless each of them can be one. */
function partsOf(object: PlainObject): Parts | undefined {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  if (new Set(entries.map(([name]) => sameName(name))).size < entries.length) return undefined;
  const parts = entries.map(([name, value]) => [partOf(name), value] as const);
  return parts.every((entry): entry is readonly [string, unknown] => entry[0] !== undefined)
    ? parts
    : undefined;
}
