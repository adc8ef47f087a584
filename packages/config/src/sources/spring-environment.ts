import { parseValue } from './environment-value.ts';
import { mergeData } from './merge-data.ts';
import { camelCase, holdsNames, sameName } from './names.ts';
import { isPlainObject, type PlainObject } from './plain-data.ts';
import { type KeyStep, stepsOf } from './property-key.ts';
import { type Naming, type Property, unflatten } from './unflatten.ts';

/** One source of properties that the server has found: a file, mostly. */
interface PropertySource {
  readonly name: string;
  readonly source: PlainObject;
}

/** What a Spring Cloud Config Server answers, as far as it matters here. */
export interface SpringEnvironment {
  /** The commit; null where what is behind the server has none. */
  readonly version: string | undefined;
  /** The most specific one first. */
  readonly propertySources: readonly PropertySource[];
}

/** The answer of a server, or undefined when it is none of a Spring Cloud Config Server. */
export function springEnvironment(answer: unknown): SpringEnvironment | undefined {
  if (!isPlainObject(answer)) return undefined;
  const { version, propertySources } = answer;
  if (!Array.isArray(propertySources) || !propertySources.every(isPropertySource)) return undefined;
  return { version: typeof version === 'string' ? version : undefined, propertySources };
}

function isPropertySource(value: unknown): value is PropertySource {
  return (
    isPlainObject(value) && typeof value['name'] === 'string' && isPlainObject(value['source'])
  );
}

/** The data below a prefix, undefined when there is none, and what is wrong with the properties. */
export interface SpringData {
  readonly data: unknown;
  readonly problems: readonly string[];
}

/**
 * The data below a prefix. Each source is made nested data by itself, so that a list comes as a whole
 * from the most specific source that has it, as it does in Spring.
 */
export function springData(
  { propertySources }: SpringEnvironment,
  prefix: readonly string[],
): SpringData {
  const problems: string[] = [];
  const layers: unknown[] = [];
  for (const { name, source } of propertySources) {
    const below = Object.entries(source).flatMap(([key, value]) =>
      propertyBelow(prefix, key, hasTypes(name) ? value : typed(value)),
    );
    const { data, problems: own } = unflatten(below, springName);
    problems.push(...own.map((problem) => `${problem} (in ${name})`));
    if (data !== undefined) layers.push(data);
  }
  return {
    data: layers.length === 0 ? undefined : layers.toReversed().reduce(mergeData),
    problems,
  };
}

/** The property without the prefix; nothing when it is not below it, or its key is none. */
function propertyBelow(
  prefix: readonly string[],
  key: string,
  value: unknown,
): readonly Property[] {
  const steps = stepsOf(key);
  if (steps === undefined || steps.length <= prefix.length) return [];
  const isBelow = prefix.every((name, depth) => {
    const step = steps[depth];
    return step?.kind === 'name' && sameName(step.name) === sameName(name);
  });
  if (!isBelow) return [];
  const below = steps.slice(prefix.length);
  return [{ key, steps: below, value: value === '' && isPipeline(below) ? [] : value }];
}

/** The server flattens an empty list to an empty string; a pipeline can be nothing but a list. */
function isPipeline(steps: readonly KeyStep[]): boolean {
  const [top, name, ...others] = steps;
  return (
    top?.kind === 'name' && top.name === 'policies' && name !== undefined && others.length === 0
  );
}

/** Options in camelCase, and names of the user's own as they stand. */
const springName: Naming = ({ kind, name }, path) =>
  kind === 'literal' || holdsNames(path) ? name : camelCase(name);

/** YAML and JSON tell numbers from strings; `.properties`, Vault or a database have strings only. */
function hasTypes(source: string): boolean {
  return /\.(?:ya?ml|json)\b/iu.test(source);
}

function typed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const parsed = parseValue(value);
  const isTyped = 'value' in parsed && ['number', 'boolean'].includes(typeof parsed.value);
  return isTyped ? parsed.value : value;
}
