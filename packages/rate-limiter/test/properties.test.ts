import {
  gcra,
  type RateAlgorithm,
  type RateState,
  slidingWindow,
  type Taken,
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

/** Pauses, from none to some windows, weights, and whether and when a reservation is cancelled. */
const arrivals = fc.array(
  fc.record({
    pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
    units: fc.integer({ min: 1, max: 4 }),
    how: fc.constantFrom('take', 'takeOne', 'reserve', 'cancel'),
    /** How many arrivals later it is cancelled. */
    after: fc.nat({ max: 4 }),
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
  const cancels = new Map<number, Taken[]>();
  let now = 5_000;
  for (const [i, { pauseMs, units: wanted, how, after }] of calls.entries()) {
    now += pauseMs;
    for (const taken of cancels.get(i) ?? []) state.giveBack(taken, now);
    const units = Math.min(wanted, capacity);
    const waitMs = state.waitFor(now, units);
    if (how === 'takeOne') {
      const mayGo = state.waitFor(now, 1) === 0;
      expect(state.takeOne(now)).toBe(mayGo);
      if (mayGo) went.push({ at: now, units: 1 });
    } else if (how !== 'take' || waitMs === 0) {
      const taken = state.take(now, units);
      expect(taken.at).toBeCloseTo(now + waitMs, 6);
      if (how === 'cancel') cancels.set(i + after, [...(cancels.get(i + after) ?? []), taken]);
      else went.push(taken);
      if (how === 'cancel' && after === 0) state.giveBack(taken, now);
    }
  }
  return went.toSorted((one, other) => one.at - other.at);
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

test('two that are given back one after the other do not free what came between', () => {
  const state = gcra({ limit: 1, windowMs: 1, burst: 2 }).makeState();
  const first = state.take(0, 1);
  const second = state.take(0, 1);
  state.giveBack(first, 0);
  const third = state.take(0, 2);
  expect(third.at).toBe(1);
  state.giveBack(second, 0);

  // What goes at 1 fills the bucket: the next has to wait until 2.
  expect(state.take(0, 1).at).toBe(2);
});

/** The plainest exact window there is. */
class NaiveWindow {
  private readonly taken: Went[] = [];
  private readonly limit: number;
  private readonly windowMs: number;

  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  waitFor(now: number, units: number): number {
    const newest = Math.max(now, ...this.taken.map(({ at }) => at));
    const candidates = [newest, ...this.taken.map(({ at }) => at + this.windowMs)];
    const fits = (at: number): boolean => {
      const before = this.taken.filter((each) => each.at > at - this.windowMs + rounding);
      return at >= newest && before.reduce((sum, each) => sum + each.units, units) <= this.limit;
    };
    return Math.min(...candidates.filter(fits)) - now;
  }

  take(now: number, units: number): void {
    this.taken.push({ at: now + this.waitFor(now, units), units });
  }

  cancelLast(): void {
    this.taken.pop();
  }
}

test('an exact window says what a naive one says', () => {
  fc.assert(
    fc.property(limits, arrivals, ({ limit, windowMs }, calls) => {
      const state = slidingWindow({ limit, windowMs }).makeState();
      const naive = new NaiveWindow(limit, windowMs);
      let now = 0;
      for (const { pauseMs, units: wanted, how } of calls) {
        now += pauseMs;
        const units = Math.min(wanted, limit);
        expect(state.waitFor(now, units)).toBeCloseTo(naive.waitFor(now, units), 2);
        if (how === 'take' && state.waitFor(now, units) > 0) continue;
        if (how === 'takeOne' && !state.takeOne(now)) continue;
        naive.take(now, how === 'takeOne' ? 1 : units);
        if (how === 'takeOne') continue;
        const taken = state.take(now, units);
        if (how !== 'cancel') continue;
        state.giveBack(taken, now);
        naive.cancelLast();
      }
    }),
    runs,
  );
});

test.each([
  ['smooth', gcra({ limit: 10, windowMs: 1_000, burst: 3 })],
  ['bucket', tokenBucket({ replenishRate: 10, burstCapacity: 5 })],
  ['window', slidingWindow({ limit: 5, windowMs: 1_000 })],
])('%s: what is given back at once, behind which nobody came, leaves no trace', (_, algorithm) => {
  fc.assert(
    fc.property(arrivals, fc.nat({ max: 5_000 }), (calls, laterMs) => {
      const state = algorithm.makeState();
      let now = 0;
      for (const { pauseMs, units, how } of calls) {
        now += pauseMs;
        const before = [state.waitFor(now, 1), state.resetAfter(now), state.remaining(now)];
        state.giveBack(state.take(now, Math.min(units, algorithm.capacity)), now);
        const after = [state.waitFor(now, 1), state.resetAfter(now), state.remaining(now)];
        for (const [i, each] of after.entries()) expect(each).toBeCloseTo(before[i] as number, 4);
        if (how === 'reserve') state.take(now, 1);
      }
      // All of it is there again by and by.
      const reset = now + state.resetAfter(now);
      expect(state.remaining(reset + laterMs + rounding)).toBe(algorithm.capacity);
    }),
    runs,
  );
});

test('a clock that stands at a huge time, or jumps far, confuses no algorithm', () => {
  const jumps = fc.array(fc.constantFrom(0, 1, 33.333_333, 1e7, 1e12), { maxLength: 30 });
  const makes = [
    () => gcra({ limit: 3, windowMs: 100, burst: 3 }),
    () => tokenBucket({ replenishRate: 30, burstCapacity: 3 }),
    () => slidingWindow({ limit: 3, windowMs: 100 }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...makes), jumps, (make, pauses) => {
      const state = make().makeState();
      let now = 1.7e12;
      for (const pause of pauses) {
        now += pause;
        if (pause >= 1e7) expect(state.remaining(now)).toBe(3);
        for (let i = 0; i < 4; i++) state.takeOne(now);
        expect(state.takeOne(now)).toBe(false);
        expect(state.waitFor(now, 1)).toBeLessThanOrEqual(100.001);
      }
    }),
    runs,
  );
});
