import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { springData } from '../../src/sources/spring-environment.ts';
import { stepsOf } from '../../src/sources/property-key.ts';
import { flatten } from './flatten.ts';

type Source = Record<string, unknown>;

/** One source of YAML, as the server names it. */
function dataOf(...sources: Source[]) {
  const propertySources = sources.map((source) => ({ name: 'file:/orders.yml', source }));
  return springData({ version: undefined, propertySources }, ['holdfast']);
}

/** Without its first name in the way of writing that the server has for names with dots. */
function bracketed(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(bracketed);
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      /^[a-z]+$/u.test(name) ? name : `[${name}]`,
      bracketed(value),
    ]),
  );
}

test('nested data comes back from what the server flattens it to', () => {
  const name = fc.oneof(
    fc.stringMatching(/^[a-z]{1,6}$/u),
    fc.stringMatching(/^[A-Za-z .-][A-Za-z0-9 ._-]{0,6}$/u),
    fc.constantFrom('constructor', '__proto__', 'hasOwnProperty', 'a.b'),
  );
  const single = fc.oneof(fc.integer(), fc.boolean(), fc.string({ minLength: 1 }));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      single,
      fc.array(tie('value'), { minLength: 1, maxLength: 12 }),
      fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(name, value, { minKeys: 1, noNullPrototype: true }), (data) => {
      const flat = flatten({ holdfast: bracketed(data) });
      expect(dataOf(flat)).toEqual({ data, problems: [] });
    }),
    { numRuns: 500 },
  );
});

test('options are in camelCase, and names of the user stay', () => {
  const { data } = dataOf({
    'holdfast.defaults.circuit-breaker.failure-ratio': 0.5,
    'holdfast.templates.slow-call.after-ms': 5,
    'holdfast.policies.payment-api[0].MAX_ATTEMPTS': 3,
    'holdfast.policies[eu.v2][0].fastFirst': true,
  });
  expect(data).toEqual({
    defaults: { circuitBreaker: { failureRatio: 0.5 } },
    templates: { 'slow-call': { afterMs: 5 } },
    policies: { 'payment-api': [{ maxAttempts: 3 }], 'eu.v2': [{ fastFirst: true }] },
  });
});

test('the most specific source wins, in whatever way a name is written', () => {
  const { data } = dataOf(
    { 'holdfast.policies.a[0].max-attempts': 1, 'holdfast.budgets.x.ttl-ms': 1 },
    { 'holdfast.policies.a[0].maxAttempts': 2, 'holdfast.policies.a[1].type': 'retry' },
    { 'holdfast.budgets.x.ttlMs': 3, 'holdfast.budgets.x.kind': 'k' },
  );
  expect(data).toEqual({
    policies: { a: [{ maxAttempts: 1 }] },
    budgets: { x: { ttlMs: 1, kind: 'k' } },
  });
});

test('only sources that know no types have their numbers found', () => {
  const source = {
    'holdfast.a': '5',
    'holdfast.b': 'true',
    'holdfast.c': '1,2',
    'holdfast.d': 'null',
  };
  const from = (name: string) =>
    springData({ version: undefined, propertySources: [{ name, source }] }, ['holdfast']).data;
  expect(from('file:/orders.properties')).toEqual({ a: 5, b: true, c: '1,2', d: 'null' });
  expect(from('vault:orders')).toEqual({ a: 5, b: true, c: '1,2', d: 'null' });
  const asItIs = { a: '5', b: 'true', c: '1,2', d: 'null' };
  expect(from('file:/orders.yml (document #1)')).toEqual(asItIs);
  expect(from('https://git/orders.yaml')).toEqual(asItIs);
});

describe('what is hostile', () => {
  test.each<[string, Source]>([
    [
      'holdfast.a[999999999] is in a list that has nothing at place 0',
      { 'holdfast.a[999999999]': 1 },
    ],
    [
      'holdfast.a[0] is in a list that has nothing at place 1',
      { 'holdfast.a[0]': 1, 'holdfast.a[2]': 1 },
    ],
    ['holdfast.a.b does not go with holdfast.a', { 'holdfast.a': 1, 'holdfast.a.b': 1 }],
    ['holdfast.a does not go with holdfast.a.b', { 'holdfast.a.b': 1, 'holdfast.a': 1 }],
    ['holdfast.a[0] does not go with holdfast.a.b', { 'holdfast.a.b': 1, 'holdfast.a[0]': 1 }],
    [
      'holdfast.x.max-rate does not go with holdfast.x.maxRate',
      { 'holdfast.x.maxRate': 1, 'holdfast.x.max-rate': 2 },
    ],
    [`is deeper than 100 names`, { [`holdfast${'.a'.repeat(100_000)}`]: 1 }],
  ])('%s', (problem, source) => {
    const { problems } = dataOf(source);
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).toContain('(in file:/orders.yml)');
  });

  test('names that objects inherit are names like others', () => {
    const { data } = dataOf({
      'holdfast.__proto__.polluted': 1,
      'holdfast.constructor.prototype.polluted': 1,
      'holdfast.policies[__proto__][0]': 1,
    });
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.hasOwn((data as { policies: object }).policies, '__proto__')).toBe(true);
  });

  test('what is not below the prefix is nobody’s business, whatever it is', () => {
    const { data, problems } = dataOf({ 'a[5': 1, '..': 1, 'x.y': 1, 'x.y.z': 1, holdfasts: 1 });
    expect(data).toBeUndefined();
    expect(problems).toEqual([]);
  });

  test('no properties make it fail', () => {
    const step = fc.constantFrom(
      'a',
      'b-c',
      '.',
      '[0]',
      '[1]',
      '[x.y]',
      '[',
      ']',
      '__proto__',
      '..',
    );
    const key = fc.array(step, { maxLength: 6 }).map((parts) => `holdfast.${parts.join('')}`);
    fc.assert(
      fc.property(fc.dictionary(key, fc.anything()), (source) => {
        expect(() => dataOf(source)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

test('keys are taken apart', () => {
  expect(stepsOf('a.b-c[0][x.y].d')).toEqual([
    { kind: 'name', name: 'a' },
    { kind: 'name', name: 'b-c' },
    { kind: 'place', place: 0 },
    { kind: 'literal', name: 'x.y' },
    { kind: 'name', name: 'd' },
  ]);
  for (const key of ['', '.', 'a.', '.a', 'a..b', 'a[', 'a[]', 'a]', 'a.[0]', 'a[0]b', 'a[b[c]]']) {
    expect(stepsOf(key), key).toBeUndefined();
  }
});
