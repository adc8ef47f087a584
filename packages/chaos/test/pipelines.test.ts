import {
  after,
  chaos,
  fault,
  hang,
  type InjectedEvent,
  latency,
  nth,
  oneOf,
  abort,
  behavior,
  outages,
  rate,
  result,
} from '@holdfast/chaos';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { compose, definePolicy } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { lasting, timeOf } from './work.ts';

const always = (): boolean => true;
const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 300) };

describe('chaos inside', () => {
  test('a breaker opens it, and it closes again when the outage is over', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ minimumCalls: 5, halfOpenAfterMs: 1_000, clock });
    const down = chaos({ inject: fault(), when: outages({ forMs: 500 }), clock });
    const policy = compose(breaker, down);
    for (let i = 0; i < 5; i++) await policy.outcome(() => 1);
    expect(breaker.state).toBe('open');
    await clock.advance(1_000);
    expect(await policy.execute(() => 1)).toBe(1);
    expect(breaker.state).toBe('closed');
  });

  test('a retry strikes each attempt on its own, and tells which', async () => {
    const policy = chaos({ inject: fault(), when: nth([1, 2]) });
    const told: InjectedEvent[] = [];
    policy.on('injected', (event) => told.push(event));
    const pipeline = compose(retry({ maxAttempts: 3, backoff: constant(0) }), policy);
    expect(await pipeline.execute(({ attempt }) => attempt)).toBe(3);
    expect(told).toMatchObject([
      { call: 1, attempt: 1, injections: ['fault'], why: 'nth', delayMs: 0, seed: policy.seed },
      { call: 2, attempt: 2 },
    ]);
  });

  test('a retry shows that the work is done twice when the answer is lost', async () => {
    const charge = vi.fn(() => 'charged');
    const lost = chaos({ inject: after(fault(new Error('socket hang up'))), when: nth(1) });
    const pipeline = compose(retry({ maxAttempts: 2, backoff: constant(0) }), lost);
    expect(await pipeline.execute(charge)).toBe('charged');
    expect(charge).toHaveBeenCalledTimes(2);
  });

  test('stands for a failure that a breaker and a retry count by themselves', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ minimumCalls: 2, clock });
    const trouble = chaos({ inject: oneOf([fault(), hang({ maxMs: 5 })]), when: always, clock });
    const pipeline = compose(
      retry({ maxAttempts: 2, backoff: constant(0), clock }),
      breaker,
      trouble,
    );
    const outcome = await clock.runUntil(pipeline.outcome(() => 1));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'CHAOS_INJECTED' } });
    expect(breaker.state).toBe('open');
  });
});

describe('chaos outside', () => {
  test('a timeout that cuts the operation delays the failure', async () => {
    const clock = virtualClock();
    const late = chaos({ inject: after(latency({ delayMs: 30 })), when: always, clock });
    const call = compose(late, timeout({ afterMs: 100, clock })).outcome(
      () => new Promise(() => undefined),
    );
    expect(await timeOf(clock, call)).toBe(130);
    expect(await call).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
  });

  test('a retry strikes the call as a whole', async () => {
    const clock = virtualClock();
    const policy = chaos({
      inject: [latency({ delayMs: 10 }), after(latency({ delayMs: 10 }))],
      when: always,
      clock,
    });
    const pipeline = compose(policy, retry({ maxAttempts: 3, backoff: constant(100), clock }));
    const call = pipeline.outcome(() => Promise.reject(new Error('own')));
    expect(await timeOf(clock, call)).toBe(220);
    expect([policy.injected, policy.active]).toEqual([1, 0]);
  });

  test('a policy of your own works as around any other', async () => {
    const clock = virtualClock();
    const logged = definePolicy('logged', (next) => next());
    const policy = chaos({ inject: abort({ afterMs: 20, reason: 'gone' }), when: always, clock });
    for (const pipeline of [compose(policy, logged), compose(logged, policy)]) {
      const call = pipeline.outcome(lasting(clock, 100, 'done'));
      expect(await timeOf(clock, call)).toBe(20);
      expect(await call).toEqual({ ok: false, error: 'gone' });
    }
    expect(policy.active).toBe(0);
  });
});

test('a policy stands in a pipeline twice, each time with a script of its own', async () => {
  const clock = virtualClock();
  const inject = [latency({ delayMs: 10 }), after(latency({ delayMs: 1 }))];
  const policy = chaos({ inject, when: always, clock });
  expect(
    await timeOf(
      clock,
      compose(policy, policy).execute(() => 1),
    ),
  ).toBe(22);
  expect([policy.injected, policy.active]).toEqual([2, 0]);
});

interface Scenario {
  readonly picks: readonly number[];
  readonly outerMs: number | undefined;
  readonly innerMs: number | undefined;
  readonly abortMs: number | undefined;
  readonly offMs: number | undefined;
  readonly seed: number;
}

const ms = fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined });
const scenarios: fc.Arbitrary<Scenario> = fc.record({
  picks: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 6 }),
  outerMs: ms,
  innerMs: ms,
  abortMs: ms,
  offMs: ms,
  seed: fc.nat(),
});

/** Whatever happens at whatever time: each call ends once, and nothing is left of it. */
async function check(scenario: Scenario): Promise<void> {
  const clock = virtualClock();
  const storage: string[] = [];
  const all = [
    latency({ delayMs: 40.1 }),
    abort({ afterMs: 70.2, reason: 'chaos' }),
    behavior(async () => storage.push('behavior')),
    after(latency({ delayMs: 30.3 })),
    after(behavior(() => storage.push('after'))),
    oneOf([latency({ minMs: 1, maxMs: 90 }), after(latency({ delayMs: 20.4 }))]),
    after(fault('after')),
    oneOf([result('other'), fault('before'), hang({ maxMs: 100.5 })]),
  ] as const;
  const picks = [...scenario.picks].toSorted((a, b) => a - b);
  const inject = [...new Set(picks)].flatMap((pick) => all[pick] ?? []);
  const policy = chaos({ inject, when: rate(0.7), seed: scenario.seed, clock });
  const timeoutOf = (afterMs: number | undefined): ReturnType<typeof timeout>[] =>
    afterMs === undefined ? [] : [timeout({ afterMs, clock })];
  const pipeline = compose(
    ...timeoutOf(scenario.outerMs),
    retry({ maxAttempts: 2, backoff: constant(5), clock }),
    policy,
    ...timeoutOf(scenario.innerMs),
  );
  const caller = new AbortController();
  if (scenario.abortMs !== undefined)
    clock.setTimeout(() => caller.abort('caller'), scenario.abortMs);
  if (scenario.offMs !== undefined) clock.setTimeout(() => policy.disable(), scenario.offMs);
  const calls = Array.from({ length: 4 }, async (_, i) => {
    const operation = lasting(clock, 50.6 * i, 'own');
    return pipeline.outcome(operation, i % 2 === 0 ? { signal: caller.signal } : undefined);
  });
  await clock.runUntilIdle();
  const outcomes = await Promise.all(calls);
  expect(policy.active).toBe(0);
  if (scenario.outerMs === undefined && scenario.innerMs === undefined) {
    expect(clock.pending).toBe(0);
  }
  for (const outcome of outcomes) {
    const value: unknown = outcome.ok ? outcome.value : outcome.error;
    const expected = ['own', 'other', 'before', 'after', 'chaos', 'caller'];
    if (typeof value === 'string') expect(expected).toContain(value);
    else expect(value).toMatchObject({ code: expect.stringMatching(/TIMEOUT|CHAOS_INJECTED/u) });
  }
}

test('whatever happens when, each call ends, and nothing is left of it', async () => {
  await fc.assert(fc.asyncProperty(scenarios, check), runs);
});
