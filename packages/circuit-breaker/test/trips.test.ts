import {
  circuitBreaker,
  consecutiveFailures,
  countWindow,
  failureRatio,
  failuresWithin,
  slowCalls,
  type Trip,
} from '@holdfast/circuit-breaker';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';
import { fails, failTimes, succeeds, succeedTimes } from './calls.ts';

/** Makes calls, `f` failing and `s` succeeding, and returns the states after each. */
async function statesAfter(trip: Trip, calls: string): Promise<string> {
  const breaker = circuitBreaker({ trip, clock: virtualClock() });
  let states = '';
  for (const call of calls) {
    await breaker.outcome<unknown>(call === 'f' ? fails : succeeds);
    states += breaker.state === 'closed' ? 'c' : 'o';
  }
  return states;
}

describe('the trips', () => {
  const rows: readonly [string, Trip, string, string][] = [
    ['the third failure in a row', consecutiveFailures(3), 'ffsfff', 'ccccco'],
    ['a first failure', consecutiveFailures(1), 'sf', 'co'],
    ['2 of the last 3', countWindow({ failures: 2, size: 3 }), 'fssfsf', 'ccccco'],
    ['2 failures without a minimum', countWindow({ failures: 2, size: 10 }), 'ff', 'co'],
    ['a minimum', countWindow({ failures: 2, size: 9, minimumCalls: 4 }), 'fssff', 'cccoo'],
    ['all of the last 3', countWindow({ failures: 3, size: 3 }), 'ffsfff', 'ccccco'],
    ['half', failureRatio({ minimumCalls: 4 }), 'sssfff', 'ccccco'],
    ['exactly half', failureRatio({ minimumCalls: 4 }), 'ssff', 'ccco'],
    ['all', failureRatio({ failureRatio: 1, minimumCalls: 3 }), 'fff', 'cco'],
    [
      'not a success that makes the calls enough',
      failureRatio({ minimumCalls: 3 }),
      'ffsf',
      'ccco',
    ],
    ['3 failures', failuresWithin({ failures: 3, windowMs: 100 }), 'fsssfssf', 'ccccccco'],
  ];
  test.each(rows)('open at: %s', async (_, trip, calls, states) => {
    expect(await statesAfter(trip, calls)).toBe(states);
  });

  test('one trip serves two breakers without joining their counts', async () => {
    const trip = consecutiveFailures(2);
    const [a, b] = [circuitBreaker({ trip }), circuitBreaker({ trip })];
    await failTimes(a, 1);
    await failTimes(b, 1);
    expect([a.state, b.state]).toEqual(['closed', 'closed']);
  });

  test('any of several opens the circuit, and all of them count each call', async () => {
    const trip = [consecutiveFailures(3), countWindow({ failures: 4, size: 10 })];
    const breaker = circuitBreaker({ trip, clock: virtualClock() });
    await failTimes(breaker, 2);
    await succeedTimes(breaker, 1);
    await failTimes(breaker, 1);
    expect(breaker.metrics.trips.map(({ value }) => value)).toEqual([1, 3]);
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  test('a time window forgets failures while nobody calls', async () => {
    const clock = virtualClock();
    const trip = failuresWithin({ failures: 2, windowMs: 1_000 });
    const breaker = circuitBreaker({ trip, clock });
    await failTimes(breaker, 1);
    await clock.advance(1_000);
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    expect(breaker.metrics.trips[0]).toMatchObject({ hits: 1 });
  });

  test('a circuit that has closed begins to count anew', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ minimumCalls: 2, clock });
    await failTimes(breaker, 2);
    await clock.advance(5_000);
    await succeedTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    await failTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
  });

  test('a counting breaker that is closed reads no clock', async () => {
    const clock = virtualClock();
    vi.spyOn(clock, 'now').mockImplementation(() => {
      throw new Error('the clock was read');
    });
    for (const trip of [consecutiveFailures(3), countWindow({ failures: 4, size: 9 })]) {
      const breaker = circuitBreaker({ trip, clock });
      await failTimes(breaker, 2);
      await succeedTimes(breaker, 1);
      breaker.tryAcquire()?.fail(new Error('down'));
      expect(breaker.state).toBe('closed');
    }
  });

  test('a trip of your own decides as well, also on a success', async () => {
    const everyThird: Trip = {
      trip: 'everyThird',
      options: {},
      needsTime: 'never',
      counter() {
        let calls = 0;
        const count = (): boolean => ++calls % 3 === 0;
        const reading = { trip: 'everyThird', calls: 0, hits: 0, value: 0, limit: 3 };
        return { success: count, failure: count, reset: () => {}, reading: () => reading };
      },
    };
    expect(await statesAfter(everyThird, 'sfs')).toBe('cco');
  });
});

describe('the trip by slow calls', () => {
  const trip = slowCalls({ slowCallMs: 100, minimumCalls: 2 });
  const clock = virtualClock();
  const slowly = async (ms: number): Promise<void> => {
    await clock.advance(ms);
  };

  test('opens when enough calls take as long as `slowCallMs`, although they succeed', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await breaker.execute(() => slowly(99));
    await breaker.execute(() => slowly(99));
    expect(breaker.state).toBe('closed');
    await breaker.execute(() => slowly(100));
    expect(breaker.state).toBe('closed');
    await breaker.execute(() => slowly(100));
    expect(breaker.state).toBe('open');
  });

  test('takes a slow probe for a failed one, and a fast one for a success', async () => {
    const breaker = circuitBreaker({ trip, clock });
    await breaker.execute(() => slowly(100));
    await breaker.execute(() => slowly(100));
    await clock.advance(5_000);
    await breaker.execute(() => slowly(100));
    expect(breaker.state).toBe('open');
    await clock.advance(5_000);
    await breaker.execute(() => slowly(99));
    expect(breaker.state).toBe('closed');
  });

  test('times a permit of tryAcquire, too', async () => {
    const breaker = circuitBreaker({
      trip: slowCalls({ slowCallMs: 100, minimumCalls: 1 }),
      clock,
    });
    const permit = breaker.tryAcquire();
    await clock.advance(100);
    permit?.succeed();
    expect(breaker.state).toBe('open');
  });
});
