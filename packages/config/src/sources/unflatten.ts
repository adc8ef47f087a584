import { put, type PlainObject } from './plain-data.ts';
import type { KeyStep } from './property-key.ts';

/** One property: its key as it stands, as steps, and its value. */
export interface Property {
  readonly key: string;
  readonly steps: readonly KeyStep[];
  readonly value: unknown;
}

/** The nested data of flat properties, and what is wrong with them, each with its key. */
export interface Unflattened {
  readonly data: unknown;
  readonly problems: readonly string[];
}

/** What stands at one path. A list is kept by its places, however large these are. */
interface Branch {
  /** The property that has made it. */
  readonly key: string;
  readonly kind: 'value' | 'object' | 'list';
  readonly value?: unknown;
  readonly parts: Map<string | number, Branch>;
}

/** More than anybody writes, and less than the stack bears. */
const deepest = 100;

/** How a name is called in the data, by the names above it. */
export type Naming = (step: KeyStep & { readonly name: string }, path: readonly string[]) => string;

/** Makes nested data of flat properties; undefined when there is none. */
export function unflatten(properties: readonly Property[], naming: Naming): Unflattened {
  const problems: string[] = [];
  const top = new Map<string | number, Branch>();
  for (const property of properties) {
    const problem = add(top, property, naming);
    if (problem !== undefined) problems.push(`${property.key} ${problem}`);
  }
  const whole = top.get('');
  return { data: whole && dataOf(whole, problems), problems };
}

/** Adds one property; returns what is wrong, if anything is. */
function add(
  top: Map<string | number, Branch>,
  { key, steps, value }: Property,
  naming: Naming,
): string | undefined {
  if (steps.length > deepest) return `is deeper than ${deepest} names`;
  let parts = top;
  let id: string | number = '';
  const path: string[] = [];
  for (const each of steps) {
    const kind = each.kind === 'place' ? 'list' : 'object';
    const branch: Branch = parts.get(id) ?? { key, kind, parts: new Map() };
    if (branch.kind !== kind) return `does not go with ${branch.key}`;
    parts.set(id, branch);
    parts = branch.parts;
    id = each.kind === 'place' ? each.place : naming(each, path);
    path.push(String(id));
  }
  const other = parts.get(id);
  if (other !== undefined) return `does not go with ${other.key}`;
  parts.set(id, { key, kind: 'value', value, parts: new Map() });
  return undefined;
}

function dataOf({ key, kind, value, parts }: Branch, problems: string[]): unknown {
  if (kind === 'value') return value;
  const entries = [...parts].map(([id, part]) => [id, dataOf(part, problems)] as const);
  if (kind === 'list') return listOf(key, entries, problems);
  const object: PlainObject = {};
  for (const [name, part] of entries) put(object, String(name), part);
  return object;
}

function listOf(
  key: string,
  entries: readonly (readonly [string | number, unknown])[],
  problems: string[],
): readonly unknown[] {
  const sorted = entries.toSorted(([one], [other]) => Number(one) - Number(other));
  const gap = sorted.findIndex(([place], index) => place !== index);
  if (gap !== -1) problems.push(`${key} is in a list that has nothing at place ${gap}`);
  return sorted.map(([, item]) => item);
}
