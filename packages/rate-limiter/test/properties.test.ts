import {
  gcra,
  type RateAlgorithm,
  type RateState,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 300) };
/** Sums of floating numbers. */
const rounding = 1e-3;

interface Went {
  readonly at: number;
  readonly units: number;
}

/** Pauses, from none to some windows, and weights. */
const arrivals = fc.array(
  fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
    units: fc.integer({ min: 1, max: 4 }),
    how: fc.constantFrom('take', 'takeOne', 'reserve', 'reserve and cancel'),
  }),
  { minLength: 1, maxLength: 80 },
);

type Arrival = (
  typeof arrivals extends fc.Arbitrary<infer A>
    ? A
    : never
) extends readonly (infer One)[]
  ? One
  : never;

/** What goes, and when, of calls that come at these times. */
function gone(state: RateState, capacity: number, calls: readonly Arrival[]): Went[] {
  const went: Went[] = [];
  let now = 5_000;
  for (const call of calls) {
    now += call.pauseMs;
    went.push(...goneOf(state, Math.min(call.units, capacity), call.how, now));
  }
  return went.toSorted((a, b) => a.at - b.at);
}

function goneOf(state: RateState, units: number, how: Arrival['how'], now: number): Went[] {
  if (how === 'takeOne') return state.takeOne(now) ? [{ at: now, units: 1 }] : [];
  const waitMs = state.waitFor(now, units);
  if (how === 'take' && waitMs > 0) return [];
  const taken = state.take(now, units);
  expect(taken.at).toBeCloseTo(now + waitMs, 6);
  const { at } = taken;
  if (how !== 'reserve and cancel') return [{ at, units }];
  state.giveBack(taken);
  return [];
}

/** The most units that went within any time of that length, both of its ends included. */
function mostWithin(went: readonly Went[], lengthMs: number): number {
  let most = 0;
  for (const [i, { at }] of went.entries()) {
    let units = 0;
    for (const each of went.slice(i)) if (each.at <= at + lengthMs) units += each.units;
    most = Math.max(most, units);
  }
  return most;
}

function neverMoreThanBurstAndRate(algorithm: RateAlgorithm, calls: readonly Arrival[]): void {
  const went = gone(algorithm.makeState(), algorithm.capacity, calls);
  const perMs = algorithm.limit / algorithm.windowMs;
  for (const [i, first] of went.entries()) {
    let units = 0;
    for (const each of went.slice(i)) {
      units += each.units;
      const allowed = algorithm.capacity + (each.at - first.at) * perMs;
      expect(units).toBeLessThanOrEqual(allowed + rounding);
    }
  }
}

const limits = fc.record({
  limit: fc.integer({ min: 1, max: 50 }),
  windowMs: fc.integer({ min: 1, max: 5_000 }),
});

describe('whatever comes when', () => {
  test('a smooth limiter never lets more go than its burst and its rate', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 20 }), arrivals, (limit, burst, calls) => {
        neverMoreThanBurstAndRate(gcra({ ...limit, burst }), calls);
      }),
      runs,
    );
  });

  test('a bucket of tokens never lets more go than it holds and than comes in', () => {
    const rate = fc.double({ min: 0.1, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 20 }), arrivals, (replenishRate, size, calls) => {
        neverMoreThanBurstAndRate(tokenBucket({ replenishRate, burstCapacity: size }), calls);
      }),
      runs,
    );
  });

  test('an exact window never has more than its limit, wherever it begins', () => {
    fc.assert(
      fc.property(limits, arrivals, (limit, calls) => {
        const algorithm = slidingWindow(limit);
        const went = gone(algorithm.makeState(), algorithm.capacity, calls);
        // What goes a whole window later is in the next one.
        expect(mostWithin(went, limit.windowMs - rounding)).toBeLessThanOrEqual(limit.limit);
      }),
      runs,
    );
  });

  test.each([
    ['smooth', gcra({ limit: 10, windowMs: 1_000, burst: 3 })],
    ['bucket', tokenBucket({ replenishRate: 10, burstCapacity: 5 })],
    ['window', slidingWindow({ limit: 5, windowMs: 1_000 })],
  ])('%s: a call that waits as long as it is told may go then, and not before', (_, algorithm) => {
    fc.assert(
      fc.property(arrivals, (calls) => {
        const state = algorithm.makeState();
        let now = 0;
        for (const { pauseMs, units } of calls) {
          now += pauseMs;
          const weight = Math.min(units, algorithm.capacity);
          const waitMs = state.waitFor(now, weight);
          if (waitMs > 0.01) expect(state.waitFor(now + waitMs - 0.01, weight)).toBeGreaterThan(0);
          expect(state.waitFor(now + waitMs, weight)).toBe(0);
          state.take(now + waitMs, weight);
          now += waitMs;
        }
      }),
      runs,
    );
  });

  test.each([
    ['smooth', gcra({ limit: 10, windowMs: 1_000, burst: 3 })],
    ['bucket', tokenBucket({ replenishRate: 10, burstCapacity: 5 })],
    ['window', slidingWindow({ limit: 5, windowMs: 1_000 })],
  ])('%s: says how much remains and when all of it is there again', (_, algorithm) => {
    fc.assert(
      fc.property(arrivals, (calls) => {
        const state = algorithm.makeState();
        let now = 0;
        for (const { pauseMs } of calls) {
          now += pauseMs;
          const remaining = state.remaining(now);
          expect(state.waitFor(now, Math.max(1, remaining)) === 0).toBe(remaining > 0);
          if (remaining < algorithm.capacity) {
            expect(state.waitFor(now, remaining + 1)).toBeGreaterThan(0);
          }
          expect(state.remaining(now + state.resetAfter(now) + rounding)).toBe(algorithm.capacity);
          state.takeOne(now);
        }
      }),
      runs,
    );
  });
});
