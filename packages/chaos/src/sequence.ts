import { invalidOption } from '@holdfast/policy';
import type { AnyInjection, Injections } from './injection.ts';

function isInjection(value: unknown): value is AnyInjection {
  return typeof (value as Partial<AnyInjection> | null | undefined)?.write === 'function';
}

/** Returns the injections as a list, or throws an error that names the option and what cannot be used. */
export function sequence(name: string, injections: Injections): readonly AnyInjection[] {
  const list: readonly unknown[] = Array.isArray(injections) ? [...injections] : [injections];
  if (list.length === 0)
    throw new TypeError(`Expected \`${name}\` to have an injection, got none.`);
  const ends: Partial<Record<AnyInjection['place'], string>> = {};
  for (const each of list) {
    if (!isInjection(each)) {
      throw invalidOption(name, 'made by fault, latency or their kin', each, TypeError);
    }
    const end = ends.before ?? ends[each.place];
    if (end !== undefined) {
      throw new TypeError(
        `Expected \`${name}\` to have nothing after ${end}, which answers the call, got ${each.kind}.`,
      );
    }
    if (each.isFinal) ends[each.place] = each.kind;
  }
  return list as readonly AnyInjection[];
}
