import { invalidOption } from '@holdfast/policy';
import type { ConfigSource } from './source.ts';

/** Throws an error that names the option unless its value is a source. */
export function checkSource(option: string, value: ConfigSource): void {
  const { name, read, watch } = (value ?? {}) as Partial<Record<keyof ConfigSource, unknown>>;
  const fits =
    typeof name === 'string' &&
    typeof read === 'function' &&
    (watch === undefined || typeof watch === 'function');
  if (!fits) throw invalidOption(option, 'a source of configuration', value, TypeError);
}
