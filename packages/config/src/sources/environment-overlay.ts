import { comparePaths, isIndex, nameOf, splitPath } from './environment-path.ts';
import { parseValue } from './environment-value.ts';
import { sameName } from './names.ts';
import { isPlainObject, own, type PlainObject, put } from './plain-data.ts';

/** One variable that says something about the configuration. */
interface Variable {
  readonly name: string;
  readonly parts: readonly string[];
  readonly value: unknown;
}

/** What variables are laid over. */
export interface OverlayOptions {
  /** The variables, by name. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What the names of those begin with that are meant. */
  readonly prefix: string;
  /** What may stand at the top, or undefined for anything. */
  readonly keys: readonly string[] | undefined;
}

/** The data with what the variables say, and what is wrong with these, each with its name. */
export interface Overlay {
  readonly data: unknown;
  readonly problems: readonly string[];
}

/**
 * Lays variables over data: each one takes the place of what is at its path. The data is changed.
 */
export function overlay(data: unknown, options: OverlayOptions): Overlay {
  const problems: string[] = [];
  const placed = new Map<string, string>();
  const root: PlainObject = isPlainObject(data) ? data : {};
  if (!isPlainObject(data) && data !== undefined) {
    problems.push('what the variables are laid over is not an object');
  }
  for (const variable of variablesIn(options, problems)) {
    const problem = place(root, variable, placed);
    if (problem !== undefined) problems.push(`${variable.name} ${problem}`);
  }
  return { data: root, problems };
}

function variablesIn(options: OverlayOptions, problems: string[]): readonly Variable[] {
  const found: Variable[] = [];
  for (const [name, text] of Object.entries(options.variables)) {
    // An empty variable is how one unsets it where it cannot be left out.
    if (!name.startsWith(options.prefix) || text === undefined || text === '') continue;
    const variable = variableOf(name, text, options);
    if (typeof variable === 'string') problems.push(`${name} ${variable}`);
    else found.push(variable);
  }
  return found.toSorted((one, other) => comparePaths(meantBy(one), meantBy(other)));
}

/** Whatever way its path is written in. */
function meantBy({ parts }: Variable): readonly string[] {
  return parts.map(sameName);
}

/** The variable, or what is wrong with it. */
function variableOf(
  name: string,
  text: string,
  { prefix, keys }: OverlayOptions,
): Variable | string {
  const parts = splitPath(name.slice(prefix.length));
  if (parts === undefined) return 'names no path: an empty part, or one that begins or ends with _';
  const known = keys?.some((key) => sameName(key) === sameName(parts[0] as string));
  if (known === false) return `is about nothing of a configuration, which has ${keys?.join(', ')}`;
  const parsed = parseValue(text);
  return 'problem' in parsed ? parsed.problem : { name, parts, value: parsed.value };
}

/** Puts a value in its place; returns what is wrong, if anything is. */
function place(
  root: PlainObject,
  { name, parts, value }: Variable,
  placed: Map<string, string>,
): string | undefined {
  let holder: unknown = root;
  const path: string[] = [];
  for (const [depth, part] of parts.entries()) {
    const step = stepTo(holder, part);
    if ('problem' in step) return step.problem.replace('<path>', path.join('.') || 'the top');
    path.push(step.key);
    if (depth === parts.length - 1) {
      const other = placed.get(path.join('\0'));
      if (other !== undefined) return `says the same thing as ${other}: ${path.join('.')}`;
      placed.set(path.join('\0'), name);
      step.put(value);
    } else if (step.value === undefined) {
      const made = isIndex(parts[depth + 1] as string) ? [] : {};
      step.put(made);
      holder = made;
    } else holder = step.value;
  }
  return undefined;
}

/** One step down: what is there, and how to put something else there. */
type Step =
  | { readonly key: string; readonly value: unknown; readonly put: (value: unknown) => void }
  | { readonly problem: string };

function stepTo(holder: unknown, part: string): Step {
  if (Array.isArray(holder)) return stepInList(holder, part);
  if (isPlainObject(holder)) return stepInObject(holder, part);
  return { problem: `goes into <path>, which is neither an object nor a list` };
}

function stepInList(list: unknown[], part: string): Step {
  if (!isIndex(part)) return { problem: `names ${part} in <path>, which is a list` };
  const index = Number(part);
  if (index > list.length) {
    return { problem: `names place ${part} of <path>, which has only ${list.length}` };
  }
  return { key: part, value: list[index], put: (value) => void (list[index] = value) };
}

function stepInObject(object: PlainObject, part: string): Step {
  const meant = Object.keys(object).filter((key) => sameName(key) === sameName(part));
  const exact = meant.find((key) => key === part || key === nameOf(part));
  if (exact === undefined && meant.length > 1) {
    return { problem: `may mean any of ${meant.join(', ')} in <path>` };
  }
  const key = exact ?? meant[0] ?? nameOf(part);
  return { key, value: own(object, key), put: (value) => put(object, key, value) };
}
