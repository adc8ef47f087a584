import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerOptions,
  consecutiveFailures,
  type RampOptions,
  ramp,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, failTimes, manualCall, succeeds, succeedTimes } from '../calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

/** A breaker that opens at the second failure in a row, and whose probe has just succeeded. */
async function ramping(
  rampOptions: RampOptions = { durationMs: 10_000, initialShare: 0.1 },
  options: CircuitBreakerOptions = {},
): Promise<CircuitBreaker> {
  const breaker = circuitBreaker({
    trip: consecutiveFailures(2),
    ramp: ramp(rampOptions),
    clock,
    ...options,
  });
  await failTimes(breaker, 2);
  await clock.advance(5_000);
  await succeedTimes(breaker, 1);
  return breaker;
}

/** How many of so many calls go through. */
async function admittedOf(breaker: CircuitBreaker, calls: number): Promise<number> {
  let admitted = 0;
  for (let i = 0; i < calls; i++) if ((await breaker.outcome(succeeds)).ok) admitted++;
  return admitted;
}

describe('a circuit whose probes have succeeded', () => {
  test('lets in a share of the calls that grows, and closes when the time is over', async () => {
    const breaker = await ramping();
    const reasons: string[] = [];
    breaker.on('closed', ({ reason }) => reasons.push(reason));
    const shares: unknown[] = [];
    for (let second = 0; second <= 10; second++) {
      shares.push([breaker.metrics.admittedShare?.toFixed(2), await admittedOf(breaker, 100)]);
      await clock.advance(1_000);
    }
    expect(shares).toEqual([
      ['0.10', 10],
      ['0.19', 19],
      ['0.28', 28],
      ['0.37', 37],
      ['0.46', 46],
      ['0.55', 55],
      ['0.64', 64],
      ['0.73', 73],
      ['0.82', 82],
      ['0.91', 91],
      ['1.00', 100],
    ]);
    expect(reasons).toEqual(['ramp-ended']);
    expect(breaker.metrics).toMatchObject({ state: 'closed', admittedShare: undefined });
    expect(clock.pending).toBe(0);
  });

  test('paces the calls evenly, the first one at once', async () => {
    const breaker = await ramping({ durationMs: 1e12, initialShare: 0.25 });
    const oks: boolean[] = [];
    for (let i = 0; i < 9; i++) oks.push((await breaker.outcome(succeeds)).ok);
    expect(oks.map(Number)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test('is half-open meanwhile, and tells so', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), ramp: ramp(), clock });
    const heard: unknown[] = [];
    for (const name of ['half-opened', 'ramp-started', 'closed', 'opened'] as const) {
      breaker.on(name, ({ event, ...details }) => heard.push([event, details]));
    }
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    await succeedTimes(breaker, 1);
    expect(heard.at(-1)).toMatchObject(['ramp-started', { durationMs: 30_000, initialShare: 0.1 }]);
    expect(breaker.metrics).toMatchObject({ state: 'half-open', openings: 1 });
    await succeedTimes(breaker, 1);
    expect(await errorOf(breaker.outcome(succeeds))).toMatchObject({
      state: 'half-open',
      retryAfterMs: undefined,
    });
    expect(heard).toHaveLength(3);
  });

  test('opens again when a trip says so, and its breaks go on growing', async () => {
    const openings: unknown[] = [];
    const breaker = await ramping(
      { initialShare: 1 },
      { halfOpenAfterMs: (info) => info.openings * 100 },
    );
    breaker.on('opened', ({ reason, openForMs }) => openings.push([reason, openForMs]));
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    const other = await ramping(
      { durationMs: 1e9, initialShare: 0.5 },
      {
        halfOpenAfterMs: (info) => info.openings * 100,
      },
    );
    other.on('opened', ({ reason, openForMs }) => openings.push([reason, openForMs]));
    await failTimes(other, 2);
    expect(other.state).toBe('half-open');
    await failTimes(other, 1);
    expect(other.metrics).toMatchObject({ state: 'open', openings: 2 });
    expect(openings).toEqual([['tripped', 200]]);
  });

  test('goes on counting the calls of the ramp once it has closed', async () => {
    const breaker = await ramping({ durationMs: 1_000, initialShare: 0.1 });
    const [a, late] = [manualCall(breaker), manualCall(breaker)];
    expect(late.isCalled()).toBe(false);
    await clock.advance(1_000);
    const b = manualCall(breaker);
    expect(breaker.state).toBe('closed');
    await a.reject();
    expect(breaker.metrics.trips[0]).toMatchObject({ hits: 1 });
    await b.reject();
    expect(breaker.state).toBe('open');
  });

  test('begins anew when it is reset, isolated or disabled', async () => {
    const reset = await ramping();
    reset.reset();
    expect(reset.metrics).toMatchObject({ state: 'closed', admittedShare: undefined });
    const isolated = await ramping();
    isolated.isolate().release();
    expect(isolated.state).toBe('closed');
    const disabled = await ramping();
    disabled.configure({ mode: 'disabled' });
    disabled.configure({ mode: 'enforce' });
    expect(disabled.metrics).toMatchObject({ state: 'open', retryAfterMs: 0 });
    await succeedTimes(disabled, 1);
    expect(disabled.metrics).toMatchObject({ state: 'half-open', admittedShare: 0.1 });
  });

  test('shares out the permits of tryAcquire as well', async () => {
    const breaker = await ramping();
    const permits = Array.from({ length: 20 }, () => breaker.tryAcquire());
    expect(permits.filter((permit) => permit !== undefined)).toHaveLength(2);
    permits[0]?.fail(new Error('down'));
    permits[10]?.fail(new Error('down'));
    expect(breaker.state).toBe('open');
  });

  test('counts what it would reject in shadow mode, and lets it in', async () => {
    const breaker = await ramping(undefined, { mode: 'shadow' });
    expect(await admittedOf(breaker, 10)).toBe(10);
    expect(breaker.metrics.rejected).toBe(9);
  });

  test('lets a share of those that waited for the probes go, in their order', async () => {
    const breaker = circuitBreaker({
      trip: consecutiveFailures(1),
      ramp: ramp({ initialShare: 0.25 }),
      whenProbing: waitForProbe(),
      clock,
    });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    const waiting = Array.from({ length: 5 }, () => breaker.outcome(succeeds));
    await probe.resolve();
    const outcomes = await Promise.all(waiting);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, false, false, true]);
  });
});

test('a ramp does not matter for longer than it lasts, though nobody calls', async () => {
  const breaker = await ramping();
  const [layer] = breaker.layers;
  await clock.advance(4_000);
  expect(layer?.mattersForMs?.()).toBe(6_000);
  await clock.advance(7_000);
  expect([breaker.state, layer?.mattersForMs?.()]).toEqual(['half-open', 0]);
  await succeedTimes(breaker, 1);
  await failTimes(breaker, 2);
  expect(layer?.mattersForMs?.()).toBe(5_000);
});

test('a ramp refuses options that cannot be used, and is described', () => {
  expect(() => ramp({ durationMs: 0 })).toThrow(/`durationMs`.*got 0/);
  expect(() => ramp({ initialShare: 1.1 })).toThrow(/`initialShare`.*got 1.1/);
  expect(() => circuitBreaker({ ramp: {} as never })).toThrow(/Expected `ramp`.*got an object/);
  expect(() => circuitBreaker({ ramp: waitForProbe() as never })).toThrow(/Expected `ramp`/);
  const breaker = circuitBreaker({ ramp: ramp({ durationMs: 5 }) });
  expect(breaker.describe().layers[0]?.options).toMatchObject({
    ramp: { durationMs: 5, initialShare: 0.1 },
  });
});
