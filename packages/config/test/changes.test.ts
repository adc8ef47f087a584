import type { Bulkhead } from '@holdfast/bulkhead';
import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import {
  type ChangedEvent,
  isConfigInvalidError,
  type Policies,
  policiesFrom,
  type RefusedEvent,
} from '@holdfast/config';
import { contextKey } from '@holdfast/policy';
import type { RateLimiter } from '@holdfast/rate-limiter';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

type Layers = readonly unknown[];

/** One pipeline, and how to give it other layers. */
function pipelineOf(...layers: Layers): {
  readonly policies: Policies<'p'>;
  readonly change: (...next: Layers) => readonly string[];
} {
  const policies = policiesFrom({ policies: { p: layers } }, { clock });
  const change = (...next: Layers): readonly string[] => {
    const applied = policies.apply({ policies: { p: next } });
    return (applied?.changes ?? []).flatMap(({ layers: all }) =>
      all.map((each) => `${each.layer} ${each.change}`),
    );
  };
  return { policies, change };
}

const down = (): Promise<never> => Promise.reject(new Error('down'));
const breaks = { kind: 'consecutiveFailures', failures: 1 };

describe('a circuit breaker', () => {
  test('keeps its state while its options change', async () => {
    const { policies, change } = pipelineOf({ type: 'circuitBreaker', trip: breaks });
    const breaker = policies.layer<CircuitBreaker>('p', 'circuitBreaker');
    await policies.get('p').outcome(down);

    expect(change({ type: 'circuitBreaker', failureRatio: 0.3, halfOpenCalls: 2 })).toEqual([
      'circuitBreaker configured',
    ]);

    expect(policies.layer('p', 'circuitBreaker')).toBe(breaker);
    expect(breaker.state).toBe('open');
    expect(breaker.describe().layers[0]?.options).toMatchObject({
      failureRatio: 0.3,
      halfOpenCalls: 2,
    });
  });

  test('has its defaults again for what is not in the configuration any more', () => {
    const { policies, change } = pipelineOf({
      type: 'circuitBreaker',
      failureRatio: 0.1,
      mode: 'shadow',
      halfOpenAfterMs: { kind: 'growing' },
    });
    change({ type: 'circuitBreaker' });
    const fresh = policiesFrom({ policies: { p: [{ type: 'circuitBreaker' }] } });
    expect(policies.get('p').current.describe()).toEqual(fresh.get('p').current.describe());
  });

  test('is replaced when it gets another ability, and hands on its state', async () => {
    const { policies, change } = pipelineOf({ type: 'circuitBreaker', trip: breaks });
    await policies.get('p').outcome(down);
    const next = { type: 'circuitBreaker', trip: breaks, ramp: { durationMs: 100 } };

    expect(change(next)).toEqual(['circuitBreaker replaced']);

    const breaker = policies.layer<CircuitBreaker>('p', 'circuitBreaker');
    expect(breaker.state).toBe('open');
    await clock.advance(5_000);
    expect((await policies.get('p').outcome(() => 1)).ok).toBe(true);
    expect(breaker.metrics.admittedShare).toBeCloseTo(0.1);
  });

  test('that was isolated by hand stays so when it is replaced', () => {
    const { policies, change } = pipelineOf({ type: 'circuitBreaker' });
    const isolation = policies.layer<CircuitBreaker>('p', 'circuitBreaker').isolate();
    change({ type: 'circuitBreaker', ramp: {} });

    const breaker = policies.layer<CircuitBreaker>('p', 'circuitBreaker');
    expect(breaker.state).toBe('isolated');
    isolation.release();
    expect(breaker.state).toBe('closed');
  });
});

test('a rate limiter keeps what has been used', async () => {
  const limiter = (limit: number): object => ({
    type: 'rateLimiter',
    algorithm: { kind: 'slidingWindow', limit, windowMs: 1_000 },
  });
  const { policies, change } = pipelineOf(limiter(2));
  const call = async (): Promise<boolean> => (await policies.get('p').outcome(() => 1)).ok;
  expect([await call(), await call(), await call()]).toEqual([true, true, false]);

  expect(change(limiter(3))).toEqual(['rateLimiter configured']);

  expect([await call(), await call()]).toEqual([true, false]);
  expect(policies.layer<RateLimiter>('p', 'rateLimiter').peek().limit).toBe(3);
});

test('a bulkhead keeps its places, and lets those who wait go when there are more', async () => {
  const { policies, change } = pipelineOf({ type: 'bulkhead', maxConcurrent: 1, maxQueued: 5 });
  const work = Promise.withResolvers<void>();
  const calls = [1, 2].map(() => policies.get('p').execute(() => work.promise));
  const places = policies.layer<Bulkhead>('p', 'bulkhead');
  expect([places.active, places.queued]).toEqual([1, 1]);

  expect(change({ type: 'bulkhead', maxConcurrent: 2, maxQueueMs: 50 })).toEqual([
    'bulkhead configured',
  ]);

  await clock.flush();
  expect([places.active, places.queued, places.maxQueued]).toEqual([2, 0, 0]);
  work.resolve();
  await Promise.all(calls);
});

test('a hedge keeps what it has learnt as long as it is to learn the same', async () => {
  const afterMs = { kind: 'quantileDelay', minimumCalls: 1, windowMs: 1_000_000 };
  const { policies, change } = pipelineOf({ type: 'hedge', safe: true, afterMs });
  const p = policies.get('p');
  const slow =
    (ms: number): (() => Promise<void>) =>
    () =>
      new Promise((resolve) => void clock.setTimeout(resolve, ms));
  const first = p.execute(slow(100));
  await clock.advance(100);
  await first;

  expect(change({ type: 'hedge', safe: true, afterMs, maxHedges: 2 })).toEqual(['hedge remade']);

  const hedges: number[] = [];
  p.on('hedged', ({ hedge }) => hedges.push(hedge));
  const call = p.execute(slow(500));
  await clock.advance(150);
  expect(hedges).toEqual([1]);
  await clock.advance(1_000);
  await call;
});

test('a memory of good values is kept as long as it is to remember the same', async () => {
  const use = { kind: 'lastKnownGood', maxAgeMs: 1_000 };
  const { policies, change } = pipelineOf({ type: 'fallback', use });
  await policies.get('p').execute(() => 'good');
  change({ type: 'fallback', use, name: undefined }, { type: 'timeout' });
  await expect(policies.get('p').execute(down)).resolves.toBe('good');
  change({ type: 'fallback', use: { ...use, maxAgeMs: 2_000 } });
  expect((await policies.get('p').outcome(down)).ok).toBe(false);
});

test('chaos is switched off in place, and lets go of whom it holds when it is taken out', async () => {
  const trouble = { type: 'chaos', inject: { kind: 'hang' }, when: { kind: 'everyNth', n: 1 } };
  const { policies, change } = pipelineOf(trouble);
  const first = policies.get('p').execute(() => 'first');
  expect(change({ ...trouble, enabled: false })).toEqual(['chaos configured']);
  await expect(first).resolves.toBe('first');

  change(trouble);
  const second = policies.get('p').execute(() => 'second');
  expect(change()).toEqual(['chaos removed']);
  await expect(second).resolves.toBe('second');
});

test('an adaptive throttle keeps its counts', async () => {
  const { policies, change } = pipelineOf({ type: 'adaptiveThrottle' });
  for (let i = 0; i < 5; i++) await policies.get('p').outcome(down);
  expect(change({ type: 'adaptiveThrottle', k: 1.5 })).toEqual(['adaptiveThrottle configured']);
  const throttle = policies.layer('p', 'adaptiveThrottle') as { metrics?: unknown };
  expect(throttle.metrics).toMatchObject({ requests: 5, accepts: 0 });
});

describe('calls in flight', () => {
  test('end on the layers that they came in through', async () => {
    const { policies, change } = pipelineOf({ type: 'timeout', afterMs: 100 });
    const p = policies.get('p');
    const before = p.outcome(() => new Promise(() => undefined));
    expect(change({ type: 'timeout', afterMs: 10 })).toEqual(['timeout remade']);
    const after = p.outcome(() => new Promise(() => undefined));

    await clock.advance(10);
    expect(await after).toMatchObject({ error: { timeoutMs: 10 } });
    await clock.advance(90);
    expect(await before).toMatchObject({ error: { timeoutMs: 100 } });
  });

  test('go on with their attempts after a retry has been taken out', async () => {
    const { policies, change } = pipelineOf({ type: 'retry', backoff: [50] });
    let calls = 0;
    const call = policies.get('p').outcome(() => {
      calls++;
      return down();
    });
    await clock.flush();
    expect(change()).toEqual(['retry removed']);
    await clock.advance(100);
    await call;
    expect(calls).toBe(3);
  });

  test('are heard to their end, and new ones on the new layers', async () => {
    const { policies, change } = pipelineOf({ type: 'timeout', afterMs: 100 });
    const heard: number[] = [];
    const end = policies.get('p').on('timed-out', ({ timeoutMs }) => heard.push(timeoutMs));
    const hang = (): Promise<unknown> =>
      policies.get('p').outcome(() => new Promise(() => undefined));
    const calls = [hang()];
    change({ type: 'timeout', afterMs: 10 });
    calls.push(hang());
    await clock.advance(200);
    expect(heard).toEqual([10, 100]);
    end();
    calls.push(hang());
    await clock.advance(200);
    await Promise.all(calls);
    expect(heard).toEqual([10, 100]);
  });
});

describe('layers', () => {
  test('keep their state when others come, go, and change places', async () => {
    const breaker = { type: 'circuitBreaker', trip: breaks };
    const { policies, change } = pipelineOf({ type: 'retry', maxAttempts: 1 }, breaker);
    await policies.get('p').outcome(down);

    const applied = policies.apply({
      policies: { p: [breaker, { type: 'bulkhead' }, { type: 'retry', maxAttempts: 1 }] },
    });

    expect(applied?.changes).toEqual([
      {
        policy: 'p',
        change: 'changed',
        layers: [{ layer: 'bulkhead', type: 'bulkhead', change: 'added' }],
        reordered: true,
      },
    ]);
    const kinds = policies
      .get('p')
      .current.describe()
      .layers.map(({ kind }) => kind);
    expect(kinds).toEqual(['circuit-breaker', 'bulkhead', 'retry']);
    expect(policies.layer<CircuitBreaker>('p', 'circuitBreaker').state).toBe('open');
    expect(change(breaker)).toEqual(['bulkhead removed', 'retry removed']);
    expect(policies.layer<CircuitBreaker>('p', 'circuitBreaker').state).toBe('open');
  });

  test('are found again by their names', () => {
    const { policies, change } = pipelineOf(
      { type: 'circuitBreaker', name: 'a' },
      { type: 'circuitBreaker', name: 'b' },
    );
    const [a, b] = [policies.layer('p', 'a'), policies.layer('p', 'b')];
    expect(
      change({ type: 'circuitBreaker', name: 'b' }, { type: 'circuitBreaker', name: 'a' }),
    ).toEqual([]);
    expect([policies.layer('p', 'a'), policies.layer('p', 'b')]).toEqual([a, b]);
    expect(change({ type: 'bulkhead', name: 'a' })).toEqual(['a replaced', 'b removed']);
  });

  test('change with their defaults and their templates', () => {
    const policies = policiesFrom({
      templates: { calm: { type: 'timeout', afterMs: 1_000 } },
      policies: { p: [{ type: 'timeout', extends: 'calm' }, { type: 'retry' }] },
    });
    const applied = policies.apply({
      templates: { calm: { type: 'timeout', afterMs: 500 } },
      defaults: { retry: { maxAttempts: 9 } },
      policies: { p: [{ type: 'timeout', extends: 'calm' }, { type: 'retry' }] },
    });
    expect(applied?.changes[0]?.layers.map(({ layer }) => layer)).toEqual(['timeout', 'retry']);
  });

  test('that are shared change once, for all', async () => {
    const config = (failures: number): object => ({
      layers: { db: { type: 'circuitBreaker', trip: { kind: 'consecutiveFailures', failures } } },
      policies: { a: ['db'], b: [{ type: 'timeout' }, 'db'] },
    });
    const policies = policiesFrom(config(1), { clock });
    await policies.get('a').outcome(down);
    const applied = policies.apply(config(5));
    expect(applied?.changes).toEqual([
      {
        policy: undefined,
        change: 'changed',
        layers: [{ layer: 'db', type: 'circuitBreaker', change: 'configured' }],
        reordered: false,
      },
    ]);
    expect((await policies.get('b').outcome(() => 1)).ok).toBe(false);
    const left = policies.apply({
      ...config(5),
      policies: { a: ['db'], b: [{ type: 'timeout' }] },
    });
    expect(left?.changes).toMatchObject([
      { policy: 'b', layers: [{ layer: 'db', type: 'shared', change: 'removed' }] },
    ]);
    expect((await policies.get('b').outcome(() => 1)).ok).toBe(true);
  });

  test('that were shared are not heard any more once they have left a pipeline', async () => {
    const layers = { db: { type: 'circuitBreaker', trip: breaks } };
    const policies = policiesFrom({ layers, policies: { a: ['db'], b: ['db'] } }, { clock });
    const heard: string[] = [];
    policies.get('b').on('opened', ({ policy }) => heard.push(policy));
    policies.apply({ layers, policies: { a: ['db'], b: [] } });
    await policies.get('a').outcome(down);
    expect(heard).toEqual([]);
  });

  test('get another budget when that changes under its name', () => {
    const config = (ratio: number): object => ({
      budgets: { db: { kind: 'retryBudget', ratio } },
      policies: {
        p: [{ type: 'retry', budget: 'db' }],
        q: [{ type: 'keyed', key: 'host', layers: [{ type: 'retry', budget: 'db' }] }],
      },
    });
    const policies = policiesFrom(config(0.1), {
      contextKeys: { host: contextKey<string>('host') },
    });
    const applied = policies.apply(config(0.2));
    expect(applied?.changes.flatMap(({ layers }) => layers)).toEqual([
      { layer: 'retry', type: 'retry', change: 'remade' },
      { layer: 'keyed', type: 'keyed', change: 'configured' },
    ]);
  });
});

describe('the layers of each key', () => {
  const host = contextKey<string>('host');
  const keyedWith = (...layers: Layers): object => ({ type: 'keyed', key: 'host', layers });

  test('change together, and keep their state', async () => {
    const breaker = { type: 'circuitBreaker', trip: breaks };
    const policies = policiesFrom(
      { policies: { p: [keyedWith(breaker)] } },
      { contextKeys: { host }, clock },
    );
    const call = async (name: string, operation: () => unknown): Promise<boolean> =>
      (await policies.get('p').outcome(operation, { properties: [host(name)] })).ok;
    await call('a', down);
    const opened: unknown[] = [];
    policies.get('p').on('opened', (event) => opened.push(Reflect.get(event, 'key')));

    const next = keyedWith({ type: 'retry', backoff: [0] }, { ...breaker, halfOpenAfterMs: 100 });
    const applied = policies.apply({ policies: { p: [next] } });

    expect(applied?.changes[0]?.layers).toEqual([
      { layer: 'keyed', type: 'keyed', change: 'configured' },
    ]);
    expect(await call('a', () => 1)).toBe(false);
    expect(await call('b', () => 1)).toBe(true);
    let calls = 0;
    await call('b', () => {
      calls++;
      if (calls < 2) throw new Error('down');
      return 1;
    });
    expect(opened).toEqual(['b']);
    await clock.advance(100);
    expect(await call('b', () => 1)).toBe(true);
  });

  test('are linted', () => {
    const policies = policiesFrom(
      {
        policies: {
          p: [{ type: 'timeout', afterMs: 5 }, keyedWith({ type: 'timeout', afterMs: 9 })],
        },
      },
      { contextKeys: { host } },
    );
    expect(policies.findings).toMatchObject([
      {
        policy: 'p',
        rule: 'inner-timeout-not-shorter',
        paths: ['policies.p[0]', 'policies.p[1].layers[0]'],
      },
    ]);
  });
});

describe('a change', () => {
  test('that is invalid changes nothing at all', () => {
    const { policies } = pipelineOf({ type: 'retry', maxAttempts: 2 }, { type: 'circuitBreaker' });
    const refused: RefusedEvent[] = [];
    policies.on('refused', (event) => refused.push(event));
    const before = [policies.config, policies.get('p').current.describe()];

    const apply = (): unknown =>
      policies.apply({
        policies: {
          p: [
            { type: 'retry', maxAttempts: 9 },
            { type: 'circuitBreaker', failureRatio: 0.9 },
          ],
          q: [{ type: 'bulkhead', limit: { kind: 'aimd', minLimit: 9, maxLimit: 2 } }],
        },
      });

    expect(apply).toThrow('policies.q[0].limit.maxLimit: must be at least minLimit (9); got 2');
    expect([policies.config, policies.get('p').current.describe()]).toEqual(before);
    expect(policies.has('q')).toBe(false);
    expect(refused.map(({ error }) => isConfigInvalidError(error))).toEqual([true]);
  });

  test('that changes nothing is no change', () => {
    const { policies } = pipelineOf({ type: 'retry', maxAttempts: 2 });
    const events: unknown[] = [];
    policies.on('changed', (event) => events.push(event));
    expect(
      policies.apply({ policies: { p: [{ maxAttempts: 2, type: 'retry' }] } }),
    ).toBeUndefined();
    expect(events).toEqual([]);
  });

  test('tells what lint finds in it', () => {
    const { policies } = pipelineOf({ type: 'bulkhead' });
    const findings: unknown[] = [];
    policies.on('changed', (event: ChangedEvent) => findings.push(...event.findings));
    policies.apply({ policies: { p: [{ type: 'bulkhead' }, { type: 'retry' }] } });
    expect(findings).toMatchObject([
      { policy: 'p', rule: 'bulkhead-outside-retry', severity: 'warning' },
    ]);
    expect(policies.findings).toEqual(findings);
  });

  test('finds with the options that are to be, not with those that are', () => {
    const config = (outer: number, inner: number): object => ({
      policies: {
        p: [
          { type: 'timeout', afterMs: outer },
          { type: 'timeout', afterMs: inner },
        ],
      },
    });
    const policies = policiesFrom(config(100, 50), { refuse: 'error' });
    expect(() => policies.apply(config(50, 100))).toThrow(/inner-timeout-not-shorter/);
    expect(policies.apply(config(200, 100))).toBeDefined();
  });

  test('takes pipelines away from the names, and leaves them to whoever holds them', async () => {
    const policies: Policies = policiesFrom({
      policies: { a: [{ type: 'fallback', value: 1 }], b: [] },
    });
    const held = policies.get('a');
    const applied = policies.apply({ policies: { b: [] } });

    expect(applied?.changes).toEqual([
      { policy: 'a', change: 'removed', layers: [], reordered: false },
    ]);
    expect(policies.names).toEqual(['b']);
    expect(() => policies.get('a')).toThrow(TypeError);
    await expect(held.execute(down)).resolves.toBe(1);
    policies.apply({ policies: { a: [{ type: 'fallback', value: 2 }], b: [] } });
    expect(policies.get('a')).toBe(held);
    await expect(held.execute(down)).resolves.toBe(2);
  });

  test('that a listener asks for comes after the one that it was told of', () => {
    const { policies } = pipelineOf({ type: 'retry', maxAttempts: 1 });
    const told: unknown[] = [];
    policies.on('changed', ({ config }) => {
      told.push(config.policies['p']?.[0]);
      if (told.length === 1) {
        policies.apply({ policies: { p: [{ type: 'retry', maxAttempts: 0 }] } });
        policies.apply({ policies: { p: [{ type: 'retry', maxAttempts: 3 }] } });
      }
    });
    const refused: unknown[] = [];
    policies.on('refused', ({ error }) => refused.push(error));

    policies.apply({ policies: { p: [{ type: 'retry', maxAttempts: 2 }] } });

    expect(told).toEqual([
      { type: 'retry', maxAttempts: 2 },
      { type: 'retry', maxAttempts: 3 },
    ]);
    expect(refused).toHaveLength(1);
  });
});

test('closing ends the health probes', async () => {
  let checks = 0;
  const policies = policiesFrom(
    {
      policies: {
        p: [
          {
            type: 'circuitBreaker',
            trip: breaks,
            halfOpenAfterMs: 60_000,
            healthProbe: { check: 'look' },
          },
        ],
      },
    },
    { clock, functions: { look: () => ++checks < 0 } },
  );
  await policies.get('p').outcome(down);
  await clock.advance(1_000);
  expect(checks).toBe(1);
  policies[Symbol.dispose]();
  await clock.advance(30_000);
  expect(checks).toBe(1);
});
