import fc from 'fast-check';
import { afterEach, beforeEach, describe, test, vi } from 'vitest';
import { type Fallback, type Options, Pair, type Plan } from './pair.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Step =
  | { readonly do: 'call'; readonly plan: Plan }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: Hand };
type Hand = 'open' | 'close' | 'enable' | 'disable' | 'clearCache';

// No two things happen at one instant: calls begin and end at a 3 (of ten milliseconds), timeouts
// strike at an 8, circuits half-open at a 4 or a 9, and slices of the window are over at a 0.
const plan = fc.record<Plan>({
  ends: fc.constantFrom('succeed', 'succeed', 'fail', 'fail', 'filtered', 'throw'),
  afterMs: fc.constantFrom(undefined, undefined, 10, 20, 40, 80),
  key: fc.constantFrom('a', 'b', 'c'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      plan,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.nat({ max: 9 }).map((tens) => 10 * tens),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom<Hand[]>('open', 'close', 'enable', 'disable', 'clearCache'),
    }),
  },
);
const steps = fc.array(step, { maxLength: 40, size: 'max' });

const options = fc.record<Options>({
  timeout: fc.constantFrom<(number | false)[]>(35, 55, false),
  resetTimeout: fc.constantFrom(101, 51),
  rollingCountTimeout: fc.constantFrom(200, 400),
  rollingCountBuckets: fc.constantFrom(4, 10),
  rollingPercentilesEnabled: fc.boolean(),
  errorThresholdPercentage: fc.constantFrom(0, 30, 50, 100),
  volumeThreshold: fc.constantFrom(0, 3, 6),
  allowWarmUp: fc.boolean(),
  enabled: fc.constantFrom(true, true, true, false),
  errorFilter: fc.constantFrom(
    (error: { readonly isFiltered?: boolean }) => error.isFiltered === true,
    () => false,
  ),
});

const answers = fc.record({
  cacheGetKey: fc.constant((asked: Plan) => String(asked.key)),
  cache: fc.boolean(),
  cacheTTL: fc.constantFrom(0, 33),
  cacheSize: fc.constantFrom(1, 2, undefined),
  coalesce: fc.boolean(),
  coalesceTTL: fc.constantFrom(0, 33, undefined),
  coalesceSize: fc.constantFrom(1, 2, undefined),
  coalesceResetOn: fc.subarray(['error', 'success', 'timeout'] as const).map((each) => [...each]),
});

/** Runs a scenario with both and compares them after each step, up to a difference on purpose. */
async function run(pair: Pair, all: readonly Step[]): Promise<void> {
  try {
    await pair.advance(3);
    for (const each of [...all, { do: 'wait', ms: 500 } as const]) {
      if (each.do === 'call') pair.fire(each.plan);
      else if (each.do === 'wait') await pair.advance(each.ms);
      else pair.both((breaker) => breaker[each.do]());
      await pair.settle();
      if (pair.late.found !== undefined) return;
      pair.compare();
    }
  } finally {
    pair.end();
  }
}

const fallback = fc.constantFrom<(Fallback | undefined)[]>(
  undefined,
  () => 'in its place',
  (_plan, id, error) => Promise.resolve(`${id}: ${error?.message}`),
  () => {
    throw new Error('no fallback');
  },
);

describe('generated scenarios', () => {
  test('of calls, waits and changes by hand come out as with opossum', async () => {
    await fc.assert(
      fc.asyncProperty(options, fallback, steps, (given, falls, all) =>
        run(new Pair({ options: given, fallback: falls }), all),
      ),
      { numRuns: 300 },
    );
  });

  test('of calls that share and keep answers come out as with opossum', async () => {
    await fc.assert(
      fc.asyncProperty(options, answers, fallback, steps, (given, more, falls, all) => {
        // What fails at once is forgotten at once by ours, and not by theirs.
        const isSafe = (each: Step): boolean => each.do !== 'call' || each.plan.ends !== 'throw';
        return run(
          new Pair({ options: { ...given, ...more }, fallback: falls }),
          all.filter(isSafe),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('of calls for which there is no place come out as with opossum', async () => {
    // Without anything that opens the circuit, since there ours is another on purpose; see differences.
    const never = { timeout: false, errorThresholdPercentage: 100 } as const;
    const capacity = fc.constantFrom(0, 1, 2, 3, undefined);
    const calls = steps.map((all) => all.filter((each) => each.do !== 'open'));
    await fc.assert(
      fc.asyncProperty(options, capacity, fallback, calls, (given, places, falls, all) => {
        const limited = { ...given, ...never, capacity: places };
        return run(new Pair({ options: limited, fallback: falls }), all);
      }),
      { numRuns: 200 },
    );
  });
});
