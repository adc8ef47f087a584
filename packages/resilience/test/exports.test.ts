import { readFileSync } from 'node:fs';
import * as resilience from '@holdfast/resilience';
import { describe, expect, test } from 'vitest';

const packages = [
  'bulkhead',
  'cache',
  'chaos',
  'circuit-breaker',
  'fallback',
  'hedge',
  'policy',
  'rate-limiter',
  'retry',
  'timeout',
];

const folder = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8');

interface Listed {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** What an index lists for users: what is for the authors of policies stands after it. */
function listed(source: string): Listed {
  const [forUsers = ''] = source.split('// For authors');
  const values: string[] = [];
  const types: string[] = [];
  for (const [, type, names = ''] of forUsers.matchAll(/export (type )?\{([^}]*)\} from/g)) {
    for (const name of names.split(',').map((each) => each.trim())) {
      if (name === '') continue;
      (type === undefined && !name.startsWith('type ') ? values : types).push(name);
    }
  }
  return { values, types };
}

/** The names of the types that come from a package, and what each is called here. */
function typesFrom(name: string): ReadonlyMap<string, string> {
  const source = read('resilience/src/index.ts');
  const block = new RegExp(`export type \\{([^}]*)\\} from '@holdfast/${name}'`).exec(source);
  const entries = (block?.[1] ?? '').split(',').map((each) => each.trim().split(' as '));
  return new Map(entries.map(([from = '', to]) => [from, to ?? from]));
}

describe('every public export is there', () => {
  test.each(packages)('of %s', async (name) => {
    const { values, types } = listed(read(`${name}/src/index.ts`));
    const own = (await import(`@holdfast/${name}`)) as Record<string, unknown>;
    const missing = values.filter((each) => !(each in resilience));
    expect(missing).toEqual([]);
    for (const each of values) {
      expect((resilience as Record<string, unknown>)[each], each).toBe(own[each]);
    }
    const known = typesFrom(name);
    // A package that exports again what the contract has: it comes from there.
    const shared = new Set(listed(read('policy/src/index.ts')).types);
    expect(types.filter((each) => !known.has(each) && !shared.has(each))).toEqual([]);
  });
});

test('no name stands for two things', () => {
  const names = packages.flatMap((name) => [...typesFrom(name).values()]).filter(Boolean);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('a name that two packages have is that of its policy', () => {
  const types = typesFrom('bulkhead');
  expect(types.get('RejectedEvent')).toBe('BulkheadRejectedEvent');
  expect(typesFrom('circuit-breaker').get('RejectedEvent')).toBe('CircuitRejectedEvent');
});

test('there is nothing beside the policies and the presets', () => {
  const presets = [
    'awsStandardRetry',
    'googleSre',
    'hystrixDefaults',
    'resilience4jDefaults',
    'standardPipeline',
  ];
  const known = packages.flatMap((name) => listed(read(`${name}/src/index.ts`)).values);
  const own = Object.keys(resilience).filter((name) => !known.includes(name));
  expect(own.toSorted()).toEqual(presets);
});
