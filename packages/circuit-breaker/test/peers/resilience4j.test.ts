import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { failTimes, hangs, manualCall, succeeds } from '../calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const trip = consecutiveFailures(1);

describe('resilience4j', () => {
  test('#544, #903, #935: permits of ignored and cancelled probes were lost', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 2, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    for (let i = 0; i < 10; i++) {
      const caller = new AbortController();
      const call = manualCall(breaker, { signal: caller.signal });
      expect(call.isCalled()).toBe(true);
      caller.abort();
      await call.reject(caller.signal.reason);
    }
    await breaker.execute(succeeds);
    await breaker.execute(succeeds);
    expect(breaker.state).toBe('closed');
  });

  test('#935: without an option for it, a hung probe held it half-open for ever', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    await clock.advance(30_000);
    await breaker.outcome(succeeds);
    expect(breaker.state).toBe('open');
  });

  test('#343, #1432: more calls than permitted came in when it turned half-open', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 10, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const calls = Array.from({ length: 100 }, () => manualCall(breaker));
    expect(calls.filter((call) => call.isCalled())).toHaveLength(10);
  });

  test('a late result that was ignored added a permit', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const late = breaker.tryAcquire();
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    manualCall(breaker);
    late?.ignore();
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  test('#991: it turned half-open by itself although it was forced open', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    breaker.isolate();
    await clock.advance(60_000);
    expect((await breaker.outcome(succeeds)).ok).toBe(false);
    expect(breaker.state).toBe('isolated');
  });

  test('#332, #682: a cancelled call was recorded as a failure', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const caller = new AbortController();
    const call = manualCall(breaker, { signal: caller.signal });
    caller.abort();
    await call.reject(new Error('the socket was closed'));
    expect(breaker.metrics).toMatchObject({ state: 'closed', failures: 0, ignored: 1 });
  });

  test('#351: a scheduler kept the process alive', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    expect(clock.pending).toBe(0);
  });
});
