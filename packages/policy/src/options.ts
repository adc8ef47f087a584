import type { Clock } from './clock.ts';

/** How a value is shown in a message. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

/**
 * The error for an option that cannot be used: a `TypeError` when its type is wrong, a `RangeError`
 * when only its value is. All say it alike: the name, what it may be, and what was given.
 *
 * @example
 * ```ts
 * if (typeof key !== 'function') throw invalidOption('key', 'a function', key, TypeError);
 * ```
 */
export function invalidOption(
  name: string,
  expected: string,
  value: unknown,
  kind: typeof TypeError | typeof RangeError,
): Error {
  return new kind(`Expected \`${name}\` to be ${expected}, got ${shown(value)}.`);
}

function checked(
  name: string,
  expected: string,
  value: number,
  fits: (n: number) => boolean,
): number {
  if (typeof value !== 'number') throw invalidOption(name, expected, value, TypeError);
  if (!fits(value)) throw invalidOption(name, expected, value, RangeError);
  return value;
}

/** Returns `value` if it is an integer from 1 up, or throws an error that names the option. */
export function positiveInteger(name: string, value: number): number {
  return checked(name, 'an integer from 1 up', value, (n) => Number.isSafeInteger(n) && n >= 1);
}

/** Returns `value` if it is an integer from 1 up or Infinity, or throws an error that names the option. */
export function positiveCount(name: string, value: number): number {
  const fits = (n: number): boolean => n === Infinity || (Number.isSafeInteger(n) && n >= 1);
  return checked(name, 'an integer from 1 up, or Infinity', value, fits);
}

/** Returns `value` if it is an integer from 0 up or Infinity, or throws an error that names the option. */
export function count(name: string, value: number): number {
  const fits = (n: number): boolean => n === Infinity || (Number.isSafeInteger(n) && n >= 0);
  return checked(name, 'an integer from 0 up, or Infinity', value, fits);
}

/** Returns `value` if it is a finite number of milliseconds from 0 up, or throws an error that names the option. */
export function milliseconds(name: string, value: number): number {
  const fits = (n: number): boolean => Number.isFinite(n) && n >= 0;
  return checked(name, 'a finite number of milliseconds from 0 up', value, fits);
}

/** Returns `value` if it is a finite number of milliseconds above 0, or throws an error that names the option. */
export function positiveMilliseconds(name: string, value: number): number {
  const fits = (n: number): boolean => Number.isFinite(n) && n > 0;
  return checked(name, 'a finite number of milliseconds above 0', value, fits);
}

/** Returns `value` if it is a number above 0 and at most 1, or throws an error that names the option. */
export function ratio(name: string, value: number): number {
  return checked(name, 'a number above 0 and at most 1', value, (n) => n > 0 && n <= 1);
}

/** Returns `value` if it is a finite number from `min` to `max`, or throws an error that names the option. */
export function numberBetween(name: string, value: number, min: number, max: number): number {
  const fits = (n: number): boolean => Number.isFinite(n) && n >= min && n <= max;
  return checked(name, `a number from ${min} to ${max}`, value, fits);
}

/** Returns `value` if it is a function or undefined, or throws an error that names the option. */
export function optionalFunction<F>(name: string, value: F): F {
  if (value === undefined || typeof value === 'function') return value;
  throw invalidOption(name, 'a function', value, TypeError);
}

/** Returns `value` if it is one of `allowed`, or throws an error that names the option and lists them. */
export function oneOf<const T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  const expected = `one of ${allowed.map((each) => JSON.stringify(each)).join(', ')}`;
  throw invalidOption(name, expected, value, typeof value === 'string' ? RangeError : TypeError);
}

/**
 * Returns `options` if every key is among `known`, or throws a `TypeError` that names the first
 * other one: a misspelt option must not be a silent default.
 */
export function knownOptions<T extends object>(options: T, known: readonly string[]): T {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Expected options to be an object, got ${shown(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(`Unknown option \`${name}\`; the options are ${known.join(', ')}.`);
    }
  }
  return options;
}

function isClock(value: unknown): boolean {
  const { now, setTimeout } = (value ?? {}) as Partial<Record<keyof Clock, unknown>>;
  return typeof now === 'function' && typeof setTimeout === 'function';
}

/** Throws a `TypeError` unless `name` is a string and `clock` a clock, where they are given. */
export function commonOptions(options: {
  readonly name?: string | undefined;
  readonly clock?: Clock | undefined;
}): void {
  const { name, clock } = options;
  if (name !== undefined && typeof name !== 'string') {
    throw invalidOption('name', 'a string', name, TypeError);
  }
  if (clock !== undefined && !isClock(clock)) {
    throw invalidOption('clock', 'a clock', clock, TypeError);
  }
}
