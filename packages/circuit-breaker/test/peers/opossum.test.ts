import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  circuitBreaker,
  consecutiveFailures,
  type CircuitState,
  healthProbe,
} from '@holdfast/circuit-breaker';
import { compose, definePolicy, RejectedError } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { failTimes, hangs, manualCall, succeeds, succeedTimes } from '../calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const trip = consecutiveFailures(1);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class FullError extends RejectedError {
  override readonly code = 'FULL';
}

describe('opossum', () => {
  test('#217, #288, #481, #560: on its defaults the first failure opened the circuit', async () => {
    const breaker = circuitBreaker({ clock });
    await failTimes(breaker, 19);
    expect(breaker.state).toBe('closed');
  });

  test('#119, #276, #277: many calls rushed through a half-open circuit', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const calls = Array.from({ length: 50 }, () => manualCall(breaker));
    expect(calls.filter((call) => call.isCalled())).toHaveLength(1);
  });

  test('#385: failures at the same time left the circuit open for ever', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const calls = Array.from({ length: 5 }, () => manualCall(breaker));
    await Promise.all(calls.map((call) => call.reject()));
    await clock.advance(5_000);
    expect(await breaker.execute(succeeds)).toBe('ok');
    expect(breaker.state).toBe('closed');
  });

  test('#382: a success from before closed an open circuit, and a half-open one', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const [first, second] = [manualCall(breaker), manualCall(breaker)];
    await failTimes(breaker, 1);
    await first.resolve();
    expect(breaker.state).toBe('open');
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    await second.resolve();
    expect(breaker.state).toBe('half-open');
    await probe.reject();
    expect(breaker.state).toBe('open');
  });

  test('#484: a circuit that had closed did not stay closed', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(2), clock });
    const states: CircuitState[] = [];
    await failTimes(breaker, 2);
    await clock.advance(5_000);
    for (let i = 0; i < 3; i++) {
      await succeedTimes(breaker, 1);
      await clock.advance(60_000);
      states.push(breaker.state);
    }
    expect(states).toEqual(['closed', 'closed', 'closed']);
  });

  test('without a timeout a hung probe held the circuit half-open for ever', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    await clock.advance(30_000);
    await breaker.outcome(succeeds);
    expect(breaker.state).toBe('open');
  });

  test('#719: half-open needed a timer', async () => {
    const arm = vi.spyOn(clock, 'setTimeout');
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    await breaker.execute(succeeds);
    expect(arm).not.toHaveBeenCalled();
  });

  test('the rejections of its own bulkhead opened the circuit', async () => {
    const full = definePolicy('full', (): Promise<never> => Promise.reject(new FullError('full')));
    const breaker = circuitBreaker({ trip, clock });
    const pipeline = compose(breaker, full);
    for (let i = 0; i < 3; i++) await pipeline.outcome(succeeds);
    expect(breaker.metrics).toMatchObject({ state: 'closed', ignored: 3 });
  });

  test('#613: there could be one probe only', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 3, halfOpenSuccesses: 2, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    await succeedTimes(breaker, 1);
    expect(breaker.state).toBe('half-open');
    await succeedTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
  });

  test('results that are undefined or null crashed it, and were failures', async () => {
    const breaker = circuitBreaker({ trip, clock });
    expect(await breaker.execute(() => undefined)).toBeUndefined();
    expect(await breaker.execute(() => null)).toBeNull();
    expect(breaker.metrics).toMatchObject({ successes: 2, failures: 0 });
  });

  test('disabled, it threw synchronously', async () => {
    const breaker = circuitBreaker({ mode: 'disabled' });
    const call = breaker.execute(() => {
      throw new Error('at once');
    });
    await expect(call).rejects.toThrow('at once');
  });

  test('a listener of a success that threw rejected the caller', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const breaker = circuitBreaker({ trip, clock });
    breaker.on('closed', () => {
      throw new Error('a bad listener');
    });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    expect(await breaker.execute(succeeds)).toBe('ok');
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  test('the options object was written to, and joined the breakers made from it', async () => {
    const options = Object.freeze({ trip: consecutiveFailures(2), clock });
    const [a, b] = [circuitBreaker(options), circuitBreaker(options)];
    a.configure({ mode: 'shadow' });
    await failTimes(a, 2);
    expect([a.state, b.state]).toEqual(['open', 'closed']);
    expect(b.metrics.mode).toBe('enforce');
  });

  test('#824, #825: an option could not be 0', async () => {
    const breaker = circuitBreaker({ trip, halfOpenAfterMs: 0, clock });
    await failTimes(breaker, 1);
    expect(await breaker.execute(succeeds)).toBe('ok');
  });

  test('opening by hand half-opened by itself, and shutting down was for ever', async () => {
    const breaker = circuitBreaker({ clock });
    const isolation = breaker.isolate();
    await clock.advance(1e9);
    expect((await breaker.outcome(succeeds)).ok).toBe(false);
    isolation.release();
    expect(await breaker.execute(succeeds)).toBe('ok');
  });

  test('a health check went on after the shutdown, and opened the circuit', async () => {
    let checks = 0;
    const check = (): boolean => ++checks < 0;
    const breaker = circuitBreaker({ trip, healthProbe: healthProbe(check), clock });
    await clock.advance(60_000);
    expect([checks, clock.pending]).toEqual([0, 0]);
    await failTimes(breaker, 1);
    await breaker[Symbol.asyncDispose]();
    breaker.reset();
    await clock.advance(60_000);
    expect([checks, breaker.state]).toEqual([0, 'closed']);
  });

  test('#648, #635: each breaker had timers of its own', async () => {
    const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
    const breaker = circuitBreaker();
    await failTimes(breaker, 20);
    expect(breaker.state).toBe('open');
    for (const timer of timers) {
      expect(timer).not.toHaveBeenCalled();
      timer.mockRestore();
    }
  });

  test('#363: a global set kept every breaker alive', async () => {
    const used = async (): Promise<WeakRef<object>> => {
      const breaker = circuitBreaker();
      breaker.on('opened', () => breaker.state);
      await failTimes(breaker, 20);
      return new WeakRef(breaker);
    };
    const reference = await used();
    for (let i = 0; i < 10 && reference.deref() !== undefined; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
    }
    expect(reference.deref()).toBeUndefined();
  });

  test('#895: disabled, it had events all the same', async () => {
    const heard = vi.fn();
    const breaker = circuitBreaker({ trip, mode: 'disabled', clock });
    for (const event of ['opened', 'half-opened', 'closed', 'rejected'] as const) {
      breaker.on(event, heard);
    }
    await failTimes(breaker, 3);
    await clock.advance(5_000);
    await succeedTimes(breaker, 1);
    expect(heard).not.toHaveBeenCalled();
  });

  test('#547, #100, #68: what failed in a call left a rejection that nobody handled', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const breaker = circuitBreaker({ trip, clock });
    const pipeline = compose(timeout({ afterMs: 10, clock }), breaker);
    const late = Promise.withResolvers<never>();
    const call = pipeline.outcome(() => late.promise);
    await clock.advance(10);
    late.reject(new Error('late'));
    expect((await call).ok).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('the clock of the wall decided about windows and breaks', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const breaker = circuitBreaker({ trip, halfOpenAfterMs: 60_000 });
    await failTimes(breaker, 1);
    vi.setSystemTime(Date.now() + 86_400_000);
    expect((await breaker.outcome(succeeds)).ok).toBe(false);
    vi.setSystemTime(Date.now() - 2 * 86_400_000);
    expect(breaker.metrics.retryAfterMs).toBeLessThanOrEqual(60_000);
    vi.useRealTimers();
  });
});
