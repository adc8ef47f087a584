import { invalidOption } from '@holdfast/policy';

/** What the names of variables begin with. */
export const defaultPrefix = 'HOLDFAST_';

/** Throws an error unless it can be what names of variables begin with. */
export function checkPrefix(prefix: string): void {
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string', prefix, TypeError);
  // Without one, every variable of the process would be taken for configuration.
  if (prefix === '') throw invalidOption('prefix', 'a string with a letter', prefix, RangeError);
}
