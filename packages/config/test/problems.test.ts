import { isConfigInvalidError, policiesFrom } from '@holdfast/config';
import { describe, expect, test, vi } from 'vitest';

/** The problems of a configuration, a line for each. */
function problemsOf(config: unknown, options = {}): readonly string[] {
  try {
    policiesFrom(config, options);
    return [];
  } catch (error) {
    if (!isConfigInvalidError(error)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

/** The problems of one layer. */
function problemsIn(...layers: readonly unknown[]): readonly string[] {
  return problemsOf({ policies: { payment: layers } });
}

describe('a configuration is refused', () => {
  test('with the path, what is expected and what was given', () => {
    expect(problemsIn({ type: 'timeout' }, { type: 'circuitBreaker', failureRatio: 1.5 })).toEqual([
      'policies.payment[1].failureRatio: must be a number above 0 and at most 1; got 1.5',
    ]);
  });

  test('with all problems at once', () => {
    expect(
      problemsIn(
        {
          type: 'retry',
          attempts: 3,
          maxAttempt: 1,
          backoff: { kind: 'exponential', initialMs: 'x' },
        },
        { type: 'retyr' },
        { type: 'timeout', afterMs: 0 },
      ),
    ).toEqual([
      'policies.payment[0].backoff.initialMs: must be a number of milliseconds from 0 up; got "x"',
      'policies.payment[0].attempts: is not known here (did you mean "maxAttempts"?)',
      'policies.payment[0].maxAttempt: is not known here (did you mean "maxAttempts"?)',
      expect.stringMatching(
        /^policies\.payment\[1\]\.type: must be one of .* \(did you mean "retry"\?\)$/,
      ),
      'policies.payment[2].afterMs: must be a number of milliseconds above 0; got 0',
    ]);
  });

  test.each([
    ['nothing', undefined, ': must be an object; got undefined'],
    ['a list', [], 'policies: is missing'],
    ['no policies', {}, 'policies: is missing'],
    [
      'another version',
      { version: 2, policies: {} },
      'version: must be 1, the only version there is; got 2',
    ],
    [
      'a layer of no type',
      { policies: { p: [{}] } },
      /^policies\.p\[0\]\.type: is missing: one of "adaptive/,
    ],
    [
      'a number as a layer',
      { policies: { p: [5] } },
      'policies.p[0]: must be a layer, or the name of a shared one; got 5',
    ],
    [
      'a layer as a pipeline',
      { policies: { p: { type: 'retry' } } },
      'policies.p: must be a list of layers; got an object',
    ],
    [
      'a name that is none in code',
      { policies: { 'a b': [{ type: 'retry', x: 1 }] } },
      /^policies\["a b"\]\[0\]\.x: /,
    ],
    [
      'an unknown key at the top',
      { policies: {}, default: {} },
      'default: is not known here (did you mean "defaults"?)',
    ],
    [
      'an unknown type in the defaults',
      { policies: {}, defaults: { circuit: {} } },
      'defaults.circuit: is not known here (did you mean "circuitBreaker"?)',
    ],
    [
      'a function',
      { policies: { p: [{ type: 'retry', shouldRetry: () => true }] } },
      'policies.p[0].shouldRetry: must be plain data; got a function',
    ],
    ['a class', { policies: { p: [new Map()] } }, 'policies.p[0]: must be plain data; got a Map'],
    [
      'no number',
      { policies: { p: [{ type: 'timeout', afterMs: Number.NaN }] } },
      'policies.p[0].afterMs: must be plain data; got NaN',
    ],
  ])('that is or has %s', (_what, config, message) => {
    expect(problemsOf(config)).toEqual([
      typeof message === 'string' ? message : expect.stringMatching(message),
    ]);
  });

  test('that is a ring', () => {
    const ring: Record<string, unknown> = { policies: {} };
    ring['policies'] = ring;
    expect(problemsOf(ring)[0]).toBe('policies: must not be inside itself');
  });

  test('with what only the makers check, and its path', () => {
    expect(
      problemsIn(
        { type: 'retry', backoff: { kind: 'exponential', initialMs: 500, maxMs: 100 } },
        { type: 'rateLimiter' },
        {
          type: 'circuitBreaker',
          trip: [{ kind: 'failureRatio' }, { kind: 'countWindow', failures: 5, size: 2 }],
        },
        { type: 'circuitBreaker', halfOpenCalls: 1, halfOpenSuccesses: 2 },
        { type: 'bulkhead', limit: { kind: 'aimd', minLimit: 5, maxLimit: 2 } },
        { type: 'bulkhead', limit: { kind: 'aimd' }, maxConcurrent: 5 },
        { type: 'fallback' },
        { type: 'chaos', inject: { kind: 'latency' }, when: { kind: 'everyNth', n: 1 } },
        { type: 'circuitBreaker', trip: { kind: 'failureRatio' }, windowMs: 5 },
      ),
    ).toEqual([
      'policies.payment[0].backoff.maxMs: must be at least 500; got 100',
      'policies.payment[1].algorithm: is missing',
      'policies.payment[2].trip[1].failures: must be at most `size` (2); got 5',
      'policies.payment[3].halfOpenSuccesses: must be at most `halfOpenCalls` (1); got 2',
      'policies.payment[4].limit.maxLimit: must be at least minLimit (5); got 2',
      'policies.payment[5].maxConcurrent: must be undefined beside `limit`; got 5',
      'policies.payment[6]: Expected options to have exactly one of `value`, `use` and `chain`',
      'policies.payment[7].inject.minMs: is missing',
      'policies.payment[8]: Expected either `trip` or `windowMs`; use failureRatio() as a trip',
    ]);
  });

  test('with the path inside a keyed layer', () => {
    const layers = [{ type: 'retry' }, { type: 'hedge', afterMs: 5 }];
    expect(problemsIn({ type: 'keyed', key: 'host', layers })).toEqual([
      'policies.payment[0].layers[1].safe: is missing',
      'policies.payment[0].key: there is no context key or function "host"; none is registered',
    ]);
  });

  test('that makes chaos in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    const trouble = {
      type: 'chaos',
      inject: { kind: 'fault' },
      when: { kind: 'rate', share: 0.1 },
    };
    expect(problemsIn(trouble)[0]).toMatch(/^policies\.payment\[0\]: .*production/);
    vi.unstubAllEnvs();
  });
});

describe('what is named is known', () => {
  test('as a function', () => {
    const config = { policies: { p: [{ type: 'retry', shouldRetry: 'isBsy' }] } };
    expect(problemsOf(config, { functions: { isBusy: () => true, isIdle: () => true } })).toEqual([
      'policies.p[0].shouldRetry: there is no function "isBsy" (did you mean "isBusy"?); those known are isBusy, isIdle',
    ]);
  });

  test('as a function in a part of an option', () => {
    const inject = [
      { kind: 'latency', delayMs: 5 },
      { kind: 'behavior', act: 'dropCache' },
    ];
    const when = { kind: 'rate', share: 'someOfThem' };
    expect(problemsIn({ type: 'chaos', inject, when })).toEqual([
      'policies.payment[0].inject[1].act: there is no function "dropCache"; none is registered',
      'policies.payment[0].when.share: there is no function "someOfThem"; none is registered',
    ]);
  });

  test('as a budget', () => {
    expect(problemsIn({ type: 'retry', budget: 'db' })).toEqual([
      'policies.payment[0].budget: there is no budget "db"; none is registered',
    ]);
  });

  test('as a shared layer', () => {
    expect(problemsOf({ layers: { stock: { type: 'retry' } }, policies: { p: ['stok'] } })).toEqual(
      ['policies.p[0]: there is no shared layer "stok" (did you mean "stock"?)'],
    );
  });

  test('as a template, of the same type and without a ring', () => {
    const templates = {
      a: { type: 'retry', extends: 'b' },
      b: { type: 'retry', extends: 'a' },
      calm: { type: 'timeout' },
    };
    const p = ['a', 'aa', 'calm', 'toString'].map((name) => ({ type: 'retry', extends: name }));
    expect(problemsOf({ templates, policies: { p } })).toEqual([
      'policies.p[0].extends: template "a" extends itself',
      'policies.p[1].extends: there is no template "aa" (did you mean "a"?)',
      'policies.p[2].extends: template "calm" is of type "timeout", not "retry"',
      'policies.p[3].extends: there is no template "toString"',
    ]);
  });

  test('by one name for one layer', () => {
    expect(problemsIn({ type: 'retry', name: 'a' }, { type: 'timeout', name: 'a' })).toEqual([
      'policies.payment[1].name: must be the name of one layer only; got "a" again',
    ]);
  });
});

describe('the code can ask', () => {
  test('for pipelines that have to be there', () => {
    const config = { policies: { stock: [] } };
    expect(problemsOf(config, { names: ['stock', 'payment'] })).toEqual([
      'policies.payment: is missing, and the code asks for it',
    ]);
  });

  test('to refuse what lint finds', () => {
    const long = [
      { type: 'timeout', afterMs: 5 },
      { type: 'timeout', afterMs: 5 },
    ];
    const early = [{ type: 'bulkhead' }, { type: 'retry' }];
    const config = { policies: { long, early } };
    expect(problemsOf(config)).toEqual([]);
    expect(problemsOf(config, { refuse: 'error' })).toEqual([
      expect.stringMatching(
        /^policies\.long\[1\]: the inner timeout .* \(inner-timeout-not-shorter\)$/,
      ),
    ]);
    expect(problemsOf(config, { refuse: 'warning' })).toHaveLength(2);
  });
});

test('the message of the error has it all', () => {
  const config = { policies: { p: [{ type: 'timeout', afterMs: 0, mode: 'x' }] } };
  expect(() => policiesFrom(config)).toThrow(
    `the configuration has 2 problems:
- policies.p[0].afterMs: must be a number of milliseconds above 0; got 0
- policies.p[0].mode: must be one of "aggressive", "cooperative"; got "x"`,
  );
  expect(() => policiesFrom({ policies: { p: [{ type: 'timeout', mode: 'x' }] } })).toThrow(
    'the configuration is invalid: policies.p[0].mode: must be one of "aggressive", "cooperative"; got "x"',
  );
});
