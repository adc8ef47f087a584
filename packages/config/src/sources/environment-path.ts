import { camelCase } from './names.ts';

/** What stands between the parts of a path in the name of a variable. */
const separator = '__';

/** `POLICIES__PAYMENT__0` as parts; undefined when one of them is empty. */
export function splitPath(name: string): readonly string[] | undefined {
  const parts = name.split(separator);
  // A part that begins or ends with `_` may have been meant otherwise: `A___B`.
  return parts.some((part) => part === '' || part.startsWith('_') || part.endsWith('_'))
    ? undefined
    : parts;
}

/** Whether a part of a path is the place in a list. */
export function isIndex(part: string): boolean {
  return /^(?:0|[1-9]\d*)$/u.test(part);
}

/** The name that a part stands for: in capitals it is that of an option, else it is as it stands. */
export function nameOf(part: string): string {
  return /[a-z]/u.test(part) ? part : camelCase(part);
}

/** The part of a path that stands for a name; undefined when none does. */
export function partOf(name: string): string | undefined {
  const words = name.replaceAll(/[A-Z]/gu, (letter) => `_${letter}`).toUpperCase();
  return [words, name].find((part) => isPart(part) && nameOf(part) === name);
}

/** Only what a shell takes for the name of a variable. */
function isPart(part: string): boolean {
  return /^[A-Za-z0-9_]+$/u.test(part) && !isIndex(part) && splitPath(part)?.length === 1;
}

/** Parents before what is in them, and places in a list in their order. */
export function comparePaths(one: readonly string[], other: readonly string[]): number {
  const length = Math.min(one.length, other.length);
  for (let depth = 0; depth < length; depth++) {
    const order = compareParts(one[depth] as string, other[depth] as string);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function compareParts(one: string, other: string): number {
  if (one === other) return 0;
  if (isIndex(one) && isIndex(other)) return Number(one) - Number(other);
  return one < other ? -1 : 1;
}
