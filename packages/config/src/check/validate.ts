import * as v from 'valibot';
import type { ConfigProblem } from '../errors.ts';
import { configSchema, unusableNames } from '../format/config-schema.ts';
import { suggestion } from './did-you-mean.ts';
import { pathOf, shown } from './problem.ts';
import { keysAllowedAt } from './schema-at.ts';

type Issue = v.BaseIssue<unknown>;
type Keys = readonly (string | number)[];

function keysOf(issue: Issue, above: Keys): Keys {
  return [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)];
}

/**
 * The problems of an issue. Of a value that fits none of several forms, the form counts that it has got
 * into: an object with a wrong option is not "neither a list nor an object".
 */
function problemsOf(issue: Issue, above: Keys, data: unknown): readonly ConfigProblem[] {
  const keys = keysOf(issue, above);
  const inner = (issue.issues ?? []).filter(({ path }) => path !== undefined);
  if (inner.length > 0) return inner.flatMap((each) => problemsOf(each, keys, data));
  if (issue.kind === 'schema' && issue.expected === 'never') return unknownKeys(keys, data);
  return [{ path: pathOf(keys), message: messageOf(issue, keys, data) }];
}

function valueAt(data: unknown, keys: Keys): unknown {
  return keys.reduce<unknown>(
    (value, key) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[key],
    data,
  );
}

/** Valibot tells of the first unknown key of an object: here are all of them. */
function unknownKeys(keys: Keys, data: unknown): readonly ConfigProblem[] {
  const owner = keys.slice(0, -1);
  const known = keysAllowedAt(configSchema, owner, data);
  return Object.keys(valueAt(data, owner) as object)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const list = `; those known are ${known.join(', ')}`;
      const message = `is not known here${suggestion(key, known) || list}`;
      return { path: pathOf([...owner, key]), message };
    });
}

function messageOf(issue: Issue, keys: Keys, data: unknown): string {
  const value = valueAt(data, keys);
  const isMissing = value === undefined && keys.length > 0;
  if (issue.type === 'variant') {
    const known = [...String(issue.expected).matchAll(/"(?<name>[^"]+)"/gu)].map(
      ([, name]) => name as string,
    );
    const meant = typeof value === 'string' ? suggestion(value, known) : '';
    const list = `one of ${known.map((each) => JSON.stringify(each)).join(', ')}`;
    const expected = known.length === 0 ? 'an object' : list;
    return isMissing
      ? `is missing: ${expected}`
      : `must be ${expected}; got ${shown(value)}${meant}`;
  }
  const expected = issue.type === 'strict_object' && isMissing ? 'there' : issue.message;
  return isMissing ? `is missing` : `must be ${expected}; got ${shown(value)}`;
}

/** What has a name for each thing in it. */
const byName = ['templates', 'budgets', 'layers', 'policies'];

/** Names that no pipeline, layer, template or budget can have. */
function badNames(data: unknown): readonly ConfigProblem[] {
  return byName.flatMap((key) =>
    Object.keys(valueAt(data ?? undefined, [key]) ?? {})
      .filter((name) => unusableNames.includes(name))
      .map((name) => ({ path: pathOf([key, name]), message: 'must have another name' })),
  );
}

/** All that is wrong with the form of a configuration. */
export function validate(data: unknown): readonly ConfigProblem[] {
  const { issues } = v.safeParse(configSchema, data);
  return [...(issues ?? []).flatMap((issue) => problemsOf(issue, [], data)), ...badNames(data)];
}
