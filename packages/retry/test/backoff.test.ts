import {
  type Backoff,
  type BackoffContext,
  constant,
  delays,
  exponential,
  linear,
} from '@holdfast/retry';
import { seededRandom } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

function context(step: number, previousDelayMs?: number): BackoffContext {
  const outcome = { ok: false, error: new Error('failed') } as const;
  return { attempt: step, step, outcome, previousDelayMs, elapsedMs: 0 };
}

/** The delays that a back-off gives in one call. */
function sequence(backoff: Backoff, length: number): number[] {
  const result: number[] = [];
  for (let step = 1; step <= length; step++) {
    result.push(backoff(context(step, result.at(-1))) as number);
  }
  return result;
}

describe('without jitter', () => {
  test('exponential doubles up to its longest delay', () => {
    const backoff = exponential({ initialMs: 100, maxMs: 1_000, jitter: 'none' });
    expect(sequence(backoff, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test('exponential multiplies by its factor', () => {
    const backoff = exponential({ initialMs: 1, factor: 3, jitter: 'none' });
    expect(sequence(backoff, 4)).toEqual([1, 3, 9, 27]);
  });

  test('exponential from zero stays zero, also where the factor has grown beyond all numbers', () => {
    const backoff = exponential({ initialMs: 0, jitter: 'none' });
    expect([backoff(context(1)), backoff(context(10_000))]).toEqual([0, 0]);
  });

  test('linear adds the same each time, the first delay unless told otherwise', () => {
    expect(sequence(linear({ initialMs: 50, jitter: 'none' }), 3)).toEqual([50, 100, 150]);
    const backoff = linear({ initialMs: 50, stepMs: 20, maxMs: 80, jitter: 'none' });
    expect(sequence(backoff, 4)).toEqual([50, 70, 80, 80]);
  });

  test('constant and a list give what they were given, the last item of a list for ever', () => {
    expect(sequence(constant(70), 3)).toEqual([70, 70, 70]);
    expect(sequence(delays([0, 5, 9]), 5)).toEqual([0, 5, 9, 9, 9]);
  });

  test('a list is copied', () => {
    const list = [1, 2];
    const backoff = delays(list);
    list[0] = 99;
    expect(backoff(context(1))).toBe(1);
  });
});

describe('with jitter', () => {
  const anyGrowth = fc.record({
    initialMs: fc.integer({ min: 0, max: 5_000 }),
    maxMs: fc.integer({ min: 5_000, max: 100_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    seed: fc.integer(),
  });
  const steps = 40;

  test.each([
    ['full', 0],
    ['equal', 0.5],
    ['none', 1],
  ] as const)(
    'exponential with %s jitter keeps between that share and the delay',
    (jitter, least) => {
      fc.assert(
        fc.property(anyGrowth, ({ seed, ...growth }) => {
          const backoff = exponential({ ...growth, jitter, random: seededRandom(seed) });
          const plain = exponential({ ...growth, jitter: 'none' });
          const longest = sequence(plain, steps);
          sequence(backoff, steps).forEach((delayMs, i) => {
            expect(delayMs).toBeGreaterThanOrEqual(least * (longest[i] as number));
            expect(delayMs).toBeLessThanOrEqual(longest[i] as number);
          });
        }),
      );
    },
  );

  test('exponential with decorrelated jitter keeps between the first delay and a multiple of the last', () => {
    fc.assert(
      fc.property(anyGrowth, ({ seed, ...growth }) => {
        const { initialMs, maxMs, factor } = growth;
        const random = seededRandom(seed);
        const backoff = exponential({ ...growth, jitter: 'decorrelated', random });
        let previous = initialMs;
        for (const delayMs of sequence(backoff, steps)) {
          expect(delayMs).toBeGreaterThanOrEqual(Math.min(maxMs, initialMs));
          expect(delayMs).toBeLessThanOrEqual(Math.min(maxMs, previous * (factor + 1)));
          previous = delayMs;
        }
      }),
    );
  });

  test('decorrelated jitter is three times the last delay at most where the factor is 2', () => {
    const backoff = exponential({
      initialMs: 10,
      jitter: 'decorrelated',
      random: () => 1 - 2 ** -53,
    });
    expect(sequence(backoff, 3).map(Math.round)).toEqual([30, 90, 270]);
  });

  test('any delay of any step is a number from 0 up', () => {
    fc.assert(
      fc.property(
        anyGrowth,
        fc.integer({ min: 1, max: 10_000_000 }),
        ({ seed, ...growth }, step) => {
          const random = seededRandom(seed);
          const { initialMs, maxMs } = growth;
          const all = [
            exponential({ ...growth, random }),
            linear({ initialMs, maxMs, random }),
            constant(initialMs, { jitter: 'full', random }),
            delays([initialMs, maxMs], { jitter: 'equal', random }),
          ];
          for (const backoff of all) {
            const delayMs = backoff(context(step)) as number;
            expect(delayMs >= 0 && delayMs <= maxMs).toBe(true);
          }
        },
      ),
    );
  });

  test('the same seed gives the same delays, and Math.random serves without one', () => {
    const once = sequence(exponential({ random: seededRandom(7) }), 5);
    const again = sequence(exponential({ random: seededRandom(7) }), 5);
    expect(again).toEqual(once);
    expect(exponential()(context(1))).toBeLessThan(100);
  });
});

describe('options that cannot be used', () => {
  test.each<[string, () => unknown, string]>([
    ['a negative delay', () => constant(-1), '`delayMs`'],
    ['a delay that is no number', () => constant(Number.NaN), '`delayMs`'],
    ['an endless delay', () => exponential({ maxMs: Infinity }), '`maxMs`'],
    ['a longest delay below the first', () => exponential({ initialMs: 30_000 }), '`maxMs`'],
    ['the same of linear', () => linear({ initialMs: 9, maxMs: 8 }), '`maxMs`'],
    ['a factor that shrinks', () => exponential({ factor: 0.5 }), '`factor`'],
    ['an unknown jitter', () => exponential({ jitter: 'some' as 'full' }), '`jitter`'],
    [
      'decorrelated where it means nothing',
      () => linear({ jitter: 'decorrelated' as 'full' }),
      '`jitter`',
    ],
    ['a random that is none', () => exponential({ random: 0.5 as never }), '`random`'],
    ['an unknown option', () => exponential({ exponent: 2 } as never), '`exponent`'],
    ['no list', () => delays(5 as never), '`list`'],
    ['an empty list', () => delays([]), '`list`'],
    ['a list with NaN', () => delays([1, Number.NaN]), '`list[1]`'],
  ])('%s is refused by name', (_what, make, name) => {
    expect(make).toThrow(name);
  });
});
