import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import { type PoliciesConfig, policiesFrom } from '@holdfast/config';
import { compose, contextKey, lint } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';

const config = {
  policies: {
    payment: [
      { type: 'timeout', afterMs: 2_000 },
      { type: 'retry', maxAttempts: 3, backoff: [0] },
      { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures: 5 } },
    ],
    stock: [],
  },
} as const satisfies PoliciesConfig;

describe('pipelines from data', () => {
  test('work as those that are composed in code', async () => {
    const policies = policiesFrom(config, { clock: virtualClock() });
    let calls = 0;
    const call = policies.get('payment').execute(() => {
      calls++;
      if (calls < 3) throw new Error('down');
      return 'paid';
    });

    await expect(call).resolves.toBe('paid');
    expect(policies.get('payment').current.describe()).toMatchObject({
      name: 'payment',
      layers: [
        { kind: 'timeout', name: 'payment.timeout', options: { afterMs: 2_000 } },
        { kind: 'retry', name: 'payment.retry', options: { maxAttempts: 3 } },
        { kind: 'circuit-breaker', name: 'payment.circuitBreaker' },
      ],
    });
  });

  test('of which one without layers does nothing', async () => {
    await expect(
      policiesFrom(config)
        .get('stock')
        .execute(() => 1),
    ).resolves.toBe(1);
  });

  test('have names', () => {
    const policies = policiesFrom(config);
    expect(policies.names).toEqual(['payment', 'stock']);
    expect([policies.has('stock'), policies.has('toString')]).toEqual([true, false]);
    expect(policies.get('payment')).toBe(policies.get('payment'));
    expect(() => policies.get('paymnt' as 'payment')).toThrow(
      new TypeError(
        'There is no policy "paymnt" (those known: payment, stock); did you mean "payment"?',
      ),
    );
  });

  test('have layers to look at', () => {
    const policies = policiesFrom(config);
    expect(policies.layer<CircuitBreaker>('payment', 'circuitBreaker').state).toBe('closed');
    expect(() => policies.layer('payment', 'breaker')).toThrow(
      '"payment" has no layer "breaker" (those known: timeout, retry, circuitBreaker).',
    );
  });

  test('tell the configuration that holds, which nobody can change', () => {
    const given: { policies: { payment: unknown[] } } = {
      policies: { ...config.policies, payment: [...config.policies.payment] },
    };
    const policies = policiesFrom(given);
    given.policies.payment.pop();

    expect(policies.config).toEqual(config);
    expect(Object.isFrozen(policies.config.policies['payment']?.[0])).toBe(true);
  });

  test('number the layers of a type', () => {
    const policies = policiesFrom({
      policies: {
        p: [
          { type: 'retry' },
          { type: 'timeout' },
          { type: 'retry', name: 'inner' },
          { type: 'retry' },
        ],
      },
    });
    const { layers } = policies.get('p').current.describe();
    expect(layers.map(({ name }) => name)).toEqual(['p.retry', 'p.timeout', 'inner', 'p.retry#3']);
  });

  test('understand "Infinity", and the number itself', () => {
    for (const maxAttempts of ['Infinity', Number.POSITIVE_INFINITY]) {
      const policies = policiesFrom({ policies: { p: [{ type: 'retry', maxAttempts }] } });
      expect(policies.get('p').current.describe().layers[0]?.options).toMatchObject({
        maxAttempts: Infinity,
      });
      expect(policies.config.policies['p']?.[0]).toEqual({
        type: 'retry',
        maxAttempts: 'Infinity',
      });
    }
  });

  test('have the clock that the code gives', async () => {
    const clock = virtualClock();
    const policies = policiesFrom(
      { policies: { p: [{ type: 'timeout', afterMs: 10 }] } },
      { clock },
    );
    const call = policies.get('p').outcome(() => new Promise(() => undefined));
    await clock.advance(10);
    expect(await call).toMatchObject({
      ok: false,
      error: { code: 'TIMEOUT', policy: 'p.timeout' },
    });
  });

  test('tell the events of their layers', async () => {
    const policies = policiesFrom({ policies: { p: [{ type: 'retry', backoff: [0] }] } });
    const attempts: number[] = [];
    const end = policies.get('p').on('retried', ({ attempt }) => attempts.push(attempt));
    const fail = (): never => {
      throw new Error('down');
    };
    await policies.get('p').outcome(fail);
    end();
    await policies.get('p').outcome(fail);
    expect(attempts).toEqual([1, 2]);
  });

  test('wrap functions', async () => {
    const double = policiesFrom(config)
      .get('payment')
      .wrap((n: number) => 2 * n);
    await expect(double(4)).resolves.toBe(8);
    expect(() =>
      policiesFrom(config)
        .get('payment')
        .wrap(5 as never),
    ).toThrow(TypeError);
  });
});

describe('shared options', () => {
  test('come from the defaults of the type, from templates, and from the layer itself', () => {
    const policies = policiesFrom({
      defaults: { retry: { maxAttempts: 7, fastFirst: true } },
      templates: {
        patient: { type: 'retry', maxElapsedMs: 5_000, maxAttempts: 5 },
        veryPatient: { type: 'retry', extends: 'patient', maxElapsedMs: 9_000 },
      },
      policies: {
        a: [{ type: 'retry' }],
        b: [{ type: 'retry', extends: 'veryPatient' }],
        c: [{ type: 'retry', extends: 'veryPatient', maxAttempts: 2, fastFirst: false }],
      },
    });
    const options = (name: 'a' | 'b' | 'c'): unknown =>
      policies.get(name).current.describe().layers[0]?.options;
    expect(options('a')).toMatchObject({ maxAttempts: 7, fastFirst: true });
    expect(options('b')).toMatchObject({ maxAttempts: 5, maxElapsedMs: 9_000, fastFirst: true });
    expect(options('c')).toMatchObject({ maxAttempts: 2, maxElapsedMs: 9_000, fastFirst: false });
  });

  test('give way to an alternative that is said nearer', () => {
    const policies = policiesFrom({
      defaults: {
        circuitBreaker: { failureRatio: 0.1, minimumCalls: 3, halfOpenCalls: 2 },
        bulkhead: { maxConcurrent: 5 },
      },
      policies: {
        p: [
          { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures: 3 } },
          { type: 'bulkhead', limit: { kind: 'aimd' } },
        ],
      },
    });
    const [breaker, places] = policies.get('p').current.describe().layers;
    expect(breaker?.options).toMatchObject({
      trip: [{ trip: 'consecutiveFailures', failures: 3 }],
      halfOpenCalls: 2,
    });
    expect(places?.options).toMatchObject({ limit: { algorithm: 'aimd' } });
  });
});

describe('what is shared', () => {
  test('is one layer in several pipelines', async () => {
    const policies = policiesFrom({
      layers: {
        db: { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures: 1 } },
      },
      policies: { read: [{ type: 'timeout' }, 'db'], write: ['db'] },
    });
    await policies.get('read').outcome(() => Promise.reject(new Error('down')));

    expect((await policies.get('write').outcome(() => 1)).ok).toBe(false);
    expect(policies.layer('read', 'db')).toBe(policies.layer('write', 'db'));
    expect(policies.layer('read', 'db').name).toBe('db');
  });

  test('may be a budget', async () => {
    const policies = policiesFrom({
      budgets: { db: { kind: 'concurrentRetryBudget', minConcurrent: 0, ratio: 0 } },
      policies: { read: [{ type: 'retry', backoff: [0], budget: 'db' }] },
    });
    let calls = 0;
    await policies.get('read').outcome(() => {
      calls++;
      throw new Error('down');
    });
    expect(calls).toBe(1);
  });
});

describe('functions', () => {
  test('are given by name', async () => {
    const policies = policiesFrom(
      {
        policies: {
          p: [
            { type: 'fallback', use: 'cached', when: 'isFailed' },
            { type: 'retry', shouldRetry: 'isBusy', backoff: 'none' },
          ],
        },
      },
      {
        functions: {
          cached: () => 'from the cache',
          isFailed: ({ ok }: { ok: boolean }) => !ok,
          isBusy: (outcome: { ok: boolean; value?: string }) => outcome.value === 'busy',
          none: () => 0,
        },
      },
    );
    const answers = ['busy', 'fine'];
    const { execute } = { execute: policies.get<string>('p').execute.bind(policies.get('p')) };
    await expect(execute(() => answers.shift())).resolves.toBe('fine');
    await expect(execute(() => Promise.reject(new Error('down')))).resolves.toBe('from the cache');
  });

  test('and context keys tell calls apart', async () => {
    const tenant = contextKey<string>('tenant');
    const policies = policiesFrom(
      {
        policies: {
          p: [
            {
              type: 'rateLimiter',
              algorithm: { kind: 'slidingWindow', limit: 1, windowMs: 1_000 },
              keys: { key: 'tenant' },
            },
          ],
        },
      },
      { contextKeys: { tenant }, clock: virtualClock() },
    );
    const call = async (name: string): Promise<boolean> =>
      (await policies.get('p').outcome(() => 1, { properties: [tenant(name)] })).ok;
    expect([await call('acme'), await call('acme'), await call('tiny')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

test('a keyed layer has a pipeline for each key', async () => {
  const host = contextKey<string>('host');
  const policies = policiesFrom(
    {
      policies: {
        p: [
          {
            type: 'keyed',
            key: 'host',
            layers: [
              { type: 'retry', maxAttempts: 1 },
              { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures: 1 } },
            ],
          },
        ],
      },
    },
    { contextKeys: { host } },
  );
  const call = async (name: string, operation: () => unknown): Promise<boolean> =>
    (await policies.get('p').outcome(operation, { properties: [host(name)] })).ok;
  await call('a', () => Promise.reject(new Error('down')));
  expect([await call('a', () => 1), await call('b', () => 1)]).toEqual([false, true]);
});

describe('composed with others', () => {
  test('a pipeline follows the changes', async () => {
    const clock = virtualClock();
    const policies = policiesFrom(
      { policies: { p: [{ type: 'retry', maxAttempts: 1 }] } },
      { clock },
    );
    const outer = compose(timeout({ afterMs: 1_000, clock }), policies.get('p'));
    let calls = 0;
    const failing = (): never => {
      calls++;
      throw new Error('down');
    };
    await outer.outcome(failing);
    expect(calls).toBe(1);

    policies.apply({ policies: { p: [{ type: 'retry', maxAttempts: 3, backoff: [0] }] } });
    await outer.outcome(failing);
    expect(calls).toBe(4);
  });

  test('is looked into by lint', () => {
    const policies = policiesFrom({ policies: { p: [{ type: 'timeout', afterMs: 5_000 }] } });
    expect(lint(compose(timeout({ afterMs: 1_000 }), policies.get('p')))).toMatchObject([
      { rule: 'inner-timeout-not-shorter', layers: [0, 1] },
    ]);
  });
});

describe('the options', () => {
  test.each([
    [{ functions: { a: 5 } }, TypeError, 'Expected `functions.a` to be a function, got 5.'],
    [{ functions: null }, TypeError, 'Expected `functions` to be an object, got null.'],
    [{ contextKeys: { a: 'a' } }, TypeError, 'Expected `contextKeys.a` to be a function'],
    [{ refuse: 'info' }, RangeError, 'Expected `refuse` to be one of'],
    [{ names: 'a' }, TypeError, 'Expected `names` to be a list of names'],
    [{ loadTimeoutMs: 0 }, RangeError, '`loadTimeoutMs`'],
    [{ clock: {} }, TypeError, '`clock`'],
    [{ functoins: {} }, TypeError, 'Unknown option `functoins`'],
    [
      { functions: { a: () => 1 }, contextKeys: { a: contextKey('a') } },
      TypeError,
      'not to share a name: a.',
    ],
  ] as const)('are checked: %o', (options, kind, message) => {
    expect(() => policiesFrom(config, options as never)).toThrow(kind);
    expect(() => policiesFrom(config, options as never)).toThrow(message);
  });
});
