import { circuitBreaker, consecutiveFailures, isCircuitOpenError } from '@holdfast/circuit-breaker';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, fails, failTimes, hangs, manualCall, succeeds } from './calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const trip = consecutiveFailures(1);

describe('a half-open circuit', () => {
  test('begins with the first call after the break, without any timer', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    expect(clock.pending).toBe(0);
    await clock.advance(4_999);
    expect(isCircuitOpenError(await errorOf(breaker.outcome(succeeds)))).toBe(true);
    await clock.advance(1);
    expect(breaker.state).toBe('open');
    const probe = manualCall(breaker);
    expect(breaker.state).toBe('half-open');
    expect(clock.pending).toBe(0);
    await probe.resolve();
    expect(breaker.state).toBe('closed');
  });

  test('lets in no more than its probes, however many calls come at once', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 3, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const calls = Array.from({ length: 100 }, () => manualCall(breaker));
    expect(calls.filter((call) => call.isCalled())).toHaveLength(3);
    for (const probe of calls.slice(0, 2)) await probe.resolve();
    expect(breaker.state).toBe('half-open');
    await calls[2]?.resolve();
    expect(breaker.state).toBe('closed');
  });

  test('opens as soon as too many probes have failed', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 3, halfOpenSuccesses: 2, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const [a, b, late] = [manualCall(breaker), manualCall(breaker), manualCall(breaker)];
    await a.reject();
    expect(breaker.state).toBe('half-open');
    await b.reject();
    expect(breaker.state).toBe('open');
    await late.resolve();
    expect(breaker.metrics).toMatchObject({ state: 'open', openings: 2 });
  });

  test('closes as soon as enough probes have succeeded, and ignores the others', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 3, halfOpenSuccesses: 1, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const [a, late] = [manualCall(breaker), manualCall(breaker)];
    await a.resolve();
    expect(breaker.state).toBe('closed');
    await late.reject();
    expect(breaker.state).toBe('closed');
  });

  test('gets a permit back from a probe that is ignored, and counts it as neither', async () => {
    const isFailure = (): 'ignore' => 'ignore';
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    breaker.configure({ isFailure });
    await breaker.outcome(fails);
    await breaker.outcome(succeeds);
    expect(breaker.metrics).toMatchObject({ state: 'half-open', ignored: 2 });
    breaker.configure({ isFailure: ({ ok }) => !ok });
    await breaker.outcome(succeeds);
    expect(breaker.state).toBe('closed');
  });

  test('opens again when a probe hangs, and later lets in another', async () => {
    const breaker = circuitBreaker({ trip, probeTimeoutMs: 1_000, clock });
    const reasons: string[] = [];
    breaker.on('opened', ({ reason }) => reasons.push(reason));
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const hung = manualCall(breaker);
    await clock.advance(999);
    await breaker.outcome(succeeds);
    expect(breaker.state).toBe('half-open');
    await clock.advance(1);
    expect(await errorOf(breaker.outcome(succeeds))).toMatchObject({
      state: 'open',
      retryAfterMs: 5_000,
      cause: new Error('the dependency is down'),
    });
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    await hung.reject();
    expect(breaker.state).toBe('half-open');
    await probe.resolve();
    expect(breaker.state).toBe('closed');
    expect(reasons).toEqual(['tripped', 'probe-hung']);
  });

  test('does not wait for ever for a permit that nobody settles', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(30_000);
    expect(breaker.tryAcquire()).toBeUndefined();
    await clock.advance(5_000);
    expect(breaker.tryAcquire()).toBeDefined();
  });

  test('tells a rejected caller that nobody knows when to come back', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    const error = await errorOf(breaker.outcome(succeeds));
    expect(error).toMatchObject({ state: 'half-open', retryAfterMs: undefined });
  });
});

describe('a call that an earlier state admitted', () => {
  test('does not count once the circuit has opened and closed', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(2), clock });
    const late = [manualCall(breaker), manualCall(breaker)];
    await failTimes(breaker, 2);
    for (const call of late) await call.reject();
    await clock.advance(5_000);
    const older = manualCall(breaker);
    await older.resolve();
    expect(breaker.metrics).toMatchObject({ state: 'closed', failures: 4 });
    expect(breaker.metrics.trips[0]).toMatchObject({ hits: 0 });
  });

  test('neither closes nor opens a half-open circuit', async () => {
    for (const end of ['resolve', 'reject'] as const) {
      const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
      const late = manualCall(breaker);
      await failTimes(breaker, 1);
      await clock.advance(5_000);
      const probe = manualCall(breaker);
      await late[end]();
      expect(breaker.state).toBe('half-open');
      expect(breaker.tryAcquire()).toBeUndefined();
      await probe.resolve();
      expect(breaker.state).toBe('closed');
    }
  });

  test('does not touch what came after a reset', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    breaker.reset();
    await probe.reject();
    expect(breaker.state).toBe('closed');
  });
});
