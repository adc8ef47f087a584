import { invalidOption } from '@holdfast/policy';

/** Returns `value` if it is an integer from `min` to `max`; throws an error that names it otherwise. */
export function integerBetween(name: string, value: number, min: number, max: number): number {
  const expected = `an integer from ${min} to ${max}`;
  if (typeof value !== 'number') throw invalidOption(name, expected, value, TypeError);
  const fits = Number.isSafeInteger(value) && value >= min && value <= max;
  if (!fits) throw invalidOption(name, expected, value, RangeError);
  return value;
}

/** Returns `value` if it is a safe integer; throws an error that names it otherwise. */
export function safeInteger(name: string, value: number): number {
  const expected = 'a safe integer';
  if (typeof value !== 'number') throw invalidOption(name, expected, value, TypeError);
  if (!Number.isSafeInteger(value)) throw invalidOption(name, expected, value, RangeError);
  return value;
}
