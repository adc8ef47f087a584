import {
  circuitBreaker,
  type CircuitBreakerOptions,
  consecutiveFailures,
  countWindow,
  failuresWithin,
  growing,
  isCircuitIsolatedError,
  isCircuitOpenError,
  slowCalls,
} from '@holdfast/circuit-breaker';
import { compose, isRejectedError } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { down, errorOf, fails, failTimes, manualCall, succeeds, succeedTimes } from './calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

const trip = consecutiveFailures(1);

describe('a circuit breaker on its defaults', () => {
  test('opens at half of twenty calls and probes with one call after five seconds', async () => {
    const breaker = circuitBreaker({ clock });
    await succeedTimes(breaker, 10);
    await failTimes(breaker, 9);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
    const error = await errorOf(breaker.outcome(succeeds));
    expect(error).toMatchObject({
      name: 'CircuitOpenError',
      code: 'CIRCUIT_OPEN',
      policy: 'circuit-breaker',
      state: 'open',
      retryAfterMs: 5_000,
      cause: down,
    });
    expect(isRejectedError(error)).toBe(true);
    expect((error as Error).stack).not.toContain('\n');
  });

  test('describes itself with all its defaults', () => {
    expect(circuitBreaker().describe()).toEqual({
      name: 'circuit-breaker',
      layers: [
        {
          kind: 'circuit-breaker',
          name: 'circuit-breaker',
          options: {
            failureRatio: 0.5,
            windowMs: 30_000,
            minimumCalls: 20,
            halfOpenAfterMs: 5_000,
            halfOpenCalls: 1,
            halfOpenSuccesses: 1,
            probeTimeoutMs: 30_000,
            mode: 'enforce',
          },
        },
      ],
    });
  });

  test('shows its state, its totals and how far its trips are', async () => {
    const breaker = circuitBreaker({ clock });
    await succeedTimes(breaker, 3);
    await failTimes(breaker, 1);
    expect(breaker.metrics).toEqual({
      state: 'closed',
      mode: 'enforce',
      trips: [{ trip: 'failureRatio', calls: 4, hits: 1, value: 0.25, limit: 0.5 }],
      successes: 3,
      failures: 1,
      ignored: 0,
      rejected: 0,
      openings: 0,
      openedAt: undefined,
      retryAfterMs: undefined,
      lastFailure: undefined,
      isolations: 0,
    });
    await clock.advance(30_000);
    expect(breaker.metrics.trips[0]).toMatchObject({ calls: 0, hits: 0, value: 0 });
  });

  test('keeps what it counts apart at each of its places in a pipeline', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(4), clock });
    const twice = compose(breaker, breaker);
    await twice.outcome(fails);
    expect(breaker.metrics.failures).toBe(2);
    await twice.outcome(fails);
    expect(breaker.state).toBe('open');
  });
});

describe('isolation by hand', () => {
  test('lasts until the last of its handles is released, each once', async () => {
    const breaker = circuitBreaker({ clock });
    const [a, b] = [breaker.isolate(), breaker.isolate()];
    a.release();
    a.release();
    const error = await errorOf(breaker.outcome(succeeds));
    expect(isCircuitIsolatedError(error) && isCircuitOpenError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'CIRCUIT_ISOLATED', state: 'isolated' });
    b.release();
    expect(breaker.state).toBe('closed');
    expect(await breaker.execute(succeeds)).toBe('ok');
  });

  test('outlasts any time, any reset and the calls in flight', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const call = manualCall(breaker);
    using isolation = breaker.isolate();
    await call.reject();
    breaker.reset();
    await clock.advance(1e9);
    expect(breaker.tryAcquire()).toBeUndefined();
    isolation.release();
    expect(breaker.state).toBe('closed');
  });
});

describe('the modes', () => {
  test('in shadow mode all is decided and told, and no call is rejected', async () => {
    const breaker = circuitBreaker({ trip, mode: 'shadow', clock });
    const heard: string[] = [];
    for (const event of ['opened', 'half-opened', 'closed', 'rejected'] as const) {
      breaker.on(event, ({ mode }) => heard.push(`${event} (${mode})`));
    }
    await failTimes(breaker, 1);
    expect(await breaker.execute(succeeds)).toBe('ok');
    breaker.tryAcquire()?.fail(down);
    expect(breaker.metrics).toMatchObject({ state: 'open', rejected: 2, failures: 1 });
    await clock.advance(5_000);
    await breaker.execute(succeeds);
    expect(heard).toEqual(
      ['opened', 'rejected', 'rejected', 'half-opened', 'closed'].map((name) => `${name} (shadow)`),
    );
  });

  test('disabled, it lets each call in and counts nothing', async () => {
    const breaker = circuitBreaker({ trip, mode: 'disabled', clock });
    breaker.isolate();
    await failTimes(breaker, 3);
    breaker.tryAcquire()?.fail(down);
    expect(breaker.metrics).toMatchObject({ state: 'isolated', failures: 0, rejected: 0 });
  });

  test('disabling forgets the calls in flight, and enabling goes on with the state', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    breaker.configure({ mode: 'disabled' });
    await probe.resolve();
    breaker.configure({ mode: 'enforce' });
    expect(breaker.state).toBe('open');
    await breaker.execute(succeeds);
    expect(breaker.state).toBe('closed');
  });
});

describe('reconfiguring in place', () => {
  test('keeps the counts of a window whose length or limit changes', async () => {
    const breaker = circuitBreaker({ minimumCalls: 100, clock });
    await failTimes(breaker, 5);
    breaker.configure({ minimumCalls: 6, windowMs: 60_000 });
    expect(breaker.metrics.trips[0]).toMatchObject({ calls: 5, hits: 5 });
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
    expect(breaker.describe().layers[0]?.options).toMatchObject({
      failureRatio: 0.5,
      minimumCalls: 6,
      windowMs: 60_000,
    });
  });

  test('keeps the counts of each trip that stays, wherever it stands', async () => {
    const kept = [
      countWindow({ failures: 9, size: 20 }),
      failuresWithin({ failures: 9, windowMs: 1_000 }),
      slowCalls({ slowCallMs: 10 }),
    ];
    const breaker = circuitBreaker({ trip: kept, clock });
    await failTimes(breaker, 3);
    breaker.configure({ trip: [consecutiveFailures(5), ...kept] });
    expect(breaker.metrics.trips.map(({ calls }) => calls)).toEqual([0, 3, 3, 3]);
    breaker.configure({ trip: consecutiveFailures(6) });
    await failTimes(breaker, 1);
    breaker.configure({ trip: consecutiveFailures(7) });
    expect(breaker.metrics.trips).toMatchObject([{ hits: 1, limit: 7 }]);
    breaker.configure({ failureRatio: 0.2 });
    expect(breaker.describe().layers[0]?.options).toMatchObject({ failureRatio: 0.2 });
  });

  test('sets what is not given to its default on request', async () => {
    const isFailure = (): boolean => false;
    const breaker = circuitBreaker({ trip, isFailure, halfOpenCalls: 3, mode: 'shadow', clock });
    await failTimes(breaker, 1);

    breaker.configure({ halfOpenAfterMs: 100 }, { others: 'default' });

    expect(breaker.describe()).toEqual(circuitBreaker({ halfOpenAfterMs: 100 }).describe());
    await failTimes(breaker, 20);
    expect(breaker.state).toBe('open');
  });

  test('refuses rules that it does not know, and changes nothing', () => {
    const breaker = circuitBreaker({ clock });
    const configure = (): void =>
      breaker.configure({ halfOpenCalls: 2 }, { others: 'x' as 'keep' });
    expect(configure).toThrow(RangeError);
    expect(breaker.describe().layers[0]?.options).toMatchObject({ halfOpenCalls: 1 });
  });

  test('keeps an open circuit open for as long as it was told', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    breaker.configure({ halfOpenAfterMs: 60_000 });
    expect(breaker.metrics.retryAfterMs).toBe(5_000);
  });

  test('decides a half-open circuit by the new number of probes', async () => {
    const breaker = circuitBreaker({ trip, halfOpenCalls: 3, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    await breaker.execute(succeeds);
    breaker.configure({ halfOpenCalls: 1 });
    expect(breaker.state).toBe('closed');
  });

  test('changes nothing when an option cannot be used', () => {
    const breaker = circuitBreaker({ halfOpenCalls: 2, halfOpenSuccesses: 2, clock });
    const before = breaker.describe();
    expect(() => breaker.configure({ halfOpenCalls: 1 })).toThrow(/`halfOpenSuccesses`.*at most/);
    expect(() => breaker.configure({ name: 'other' } as never)).toThrow(/Unknown option `name`/);
    expect(() => breaker.configure({ trip, minimumCalls: 3 })).toThrow(/either `trip` or/);
    expect(breaker.describe()).toEqual(before);
  });
});

describe('the break', () => {
  test('grows while the circuit opens again, and begins anew once it has closed', async () => {
    const halfOpenAfterMs = growing({ initialMs: 100, maxMs: 350, jitter: 0 });
    const breaker = circuitBreaker({ trip, halfOpenAfterMs, clock });
    const breaks: number[] = [];
    breaker.on('opened', ({ openForMs }) => breaks.push(openForMs));
    for (let i = 0; i < 4; i++) {
      await failTimes(breaker, 1);
      await clock.advance(350);
    }
    await succeedTimes(breaker, 1);
    await failTimes(breaker, 1);
    expect(breaks).toEqual([100, 200, 350, 350, 100]);
  });

  test('falls back to five seconds when its function fails, and the user learns it', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    for (const wrong of [Number.NaN, -1, Infinity]) {
      const breaker = circuitBreaker({ trip, halfOpenAfterMs: () => wrong, clock });
      await failTimes(breaker, 1);
      expect(breaker.metrics.retryAfterMs).toBe(5_000);
    }
    expect(warn).toHaveBeenCalledTimes(3);
    warn.mockRestore();
  });

  test('may be changed by hand while its function is asked', async () => {
    const breaker = circuitBreaker({
      trip,
      halfOpenAfterMs: () => {
        breaker.isolate();
        return 1_000;
      },
      clock,
    });
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('isolated');
  });
});

describe('the events', () => {
  test('tell what happened, in the order in which it did', async () => {
    const breaker = circuitBreaker({ name: 'stock', trip, clock });
    const heard: unknown[] = [];
    const names = ['opened', 'half-opened', 'closed', 'isolated', 'released', 'rejected'] as const;
    for (const name of names) {
      breaker.on(name, ({ kind, policy, mode, ...rest }) => {
        expect([kind, policy, mode]).toEqual(['circuit-breaker', 'stock', 'enforce']);
        heard.push(rest);
      });
    }
    await failTimes(breaker, 1);
    await breaker.outcome(succeeds);
    await clock.advance(5_000);
    await breaker.outcome(succeeds);
    breaker.isolate().release();
    expect(heard).toEqual([
      {
        event: 'opened',
        reason: 'tripped',
        outcome: { ok: false, error: down },
        openForMs: 5_000,
        openings: 1,
        trips: [{ trip: 'consecutiveFailures', calls: 1, hits: 1, value: 1, limit: 1 }],
      },
      { event: 'rejected', state: 'open', retryAfterMs: 5_000 },
      { event: 'half-opened' },
      { event: 'closed', reason: 'probes-succeeded' },
      { event: 'isolated', isolations: 1 },
      { event: 'released', isolations: 0 },
      { event: 'closed', reason: 'released' },
    ]);
  });

  test('let a listener call through the breaker without a second probe', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const inner: boolean[] = [];
    breaker.on('half-opened', () => inner.push(breaker.tryAcquire() !== undefined));
    await breaker.execute(succeeds);
    expect(inner).toEqual([false]);
  });
});

describe('options that cannot be used', () => {
  const rows: readonly [string, object, RegExp][] = [
    ['unknown', { threshold: 3 }, /Unknown option `threshold`/],
    ['failureRatio', { failureRatio: 1.1 }, /`failureRatio`.*above 0 and at most 1.*1\.1/],
    ['failureRatio', { failureRatio: '0.5' }, /`failureRatio`.*"0\.5"/],
    ['windowMs', { windowMs: 0 }, /`windowMs`/],
    ['minimumCalls', { minimumCalls: 0 }, /`minimumCalls`/],
    ['trip', { trip: 5 }, /`trip`/],
    ['trip', { trip: [] }, /`trip`/],
    ['trip and windowMs', { trip, windowMs: 5 }, /either `trip` or `windowMs`/],
    ['isFailure', { isFailure: true }, /`isFailure`/],
    ['halfOpenAfterMs', { halfOpenAfterMs: -1 }, /`halfOpenAfterMs`/],
    ['halfOpenAfterMs', { halfOpenAfterMs: '5s' }, /`halfOpenAfterMs`/],
    ['halfOpenCalls', { halfOpenCalls: 0 }, /`halfOpenCalls`/],
    ['halfOpenSuccesses', { halfOpenSuccesses: 2 }, /`halfOpenSuccesses`.*at most/],
    ['probeTimeoutMs', { probeTimeoutMs: 0 }, /`probeTimeoutMs`/],
    ['mode', { mode: 'off' }, /`mode`/],
    ['name', { name: 1 }, /`name`/],
  ];
  test.each(rows)('%s', (_, options, message) => {
    expect(() => circuitBreaker(options as CircuitBreakerOptions)).toThrow(message);
  });

  test('of trips', () => {
    expect(() => consecutiveFailures(0)).toThrow(/`failures`/);
    expect(() => countWindow({ failures: 4, size: 3 })).toThrow(/`failures`.*`size`/);
    expect(() => countWindow({ failures: 1, size: 3, minimumCalls: 4 })).toThrow(/`minimumCalls`/);
    expect(() => failuresWithin({ failures: 1, windowMs: 0 })).toThrow(/`windowMs`/);
    expect(() => slowCalls({ slowCallMs: 0 })).toThrow(/`slowCallMs`/);
  });

  test('are never written to, and later changes to them have no effect', async () => {
    const options = { minimumCalls: 2, clock };
    const breaker = circuitBreaker(Object.freeze({ ...options }));
    const other = circuitBreaker(options);
    options.minimumCalls = 1;
    await failTimes(breaker, 1);
    await failTimes(other, 1);
    expect([breaker.state, other.state]).toEqual(['closed', 'closed']);
  });
});
