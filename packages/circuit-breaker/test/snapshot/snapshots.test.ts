import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitSnapshot,
  consecutiveFailures,
  countWindow,
  failureRatio,
  failuresWithin,
  growing,
  healthProbe,
  ramp,
  restoreSnapshot,
  slowCalls,
  takeSnapshot,
  type Trip,
} from '@holdfast/circuit-breaker';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, failTimes, hangs, manualCall, succeeds, succeedTimes } from '../calls.ts';

/** The clocks of two processes begin anywhere; the time of day goes on by itself. */
let clock: VirtualClock;
let later: VirtualClock;
let epoch: number;
const epochMs = (): number => epoch;
beforeEach(() => {
  clock = virtualClock({ startMs: 5_000_000 });
  later = virtualClock({ startMs: 300 });
  epoch = Date.UTC(2026, 0, 1);
});

/** What is left of a snapshot after it has been in a file. */
function filed(breaker: CircuitBreaker<never>): CircuitSnapshot {
  return JSON.parse(JSON.stringify(takeSnapshot(breaker, { epochMs }))) as CircuitSnapshot;
}

/** A breaker of the next process, `gapMs` after the snapshot was taken. */
function restored(
  snapshot: unknown,
  gapMs: number,
  options: CircuitBreakerOptions = {},
): CircuitBreaker {
  const breaker = circuitBreaker({ clock: later, ...options });
  epoch += gapMs;
  restoreSnapshot(breaker, snapshot, { epochMs });
  return breaker;
}

const first = { trip: consecutiveFailures(1), halfOpenAfterMs: 5_000 };

describe('an open circuit', () => {
  test('stays open for what is left of its break', async () => {
    const breaker = circuitBreaker({ ...first, clock });
    await failTimes(breaker, 1);
    await clock.advance(1_000);
    const snapshot = filed(breaker);
    expect(snapshot).toEqual({
      version: 1,
      takenAtMs: Date.UTC(2026, 0, 1),
      state: 'open',
      openings: 1,
      openedAgoMs: 1_000,
      remainingMs: 4_000,
      trips: [{ trip: 'consecutiveFailures', counts: 1 }],
    });
    const other = restored(snapshot, 3_000, first);
    expect(other.metrics).toMatchObject({
      state: 'open',
      openings: 1,
      openedAt: 300 - 4_000,
      retryAfterMs: 1_000,
      lastFailure: undefined,
    });
    expect(await errorOf(other.outcome(succeeds))).toMatchObject({ state: 'open' });
    await later.advance(1_000);
    await succeedTimes(other, 1);
    expect(other.state).toBe('closed');
  });

  test('lets a probe in at once if its break is over by now', async () => {
    const breaker = circuitBreaker({ ...first, clock });
    await failTimes(breaker, 1);
    const other = restored(filed(breaker), 6_000, first);
    expect(other.metrics).toMatchObject({ state: 'open', retryAfterMs: 0 });
    const probe = manualCall(other);
    expect(probe.isCalled()).toBe(true);
    expect(manualCall(other).isCalled()).toBe(false);
  });

  test('is open for no longer than it was to be, wherever the time of day goes', async () => {
    const breaker = circuitBreaker({ ...first, clock });
    await failTimes(breaker, 1);
    const snapshot = filed(breaker);
    expect(restored(snapshot, -3_600_000, first).metrics.retryAfterMs).toBe(5_000);
    expect(restored(snapshot, 3_600_000 * 2, first).metrics.retryAfterMs).toBeUndefined();
  });

  test('goes on to grow its breaks', async () => {
    const options = { ...first, halfOpenAfterMs: growing({ initialMs: 100, jitter: 0 }) };
    const breaker = circuitBreaker({ ...options, clock });
    await failTimes(breaker, 1);
    await clock.advance(100);
    await failTimes(breaker, 1);
    const other = restored(filed(breaker), 200, options);
    await failTimes(other, 1);
    expect(other.metrics).toMatchObject({ openings: 3, retryAfterMs: 400 });
  });

  test('tells that it has been restored, and looks after its health', async () => {
    const breaker = circuitBreaker({ ...first, clock });
    await failTimes(breaker, 1);
    const snapshot = filed(breaker);
    let checks = 0;
    const options = { ...first, healthProbe: healthProbe(() => ++checks > 0, { jitter: 0 }) };
    const other = circuitBreaker({ ...options, clock: later });
    const heard: unknown[] = [];
    other.on('opened', ({ reason, openForMs, openings }) => {
      heard.push([reason, openForMs, openings]);
    });
    restoreSnapshot(other, snapshot, { epochMs });
    expect(heard).toEqual([['restored', 5_000, 1]]);
    await later.advance(1_000);
    expect([checks, other.metrics.retryAfterMs]).toEqual([1, 0]);
  });
});

describe('other states', () => {
  test('a half-open circuit is open, and its next call probes', async () => {
    const breaker = circuitBreaker({ ...first, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    void breaker.outcome(hangs);
    expect(filed(breaker)).toMatchObject({ state: 'half-open', remainingMs: 0 });
    const other = restored(filed(breaker), 10, first);
    expect(other.metrics).toMatchObject({ state: 'open', retryAfterMs: 0, openings: 1 });
    await succeedTimes(other, 1);
    expect(other.state).toBe('closed');
  });

  test('a circuit during a ramp is open, and probes before it ramps again', async () => {
    const options = { ...first, ramp: ramp() };
    const breaker = circuitBreaker({ ...options, clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    await succeedTimes(breaker, 1);
    const other = restored(filed(breaker), 10, options);
    expect(other.metrics).toMatchObject({ state: 'open', admittedShare: undefined });
    await succeedTimes(other, 1);
    expect(other.metrics).toMatchObject({ state: 'half-open', admittedShare: 0.1 });
  });

  test('an isolated circuit is closed and has forgotten all: its handle is gone', async () => {
    const options = { trip: consecutiveFailures(3) };
    const breaker = circuitBreaker({ ...options, clock });
    await failTimes(breaker, 2);
    breaker.isolate();
    expect(filed(breaker).state).toBe('isolated');
    const other = restored(filed(breaker), 10, options);
    expect(other.state).toBe('closed');
    expect(other.metrics.trips[0]?.hits).toBe(0);
  });

  test('a breaker that is isolated by now takes over nothing', async () => {
    const breaker = circuitBreaker({ ...first, clock });
    await failTimes(breaker, 1);
    const other = circuitBreaker({ ...first, clock: later });
    const isolation = other.isolate();
    restoreSnapshot(other, filed(breaker), { epochMs });
    expect(other.state).toBe('isolated');
    isolation.release();
    expect(other.metrics).toMatchObject({ state: 'closed', openings: 0 });
  });

  test('a breaker that is open by now closes, and what is in flight does not count', async () => {
    const snapshot = filed(circuitBreaker({ ...first, clock }));
    const other = circuitBreaker({ ...first, clock: later });
    const late = manualCall(other);
    await failTimes(other, 1);
    const reasons: string[] = [];
    other.on('closed', ({ reason }) => reasons.push(reason));
    restoreSnapshot(other, snapshot, { epochMs });
    await late.reject();
    expect([other.state, reasons]).toEqual(['closed', ['restored']]);
  });
});

describe('what the trips have counted', () => {
  const trips: readonly Trip[] = [
    consecutiveFailures(50),
    countWindow({ failures: 40, size: 40 }),
    failureRatio({ windowMs: 10_000, minimumCalls: 100 }),
    failuresWithin({ failures: 50, windowMs: 2_000 }),
    slowCalls({ slowCallMs: 1_000, minimumCalls: 100, windowMs: 20_000 }),
  ];

  test('goes on to count, as far as it has not expired', async () => {
    const breaker = circuitBreaker({ trip: trips, clock });
    for (let i = 0; i < 3; i++) {
      const slow = manualCall(breaker);
      await clock.advance(1_000);
      await slow.resolve();
      await failTimes(breaker, 4);
    }
    const other = restored(filed(breaker), 1_000, { trip: trips });
    const hits = (): unknown =>
      Object.fromEntries(other.metrics.trips.map((each) => [each.trip, [each.hits, each.calls]]));
    expect(hits()).toEqual({
      consecutiveFailures: [4, 4],
      countWindow: [12, 15],
      failureRatio: [12, 15],
      failuresWithin: [4, 4],
      slowCalls: [3, 15],
    });
    await later.advance(8_000);
    expect(hits()).toMatchObject({ failureRatio: [4, 5], failuresWithin: [0, 0] });
    await later.advance(20_000);
    expect(hits()).toMatchObject({
      failureRatio: [0, 0],
      slowCalls: [0, 0],
      countWindow: [12, 15],
    });
  });

  test('goes to the trip of the same name, whatever its options, or nowhere', async () => {
    const breaker = circuitBreaker({
      trip: [countWindow({ failures: 9, size: 9 }), consecutiveFailures(9)],
      clock,
    });
    await succeedTimes(breaker, 3);
    await failTimes(breaker, 4);
    const other = restored(filed(breaker), 0, {
      trip: [failureRatio(), consecutiveFailures(5), countWindow({ failures: 4, size: 4 })],
    });
    expect(other.metrics.trips.map(({ hits }) => hits)).toEqual([0, 4, 4]);
    await failTimes(other, 1);
    expect(other.state).toBe('open');
  });

  test('says nothing any more when it is too old; a break that goes on does', async () => {
    const options = { trip: consecutiveFailures(3), halfOpenAfterMs: 86_400_000 };
    const breaker = circuitBreaker({ ...options, clock });
    await failTimes(breaker, 2);
    const counted = filed(breaker);
    await failTimes(breaker, 1);
    const open = filed(breaker);
    expect(restored(counted, 600_000, options).metrics.trips[0]?.hits).toBe(2);
    expect(restored(counted, 1, options).metrics.trips[0]?.hits).toBe(0);
    expect(restored(open, 0, options).metrics).toMatchObject({ state: 'open', openings: 1 });
    const other = circuitBreaker({ ...options, clock: later });
    epoch += 86_400_000;
    restoreSnapshot(other, open, { epochMs });
    expect(other.state).toBe('closed');
    restoreSnapshot(other, open, { epochMs, maxAgeMs: 1e10 });
    expect(other.metrics).toMatchObject({ state: 'open', retryAfterMs: 0 });
  });

  test('is saved and loaded by a trip of your own', async () => {
    const own = (canSave: boolean): Trip => ({
      trip: 'own',
      options: {},
      needsTime: 'never',
      counter: () => {
        let failures = 0;
        return {
          success: () => false,
          failure: () => ++failures >= 3,
          reset: () => {
            failures = 0;
          },
          reading: () => ({
            trip: 'own',
            calls: failures,
            hits: failures,
            value: failures,
            limit: 3,
          }),
          ...(canSave
            ? {
                save: () => ({ failures }),
                load: (saved: unknown) => {
                  ({ failures } = saved as { failures: number });
                },
              }
            : {}),
        };
      },
    });
    for (const canSave of [true, false]) {
      const breaker = circuitBreaker({ trip: own(canSave), clock });
      await failTimes(breaker, 2);
      const other = restored(filed(breaker), 0, { trip: own(canSave) });
      expect(other.metrics.trips[0]?.hits).toBe(canSave ? 2 : 0);
    }
  });
});

describe('a snapshot that cannot be used', () => {
  const good: CircuitSnapshot = {
    version: 1,
    takenAtMs: 0,
    state: 'closed',
    openings: 0,
    openedAgoMs: 0,
    remainingMs: 0,
    trips: [],
  };
  const counts = (trip: string, value: unknown): unknown => ({
    ...good,
    trips: [{ trip, counts: value }],
  });
  const rows: readonly [string, unknown, string, typeof TypeError][] = [
    ['nothing', undefined, 'Expected `snapshot` to be an object, got undefined.', TypeError],
    ['text', '{}', 'Expected `snapshot` to be an object, got "{}".', TypeError],
    [
      'a later version',
      { ...good, version: 2 },
      'Expected `snapshot.version` to be 1, got 2.',
      RangeError,
    ],
    ['no version', {}, 'Expected `snapshot.version` to be 1, got undefined.', RangeError],
    ['no time', { ...good, takenAtMs: null }, '`snapshot.takenAtMs`', TypeError],
    ['a negative time', { ...good, remainingMs: -1 }, '`snapshot.remainingMs`', RangeError],
    ['an endless time', { ...good, openedAgoMs: Infinity }, '`snapshot.openedAgoMs`', RangeError],
    ['another state', { ...good, state: 'broken' }, '`snapshot.state`', RangeError],
    ['half an opening', { ...good, openings: 0.5 }, '`snapshot.openings`', RangeError],
    ['no trips', { ...good, trips: {} }, '`snapshot.trips`', TypeError],
    ['an empty trip', { ...good, trips: [null] }, '`snapshot.trips[0]`', TypeError],
    ['a nameless trip', { ...good, trips: [{}] }, '`snapshot.trips[0].trip`', TypeError],
    ['wrong bits', counts('countWindow', '012'), '`snapshot.trips[0].counts`', TypeError],
    ['a wrong number', counts('consecutiveFailures', -1), '`snapshot.trips[0].counts`', RangeError],
    ['a wrong window', counts('failureRatio', 7), '`snapshot.trips[0].counts`', TypeError],
    ['a wrong part', counts('failureRatio', [7]), '`snapshot.trips[0].counts[0]`', TypeError],
    [
      'a wrong age',
      counts('failureRatio', [['x', 1, 1]]),
      '`snapshot.trips[0].counts[0][0]`',
      TypeError,
    ],
    [
      'wrong calls',
      counts('failureRatio', [[0, '', 1]]),
      '`snapshot.trips[0].counts[0][1]`',
      TypeError,
    ],
    [
      'too many hits',
      counts('failureRatio', [[0, 1, 2]]),
      '`snapshot.trips[0].counts[0][2]`',
      RangeError,
    ],
    [
      'too many parts',
      counts(
        'failureRatio',
        Array.from({ length: 11 }, () => [0, 1, 1]),
      ),
      'at most 10 parts, got 11',
      RangeError,
    ],
  ];
  test.each(rows)(
    '%s is refused by name, and nothing changes',
    async (_, snapshot, message, kind) => {
      const breaker = circuitBreaker({
        trip: [consecutiveFailures(2), countWindow({ failures: 3, size: 3 }), failureRatio()],
        clock,
      });
      await failTimes(breaker, 1);
      let thrown: unknown;
      try {
        restoreSnapshot(breaker, snapshot, { epochMs });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(kind);
      expect((thrown as Error).message).toContain(message);
      expect(breaker.metrics.trips.map(({ hits }) => hits)).toEqual([1, 1, 1]);
    },
  );

  test('is told apart from a breaker or an option that cannot be used', () => {
    const breaker = circuitBreaker({ clock });
    expect(() => takeSnapshot({} as never)).toThrow(/Expected `breaker` to be what/);
    expect(() => restoreSnapshot({} as never, good)).toThrow(/Expected `breaker` to be what/);
    expect(() => takeSnapshot(breaker, { epochMs: 5 as never })).toThrow(/`epochMs`.*a function/);
    expect(() => takeSnapshot(breaker, { epochMs: () => Number.NaN })).toThrow(/`epochMs\(\)`/);
    expect(() => takeSnapshot(breaker, { epoch: 1 } as never)).toThrow(/Unknown option `epoch`/);
    expect(() => restoreSnapshot(breaker, good, { maxAgeMs: -1 })).toThrow(/`maxAgeMs`.*got -1/);
  });

  test('takes its time from the process by default', () => {
    const { takenAtMs } = takeSnapshot(circuitBreaker());
    expect(Math.abs(takenAtMs - performance.timeOrigin - performance.now())).toBeLessThan(10_000);
  });
});
