import { isPlainObject, own, type PlainObject, put } from './plain-data.ts';

/**
 * Data with what stands above it: objects are merged name by name, and all else takes the place of
 * what it stands above, lists as a whole. The result shares parts with the data.
 */
export function mergeData(below: unknown, above: unknown): unknown {
  if (!isPlainObject(below) || !isPlainObject(above)) return above;
  const merged: PlainObject = {};
  for (const [name, value] of Object.entries(below)) put(merged, name, value);
  for (const [name, value] of Object.entries(above)) {
    const merges = Object.hasOwn(merged, name);
    put(merged, name, merges ? mergeData(own(merged, name), value) : value);
  }
  return merged;
}
