import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import * as policy from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';

const { count, invalidOption, knownOptions, milliseconds, numberBetween, oneOf } = policy;
const { optionalFunction, positiveCount, positiveInteger, positiveMilliseconds, ratio } = policy;

type Check = (name: string, value: number) => number;
const checks: readonly [string, Check, readonly number[], readonly number[], string][] = [
  [
    'positiveInteger',
    positiveInteger,
    [1, 2 ** 53 - 1],
    [0, -1, 1.5, Infinity, Number.NaN],
    'an integer from 1 up',
  ],
  [
    'positiveCount',
    positiveCount,
    [1, Infinity],
    [0, -1, 1.5, Number.NaN, -Infinity],
    'an integer from 1 up, or Infinity',
  ],
  ['count', count, [0, 1, Infinity], [-1, 0.5, Number.NaN], 'an integer from 0 up, or Infinity'],
  [
    'milliseconds',
    milliseconds,
    [0, 0.5, 1e12],
    [-1, Infinity, Number.NaN],
    'a finite number of milliseconds from 0 up',
  ],
  [
    'positiveMilliseconds',
    positiveMilliseconds,
    [0.5, 1e12],
    [0, -1, Infinity],
    'a finite number of milliseconds above 0',
  ],
  ['ratio', ratio, [0.01, 1], [0, -0.5, 1.01, Number.NaN], 'a number above 0 and at most 1'],
  [
    'numberBetween',
    (name, value) => numberBetween(name, value, 2, 3),
    [2, 2.5, 3],
    [1.9, 3.1, Infinity],
    'a number from 2 to 3',
  ],
];

describe.each(checks)('%s', (_name, check, good, bad, expected) => {
  test('returns what fits', () => {
    for (const value of good) expect(check('limit', value)).toBe(value);
  });

  test('throws a RangeError that names the option and the value', () => {
    for (const value of bad) {
      expect(() => check('limit', value)).toThrow(
        new RangeError(`Expected \`limit\` to be ${expected}, got ${value}.`),
      );
    }
  });

  test('throws a TypeError for what is not a number', () => {
    for (const [value, shown] of [
      ['5', '"5"'],
      [5n, '5n'],
      [null, 'null'],
      [undefined, 'undefined'],
      [{}, 'an object'],
      [[], 'an array'],
      [() => 1, 'a function'],
      [true, 'true'],
    ] as const) {
      expect(() => check('limit', value as never)).toThrow(
        new TypeError(`Expected \`limit\` to be ${expected}, got ${shown}.`),
      );
    }
  });
});

describe('other options', () => {
  test('a function may be left out', () => {
    const listener = (): void => undefined;
    expect(optionalFunction('hook', listener)).toBe(listener);
    expect(optionalFunction('hook', undefined)).toBeUndefined();
    expect(() => optionalFunction('hook', null)).toThrow(
      new TypeError('Expected `hook` to be a function, got null.'),
    );
  });

  test('a choice lists what there is to choose from', () => {
    expect(oneOf('mode', 'a', ['a', 'b'])).toBe('a');
    expect(() => oneOf('mode', 'c' as 'a', ['a', 'b'])).toThrow(
      new RangeError('Expected `mode` to be one of "a", "b", got "c".'),
    );
    expect(() => oneOf('mode', 1 as never, ['a'])).toThrow(TypeError);
  });

  test('a misspelt option is not a silent default', () => {
    const options = { afterMs: 1 };
    expect(knownOptions(options, ['afterMs', 'mode'])).toBe(options);
    expect(() => knownOptions({ afterMS: 1 }, ['afterMs', 'mode'])).toThrow(
      new TypeError('Unknown option `afterMS`; the options are afterMs, mode.'),
    );
    expect(() => knownOptions(null as never, [])).toThrow(
      new TypeError('Expected options to be an object, got null.'),
    );
    expect(() => knownOptions(5 as never, [])).toThrow(TypeError);
  });

  test('the error says what was given', () => {
    expect(invalidOption('x', 'y', Symbol('z'), TypeError).message).toBe(
      'Expected `x` to be y, got Symbol(z).',
    );
  });
});

// Otherwise the first call fails by "clock.now is not a function": by a throw even of `outcome`.
describe('a clock that is none is refused when the policy is made', () => {
  const message = (given: string): TypeError =>
    new TypeError(`Expected \`clock\` to be a clock, got ${given}.`);

  test.each([
    ['timeout', timeout],
    ['retry', retry],
    ['circuitBreaker', circuitBreaker],
    ['bulkhead', bulkhead],
    ['retryBudget', policy.retryBudget],
  ] as const)('by %s', (_name, make) => {
    expect(() => make({ clock: { now: () => 0 } as never })).toThrow(message('an object'));
    expect(() => make({ clock: null as never })).toThrow(message('null'));
    expect(() => make({ clock: policy.systemClock })).not.toThrow();
  });
});

test('a name is a string', () => {
  const name = 5 as never;
  for (const make of [timeout, retry, circuitBreaker, bulkhead]) {
    expect(() => make({ name })).toThrow(new TypeError('Expected `name` to be a string, got 5.'));
  }
  expect(() => fallback({ value: 1, name })).toThrow(TypeError);
});
