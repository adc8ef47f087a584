import { isDeepStrictEqual } from 'node:util';
import { environmentSource, environmentVariables, objectSource } from '@holdfast/config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { partOf, nameOf } from '../../src/sources/environment-path.ts';
import { parseValue, printValue } from '../../src/sources/environment-value.ts';
import { follow } from './follow.ts';
import { unwatched } from './unwatched.ts';

const signal = new AbortController().signal;

type Env = Readonly<Record<string, string | undefined>>;

async function read(env: Env, over?: unknown, options: { keys?: readonly string[] } = {}) {
  const below = over === undefined ? undefined : objectSource(over);
  const { data } = await environmentSource({ env, over: below, ...options }).read({ signal });
  return data;
}

describe('the variables as a whole configuration', () => {
  test('are nested by their paths, with values as in JSON, or strings', async () => {
    const data = await read({
      HOLDFAST_VERSION: '1',
      HOLDFAST_POLICIES__PAYMENT__0__TYPE: 'retry',
      HOLDFAST_POLICIES__PAYMENT__0__MAX_ATTEMPTS: '5',
      HOLDFAST_POLICIES__PAYMENT__0__FAST_FIRST: 'true',
      HOLDFAST_POLICIES__PAYMENT__1: '{"type":"timeout","afterMs":100}',
      HOLDFAST_POLICIES__eu_v2__0__NAME: '007',
      HOLDFAST_TEMPLATES: 'null',
      HOLDFAST_BUDGETS__MAIN: '',
      OTHER_POLICIES: '1',
    });
    expect(data).toEqual({
      version: 1,
      policies: {
        payment: [
          { type: 'retry', maxAttempts: 5, fastFirst: true },
          { type: 'timeout', afterMs: 100 },
        ],
        eu_v2: [{ name: '007' }],
      },
      templates: null,
    });
  });

  test('are laid over the JSON of a variable whose path is shorter', async () => {
    const data = await read({
      HOLDFAST_POLICIES__PAYMENT__0__MAX_ATTEMPTS: '5',
      HOLDFAST_policies: '{"payment":[{"type":"retry","maxAttempts":3}]}',
    });
    expect(data).toEqual({ policies: { payment: [{ type: 'retry', maxAttempts: 5 }] } });
  });

  test('come in the order of a list, beyond nine too', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index);
    const env = Object.fromEntries(
      numbers.toReversed().map((n) => [`HOLDFAST_POLICIES__A__${n}`, String(n)]),
    );
    expect(await read(env)).toEqual({ policies: { a: numbers } });
  });
});

describe('the variables over another source', () => {
  const base = {
    policies: {
      'payment-api': [{ type: 'retry', maxAttempts: 3 }, { type: 'timeout' }],
      Stock: [],
    },
  };

  test('change a place in a list, and find names in any way of writing', async () => {
    const data = await read(
      {
        HOLDFAST_POLICIES__PAYMENT_API__0__MAX_ATTEMPTS: '9',
        HOLDFAST_POLICIES__PAYMENT_API__2: '{"type":"bulkhead"}',
        HOLDFAST_POLICIES__STOCK__0__TYPE: 'retry',
      },
      base,
    );
    expect(data).toEqual({
      policies: {
        'payment-api': [
          { type: 'retry', maxAttempts: 9 },
          { type: 'timeout' },
          { type: 'bulkhead' },
        ],
        Stock: [{ type: 'retry' }],
      },
    });
  });

  test('are laid over each change, and keep the version', async () => {
    const over = objectSource(base);
    const env = { HOLDFAST_POLICIES__STOCK: '[{"type":"retry"}]' };
    const source = environmentSource({ env, over });
    expect(source.name).toBe('object under environment HOLDFAST_*');
    const { told, tells, fails } = follow(source);
    await tells({ policies: { ...base.policies, Stock: [{ type: 'retry' }] } });
    over.set({ policies: {} });
    await tells({ policies: { stock: [{ type: 'retry' }] } });
    expect(told.at(-1)).toMatchObject({ version: '2' });
    over.set({ policies: 'none' });
    await fails('malformed');
  });

  test('do not change the data of the other source', async () => {
    const over = objectSource(base);
    const env = { HOLDFAST_POLICIES__STOCK: '5' };
    await environmentSource({ env, over }).read({ signal });
    expect((await over.read({ signal })).data).toEqual(base);
  });

  test('cannot be watched where the other source cannot', () => {
    expect(environmentSource({ over: unwatched({}) })).not.toHaveProperty('watch');
    expect(environmentSource()).not.toHaveProperty('watch');
  });
});

describe('what is wrong is told with the name of the variable', () => {
  test.each<[string, Env, unknown?]>([
    [
      'HOLDFAST_POLICES__A is about nothing of a configuration, which has version, defaults, templates, budgets, layers, policies',
      { HOLDFAST_POLICES__A: '1' },
    ],
    [
      'HOLDFAST_PORT_80_TCP is about nothing of a configuration',
      { HOLDFAST_PORT_80_TCP: 'tcp://10.0.0.1:80' },
    ],
    ['HOLDFAST_POLICIES____A names no path', { HOLDFAST_POLICIES____A: '1' }],
    ['HOLDFAST_POLICIES__ names no path', { HOLDFAST_POLICIES__: '1' }],
    ['HOLDFAST_policies____proto__ names no path', { HOLDFAST_policies____proto__: '{}' }],
    ['HOLDFAST_POLICIES is not JSON', { HOLDFAST_POLICIES: '{"a":' }],
    [
      'HOLDFAST_POLICIES__A__999999999 names place 999999999 of policies.a, which has only 0',
      { HOLDFAST_POLICIES__A__999999999: '1' },
    ],
    [
      'HOLDFAST_POLICIES__A__B names B in policies.a, which is a list',
      { HOLDFAST_POLICIES__A__B: '1' },
      { policies: { a: [] } },
    ],
    [
      'HOLDFAST_POLICIES__A__B goes into policies.a, which is neither an object nor a list',
      { HOLDFAST_POLICIES__A: '5', HOLDFAST_POLICIES__A__B: '1' },
    ],
    [
      'HOLDFAST_POLICIES__MAX_RATE says the same thing as HOLDFAST_POLICIES__MAXRATE',
      { HOLDFAST_POLICIES__MAXRATE: '1', HOLDFAST_POLICIES__MAX_RATE: '2' },
    ],
    [
      'HOLDFAST_POLICIES__A_B may mean any of a-b, A_B_ in policies',
      { HOLDFAST_POLICIES__A_B: '1' },
      { policies: { 'a-b': 1, A_B_: 2 } },
    ],
    [
      'what the variables are laid over is not an object',
      { HOLDFAST_POLICIES__A: '1' },
      ['a list'],
    ],
  ])('%s', async (message, env, over) => {
    await expect(read(env, over)).rejects.toMatchObject({
      code: 'CONFIG_READ_FAILED',
      reason: 'malformed',
      message: expect.stringContaining(message) as string,
    });
  });

  test('all of it at once', async () => {
    await expect(read({ HOLDFAST_A: '1', HOLDFAST_B: '2' })).rejects.toThrow(
      /HOLDFAST_A .*; HOLDFAST_B /u,
    );
  });
});

test('names that objects inherit are names like others', async () => {
  const data = (await read({
    HOLDFAST_policies__constructor__prototype__polluted: 'yes',
    HOLDFAST_policies__toString: '1',
  })) as { policies: object };
  expect(Object.keys(data.policies)).toEqual(['constructor', 'toString']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.prototype).not.toHaveProperty('polluted');
});

test('other keys at the top are allowed when they are named', async () => {
  const env = { HOLDFAST_FEATURE_FLAGS__DARK_MODE: 'on' };
  expect(await read(env, undefined, { keys: ['featureFlags'] })).toEqual({
    featureFlags: { darkMode: 'on' },
  });
});

test('names the option that cannot be used', () => {
  expect(() => environmentSource({ prefix: '' })).toThrow('`prefix`');
  expect(() => environmentSource({ prefix: 5 as never })).toThrow('`prefix`');
  expect(() => environmentSource({ over: {} as never })).toThrow('`over`');
  expect(() => environmentSource({ keys: 'policies' as never })).toThrow('`keys`');
  expect(() => environmentSource({ envs: {} } as never)).toThrow('Unknown option `envs`');
  expect(() => environmentVariables([] as never)).toThrow(TypeError);
  expect(() => environmentVariables({ 'a b': 1 })).toThrow(TypeError);
});

describe('back and forth', () => {
  const camel = fc.stringMatching(/^[a-z][a-z0-9]{0,4}(?:[A-Z][a-z0-9]{0,3}){0,3}$/u);
  const anyName = fc.oneof(
    { weight: 4, arbitrary: camel },
    fc.constantFrom(
      'payment-api',
      'eu.v2',
      '0',
      'A',
      'a__b',
      '_a',
      'constructor',
      'EU',
      'max_rate',
      '',
    ),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  );
  const single = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.constantFrom('', '5', 'true', 'null', '{', '[1', '"x"', '1e999', ' 7 '),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      single,
      fc.array(tie('value'), { maxLength: 12 }),
      fc.dictionary(anyName, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));

  test('data comes back from the variables that are written of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(camel, { selector: (n) => n.toLowerCase(), maxLength: 4 }),
        fc.array(value, { minLength: 4, maxLength: 4 }),
        async (keys, values) => {
          const data = Object.fromEntries(keys.map((key, index) => [key, values[index]]));
          const env = environmentVariables(data);
          for (const name of Object.keys(env)) expect(name).toMatch(/^HOLDFAST_[A-Za-z0-9_]+$/u);
          const back = await read(env, undefined, { keys });
          // Not `toStrictEqual`, which takes a key `constructor` for the class.
          expect(isDeepStrictEqual(back, JSON.parse(JSON.stringify(data)))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('every value comes back from its text', () => {
    fc.assert(
      fc.property(single, (given) => {
        expect(parseValue(printValue(given))).toEqual({ value: given });
      }),
    );
  });

  test('a part stands for the name that it is written of', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const part = partOf(name);
        if (part !== undefined) expect(nameOf(part)).toBe(name);
      }),
    );
    expect(partOf('maxAttempts')).toBe('MAX_ATTEMPTS');
    expect(partOf('max_rate')).toBe('max_rate');
    expect(partOf('payment-api')).toBeUndefined();
  });

  test('no environment makes it fail otherwise than by a ConfigReadError', async () => {
    const part = fc.constantFrom('A', 'a', '0', '1', 'B_C', '__proto__', '', 'constructor');
    const name = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => `HOLDFAST_${parts.join('__')}`);
    const text = fc.oneof(
      fc.constantFrom('1', '{}', '[]', '{"__proto__":{"x":1}}', 'null', '{'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, text), async (env) => {
        const keys = ['a', 'bC', 'constructor', '0', '1'];
        await read(env, undefined, { keys }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'CONFIG_READ_FAILED' });
        });
        expect(({} as { x?: unknown }).x).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
