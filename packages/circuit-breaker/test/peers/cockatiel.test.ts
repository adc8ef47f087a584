import {
  circuitBreaker,
  consecutiveFailures,
  countWindow,
  failureRatio,
  restoreSnapshot,
  takeSnapshot,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { down, errorOf, failTimes, hangs, manualCall, succeeds, succeedTimes } from '../calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const trip = consecutiveFailures(1);

describe('cockatiel', () => {
  test('#64: a window of time opened on failures from before an idle hour', async () => {
    const breaker = circuitBreaker({ failureRatio: 0.5, minimumCalls: 10, clock });
    await succeedTimes(breaker, 30);
    await failTimes(breaker, 20);
    await clock.advance(3_600_000);
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    expect(breaker.metrics.trips[0]).toMatchObject({ calls: 1, hits: 1 });
  });

  test('a threshold of 100 % could not be told', async () => {
    const breaker = circuitBreaker({ failureRatio: 1, minimumCalls: 3, clock });
    await failTimes(breaker, 3);
    expect(breaker.state).toBe('open');
    expect(() => failureRatio({ failureRatio: 0 })).toThrow(RangeError);
  });

  test('a ratio that was reached exactly did not open', async () => {
    const breaker = circuitBreaker({ failureRatio: 0.5, minimumCalls: 4, clock });
    await succeedTimes(breaker, 2);
    await failTimes(breaker, 2);
    expect(breaker.state).toBe('open');
  });

  test('a hung probe held all waiting calls for ever', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    expect(await errorOf(breaker.outcome(succeeds))).toMatchObject({ state: 'half-open' });
    await clock.advance(30_000);
    await breaker.outcome(succeeds);
    await clock.advance(5_000);
    expect(await breaker.execute(succeeds)).toBe('ok');
    expect(breaker.state).toBe('closed');
  });

  test('a late failure opened the circuit again over a live probe', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const late = manualCall(breaker);
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    await late.reject();
    expect(breaker.state).toBe('half-open');
    await probe.resolve();
    expect(breaker.state).toBe('closed');
  });

  test('an error that was none of its business closed a half-open circuit', async () => {
    const isFailure = (outcome: { ok: boolean; error?: unknown }): boolean | 'ignore' =>
      outcome.ok ? false : outcome.error === down || 'ignore';
    const breaker = circuitBreaker({ trip, isFailure, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    await breaker.outcome(() => Promise.reject(new TypeError('a bug of the caller')));
    expect(breaker.state).toBe('half-open');
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  test("the user's own abort opened the circuit", async () => {
    const breaker = circuitBreaker({ trip, clock });
    const caller = new AbortController();
    const call = manualCall(breaker, { signal: caller.signal });
    caller.abort();
    await call.reject(caller.signal.reason);
    expect(breaker.state).toBe('closed');
  });

  test('an abort was not seen by a call that met a half-open circuit', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    const caller = new AbortController();
    caller.abort(new Error('gone'));
    const call = breaker.outcome(succeeds, { signal: caller.signal });
    expect(await errorOf(call)).toBe(caller.signal.reason);
  });

  test('calls that waited for a probe hung with it, and saw no abort', async () => {
    const breaker = circuitBreaker({ trip, whenProbing: waitForProbe(), clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    const caller = new AbortController();
    const aborted = errorOf(breaker.outcome(succeeds, { signal: caller.signal }));
    const waiting = errorOf(breaker.outcome(succeeds));
    caller.abort(down);
    expect(await aborted).toBe(down);
    await clock.advance(30_000);
    expect(await waiting).toMatchObject({ code: 'CIRCUIT_OPEN', state: 'open' });
  });

  test('the state that a breaker was restored from was changed by it', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    const snapshot = takeSnapshot(breaker);
    const copy = structuredClone(snapshot);
    const other = circuitBreaker({ trip, clock });
    restoreSnapshot(other, snapshot);
    other.reset();
    await failTimes(other, 1);
    expect(snapshot).toEqual(copy);
  });

  test('a listener that threw turned a success into a failure and replaced errors', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const breaker = circuitBreaker({ trip, clock });
    for (const event of ['opened', 'closed', 'half-opened', 'rejected'] as const) {
      breaker.on(event, () => {
        throw new Error('a bad listener');
      });
    }
    expect(await errorOf(breaker.outcome(() => Promise.reject(down)))).toBe(down);
    await clock.advance(5_000);
    expect(await breaker.execute(succeeds)).toBe('ok');
    expect(breaker.state).toBe('closed');
    warn.mockRestore();
  });

  test('one trip object joined the counts of two breakers', async () => {
    const shared = countWindow({ failures: 2, size: 5 });
    const [a, b] = [circuitBreaker({ trip: shared }), circuitBreaker({ trip: shared })];
    await failTimes(a, 1);
    await failTimes(b, 1);
    expect([a.state, b.state]).toEqual(['closed', 'closed']);
  });

  test('a rejection told neither why the circuit was open nor for how long', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(1_000);
    const error = await errorOf(breaker.outcome(succeeds));
    expect(error).toMatchObject({ retryAfterMs: 4_000, cause: down });
  });

  test('a timeout outside never opened the circuit of a hanging dependency', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(3), clock });
    const pipeline = compose(timeout({ afterMs: 100, clock }), breaker);
    for (let i = 0; i < 3; i++) {
      const call = pipeline.outcome(hangs);
      await clock.advance(100);
      await call;
    }
    expect(breaker.state).toBe('open');
  });
});
