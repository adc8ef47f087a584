import { invalidOption } from '@holdfast/policy';

/** Returns `value` if it is above 0 and below 1, or throws an error that names the option. */
export function openRatio(name: string, value: number): number {
  if (value > 0 && value < 1) return value;
  throw invalidOption(name, 'a number above 0 and below 1', value, RangeError);
}
