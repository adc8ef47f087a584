import { AsyncLocalStorage } from 'node:async_hooks';
import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerOptions,
  consecutiveFailures,
  isCircuitIsolatedError,
  isCircuitOpenError,
  type WaitForProbeOptions,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import { compose, isTimeoutError, type Outcome } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { beforeEach, describe, expect, test } from 'vitest';
import { down, errorOf, failTimes, type ManualCall, manualCall, succeeds } from '../calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const ignored = new Error('says nothing');
const ignoring = (outcome: Outcome<unknown>): boolean | 'ignore' =>
  outcome.ok ? false : outcome.error === ignored ? 'ignore' : true;

interface Probing {
  readonly breaker: CircuitBreaker;
  readonly probe: ManualCall;
}

/** A breaker whose only probe is under way. */
async function probing(
  waiting: WaitForProbeOptions = {},
  options: CircuitBreakerOptions = {},
): Promise<Probing> {
  const breaker = circuitBreaker({
    trip: consecutiveFailures(1),
    whenProbing: waitForProbe(waiting),
    clock,
    ...options,
  });
  await failTimes(breaker, 1);
  await clock.advance(5_000);
  return { breaker, probe: manualCall(breaker) };
}

describe('a call that finds the probes on their way', () => {
  test('waits, and goes on when they have succeeded, in the order of coming', async () => {
    const { breaker, probe } = await probing();
    const order: number[] = [];
    const calls = [1, 2, 3].map((n) => breaker.execute(() => order.push(n)));
    await clock.flush();
    expect(order).toEqual([]);
    expect(breaker.metrics).toMatchObject({ state: 'half-open', queued: 3, rejected: 0 });
    await probe.resolve();
    await Promise.all(calls);
    expect(order).toEqual([1, 2, 3]);
    expect(breaker.metrics).toMatchObject({ state: 'closed', queued: 0, successes: 4 });
  });

  test('is rejected when they have failed, with what they failed with', async () => {
    const { breaker, probe } = await probing();
    const waiting = breaker.outcome(succeeds);
    await probe.reject();
    const error = await errorOf(waiting);
    expect(isCircuitOpenError(error)).toBe(true);
    expect(error).toMatchObject({ state: 'open', cause: down, retryAfterMs: 5_000 });
    expect(breaker.metrics.rejected).toBe(1);
  });

  test('is rejected at once when the queue is full', async () => {
    const { breaker, probe } = await probing({ maxQueued: 1 });
    const first = breaker.outcome(succeeds);
    expect(await errorOf(breaker.outcome(succeeds))).toMatchObject({ state: 'half-open' });
    await probe.resolve();
    expect((await first).ok).toBe(true);
  });

  test('does not wait for longer than maxWaitMs', async () => {
    const { breaker } = await probing({ maxWaitMs: 200 });
    const waiting = errorOf(breaker.outcome(succeeds));
    await clock.advance(199);
    expect(breaker.metrics.queued).toBe(1);
    await clock.advance(1);
    expect(await waiting).toMatchObject({ state: 'half-open', code: 'CIRCUIT_OPEN' });
    expect(breaker.metrics.queued).toBe(0);
  });

  test('rejects with a TimeoutError at its deadline, or at once if that has passed', async () => {
    const { breaker } = await probing();
    const waiting = errorOf(breaker.outcome(succeeds, { deadline: clock.now() + 100 }));
    await clock.advance(100);
    const error = await waiting;
    expect(isTimeoutError(error)).toBe(true);
    expect(error).toMatchObject({ timeoutMs: 100, started: false, policy: 'circuit-breaker' });
    expect(breaker.metrics).toMatchObject({ queued: 0, rejected: 1, state: 'half-open' });
  });

  test('leaves the queue at once when its caller gives up', async () => {
    const { breaker, probe } = await probing();
    const caller = new AbortController();
    const abandoned: unknown[] = [];
    breaker.on('abandoned', ({ queued, waitedMs }) => abandoned.push([queued, waitedMs]));
    const [first, second] = [
      breaker.outcome(succeeds, { signal: caller.signal }),
      breaker.outcome(succeeds),
    ];
    await clock.advance(50);
    caller.abort(down);
    expect(await errorOf(first)).toBe(down);
    expect(abandoned).toEqual([[1, 50]]);
    await probe.resolve();
    expect((await second).ok).toBe(true);
  });

  test('is cut by a timeout outside, which is not a failure', async () => {
    const { breaker } = await probing();
    const policy = compose(timeout({ afterMs: 100, clock }), breaker);
    const waiting = errorOf(policy.outcome(succeeds));
    await clock.advance(100);
    expect(isTimeoutError(await waiting)).toBe(true);
    expect(breaker.metrics).toMatchObject({ queued: 0, failures: 1, state: 'half-open' });
  });

  test('does not wait for ever for a probe that hangs', async () => {
    const { breaker } = await probing({}, { probeTimeoutMs: 1_000 });
    const waiting = errorOf(breaker.outcome(succeeds));
    await clock.advance(1_000);
    expect(await waiting).toMatchObject({ state: 'open', retryAfterMs: 5_000 });
    expect(breaker.state).toBe('open');
    expect(clock.pending).toBe(0);
  });

  test('waits for a probe that took over from another one, until that hangs, too', async () => {
    const { breaker, probe } = await probing({}, { isFailure: ignoring, probeTimeoutMs: 1_000 });
    const next = manualCall(breaker);
    const waiting = errorOf(breaker.outcome(succeeds));
    await clock.advance(900);
    await probe.reject(ignored);
    await clock.advance(999);
    expect([next.isCalled(), breaker.metrics.queued]).toEqual([true, 1]);
    await clock.advance(1);
    expect(await waiting).toMatchObject({ state: 'open' });
  });

  test('makes no use of a permit whose circuit is gone by the time it goes on', async () => {
    const breaker = circuitBreaker({
      trip: consecutiveFailures(1),
      whenProbing: waitForProbe(),
      clock,
    });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const permit = breaker.tryAcquire();
    const waiting = manualCall(breaker);
    permit?.ignore();
    breaker.isolate();
    expect(isCircuitIsolatedError(await errorOf(waiting.outcome))).toBe(true);
    expect(waiting.isCalled()).toBe(false);
  });

  test('takes over the permit of a probe that was ignored, before any newcomer', async () => {
    const { breaker, probe } = await probing({}, { isFailure: ({ ok }) => (ok ? 'ignore' : true) });
    const order: string[] = [];
    const [a, b] = [breaker.execute(() => order.push('a')), breaker.execute(() => order.push('b'))];
    await probe.resolve();
    const newcomer = breaker.execute(() => order.push('newcomer'));
    await Promise.all([a, b, newcomer]);
    expect(order).toEqual(['a', 'b', 'newcomer']);
    expect(breaker.metrics).toMatchObject({ state: 'half-open', ignored: 4, rejected: 0 });
  });

  test('hands its permit on when its caller gives up before it has begun', async () => {
    const breaker = circuitBreaker({
      trip: consecutiveFailures(1),
      whenProbing: waitForProbe(),
      clock,
    });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const permit = breaker.tryAcquire();
    const caller = new AbortController();
    const first = manualCall(breaker, { signal: caller.signal });
    const second = breaker.outcome(succeeds);
    await clock.flush();
    permit?.ignore();
    caller.abort(down);
    expect(await errorOf(first.outcome)).toBe(down);
    expect(first.isCalled()).toBe(false);
    expect((await second).ok).toBe(true);
    expect(breaker.metrics).toMatchObject({ state: 'closed', ignored: 1 });
  });

  test('gets one of the permits that a new configuration adds', async () => {
    const { breaker, probe } = await probing();
    const calls = [manualCall(breaker), manualCall(breaker)];
    breaker.configure({ halfOpenCalls: 2 });
    await clock.flush();
    expect(calls.map((call) => call.isCalled())).toEqual([true, false]);
    await probe.resolve();
    expect(breaker.state).toBe('half-open');
    await calls[0]?.resolve();
    expect(breaker.state).toBe('closed');
    expect((await calls[1]?.resolve())?.ok).toBe(true);
  });

  test('goes on when the breaker is reset, put to shadow, or disabled', async () => {
    const commands: ((breaker: CircuitBreaker) => void)[] = [
      (breaker) => breaker.reset(),
      (breaker) => breaker.configure({ mode: 'shadow' }),
      (breaker) => breaker.configure({ mode: 'disabled' }),
    ];
    for (const command of commands) {
      const { breaker } = await probing();
      const waiting = breaker.outcome(succeeds);
      command(breaker);
      expect(await waiting).toEqual({ ok: true, value: 'ok' });
    }
  });

  test('is rejected when somebody isolates the circuit', async () => {
    const { breaker } = await probing();
    const waiting = errorOf(breaker.outcome(succeeds));
    breaker.isolate();
    expect(isCircuitIsolatedError(await waiting)).toBe(true);
  });

  test('runs in the async context of its own caller', async () => {
    const { breaker, probe } = await probing();
    const storage = new AsyncLocalStorage<string>();
    const seen = ['a', 'b'].map((name) =>
      storage.run(name, () => breaker.execute(() => storage.getStore())),
    );
    await storage.run('the probe', () => probe.resolve());
    expect(await Promise.all(seen)).toEqual(['a', 'b']);
  });

  test('has one event at its beginning and one at its end', async () => {
    const { breaker, probe } = await probing({ maxQueued: 2 });
    const heard: unknown[] = [];
    for (const name of ['queued', 'dequeued'] as const) {
      breaker.on(name, ({ event, queued }) => heard.push([event, queued]));
    }
    breaker.on('rejected', ({ event, state }) => heard.push([event, state]));
    const calls = [1, 2, 3].map(() => breaker.outcome(succeeds));
    await probe.resolve();
    await Promise.all(calls);
    expect(heard).toEqual([
      ['queued', 1],
      ['queued', 2],
      ['rejected', 'half-open'],
      ['dequeued', 0],
      ['dequeued', 0],
    ]);
  });

  test('costs the same to leave, however many wait', async () => {
    const { breaker, probe } = await probing({ maxQueued: Infinity });
    const callers = Array.from({ length: 20_000 }, () => new AbortController());
    const calls = callers.map(({ signal }) => breaker.outcome(succeeds, { signal }));
    for (const caller of callers.slice(0, -1).toReversed()) caller.abort(down);
    expect(breaker.metrics.queued).toBe(1);
    await probe.resolve();
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe('waiting for probes', () => {
  test('is not for tryAcquire, which leaves the permits to those who wait', async () => {
    const { breaker, probe } = await probing({}, { isFailure: ignoring });
    const waiting = manualCall(breaker);
    await probe.reject(ignored);
    expect(breaker.tryAcquire()).toBeUndefined();
    await waiting.resolve();
    expect(breaker.state).toBe('closed');
  });

  test('changes nothing for an open circuit, which rejects at once', async () => {
    const { breaker, probe } = await probing();
    await probe.reject();
    expect(await errorOf(breaker.outcome(succeeds))).toMatchObject({ state: 'open' });
  });

  test('names its options in describe()', async () => {
    const { breaker } = await probing({ maxWaitMs: 10 });
    expect(breaker.describe().layers[0]?.options).toMatchObject({
      whenProbing: { maxQueued: 100, maxWaitMs: 10 },
    });
  });

  test('refuses options that cannot be used', () => {
    expect(() => waitForProbe({ maxQueued: 0 })).toThrow(/`maxQueued`.*got 0/);
    expect(() => waitForProbe({ maxWaitMs: -1 })).toThrow(/`maxWaitMs`.*got -1/);
    expect(() => waitForProbe({ max: 1 } as never)).toThrow(/Unknown option `max`/);
    expect(() => circuitBreaker({ whenProbing: 'reject' as never })).toThrow(
      /Expected `whenProbing` to be .*got "reject"/,
    );
  });
});
