import type { Bulkhead } from '@holdfast/bulkhead';
import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import { isConfigInvalidError, policiesFrom } from '@holdfast/config';
import { contextKey } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const down = (): Promise<never> => Promise.reject(new Error('down'));

describe('a change whose last layer refuses its options', () => {
  const before: unknown = {
    budgets: { b: { kind: 'retryBudget', ratio: 0.1 } },
    layers: { shared: { type: 'circuitBreaker', minimumCalls: 3 } },
    policies: {
      a: ['shared', { type: 'retry', maxAttempts: 2, budget: 'b' }],
      gone: [{ type: 'timeout' }],
      z: [
        { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures: 1 } },
        { type: 'bulkhead', maxConcurrent: 1 },
      ],
    },
  };
  const after = {
    budgets: { b: { kind: 'retryBudget', ratio: 0.2 } },
    layers: { shared: { type: 'circuitBreaker', minimumCalls: 9 }, other: { type: 'bulkhead' } },
    policies: {
      a: [{ type: 'retry', maxAttempts: 5, budget: 'b' }, 'shared', 'other'],
      fresh: [{ type: 'timeout' }],
      z: [
        { type: 'circuitBreaker', failureRatio: 0.3, ramp: {} },
        { type: 'bulkhead', maxConcurrent: 7 },
      ],
    },
  };

  test('leaves everything as it was, and is refused', async () => {
    const policies = policiesFrom(before, { clock });
    await policies.get('z').outcome(down);
    const events: string[] = [];
    policies.on('changed', () => events.push('changed'));
    policies.on('refused', ({ error }) => events.push(error.message));
    const look = (): unknown => ({
      names: policies.names,
      config: policies.config,
      layers: policies.names.map((name) => policies.get(name).current.describe()),
      breaker: policies.layer('z', 'circuitBreaker'),
      shared: policies.layer('a', 'shared'),
    });
    const was = look();
    const held = policies.get('gone');
    const bulkhead = policies.layer<Bulkhead>('z', 'bulkhead');
    const resize = bulkhead.resize.bind(bulkhead);
    bulkhead.resize = ({ maxConcurrent }) => {
      if (maxConcurrent === 7) throw new RangeError('not seven');
    };

    const error: unknown = (() => {
      try {
        return policies.apply(after);
      } catch (thrown) {
        return thrown;
      }
    })();

    expect(isConfigInvalidError(error)).toBe(true);
    expect(events).toEqual(['the configuration is invalid: policies.z[1]: not seven']);
    expect(look()).toEqual(was);
    expect(policies.layer<CircuitBreaker>('z', 'circuitBreaker').state).toBe('open');
    expect(policies.get('gone')).toBe(held);
    expect(policies.has('fresh')).toBe(false);

    bulkhead.resize = resize;
    expect(policies.apply(after)?.changes.map(({ policy, change }) => [policy, change])).toEqual([
      [undefined, 'changed'],
      ['a', 'changed'],
      ['fresh', 'added'],
      ['z', 'changed'],
      ['gone', 'removed'],
    ]);
    expect(policies.layer<CircuitBreaker>('z', 'circuitBreaker').state).toBe('open');
  });

  test('takes back what it has done in the layers of each key', async () => {
    const tenant = contextKey<string>('tenant');
    const config = (maxAttempts: number, maxConcurrent: number): object => ({
      policies: {
        a: [
          {
            type: 'keyed',
            key: 'tenant',
            layers: [{ type: 'circuitBreaker', minimumCalls: maxAttempts }],
          },
        ],
        b: [{ type: 'bulkhead', maxConcurrent }],
      },
    });
    const policies = policiesFrom(config(3, 1), { clock, contextKeys: { tenant } });
    const ofTenant = (): unknown => policies.get('a').current.describe();
    const breaks = async (): Promise<boolean> => {
      for (let i = 0; i < 3; i++)
        await policies.get('a').outcome(down, { properties: [tenant('x')] });
      const last = await policies.get('a').outcome(() => 1, { properties: [tenant('x')] });
      return !last.ok;
    };
    await policies.get('a').execute(() => 1, { properties: [tenant('y')] });
    const was = ofTenant();
    policies.layer<Bulkhead>('b', 'bulkhead').resize = () => {
      throw new Error('no');
    };

    expect(() => policies.apply(config(99, 2))).toThrow('policies.b[0]: no');

    expect(ofTenant()).toEqual(was);
    expect(await breaks()).toBe(true);
  });
});

test('a listener that has been taken away hears nothing of the layers that are gone either', async () => {
  const retry = (maxAttempts: number): object => ({
    policies: { p: [{ type: 'retry', maxAttempts, backoff: [30] }] },
  });
  const policies = policiesFrom(retry(4), { clock });
  let heard = 0;
  const off = policies.get('p').on('retried', () => void heard++);
  const call = policies.get('p').outcome(down);
  await clock.advance(1);
  policies.apply(retry(2));
  await clock.advance(30);
  expect(heard).toBe(2);

  off();
  await clock.advance(60);
  await call;

  expect(heard).toBe(2);
});

test('the listener of a pipeline without layers has to be a function', () => {
  const policies = policiesFrom({ policies: { p: [] } });
  expect(() => policies.get('p').on('opened', 1 as never)).toThrow(
    'Expected the listener of "opened" to be a function.',
  );
});

test('a keyed layer whose budget was another once is not configured again by each change', () => {
  const config = (ratio: number, afterMs: number): object => ({
    budgets: { b: { kind: 'retryBudget', ratio } },
    policies: {
      p: [{ type: 'keyed', key: 'who', layers: [{ type: 'retry', budget: 'b' }] }],
      q: [{ type: 'timeout', afterMs }],
    },
  });
  const policies = policiesFrom(config(0.1, 1), { functions: { who: () => 'x' } });
  const changed = (data: object): unknown =>
    policies.apply(data)?.changes.map(({ policy }) => policy);
  expect(changed(config(0.2, 1))).toEqual(['p']);
  expect(changed(config(0.2, 2))).toEqual(['q']);
});
