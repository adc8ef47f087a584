import { concurrentRetryBudget, retryBudget } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

function takeAll(budget: { tryRetry: () => boolean }, most = 10_000): number {
  let taken = 0;
  while (taken < most && budget.tryRetry()) taken++;
  return taken;
}

describe('a retry budget', () => {
  test('has ten per second for its ten seconds at first', () => {
    const budget = retryBudget({ clock: virtualClock() });
    expect(budget.available).toBe(100);
    expect(takeAll(budget)).toBe(100);
    expect(budget.available).toBe(0);
  });

  test('earns a fifth of a retry by each call', () => {
    const budget = retryBudget({ minPerSecond: 0, clock: virtualClock() });
    for (let i = 0; i < 4; i++) budget.begin();
    expect(budget.tryRetry()).toBe(false);
    budget.begin();
    expect(takeAll(budget)).toBe(1);
  });

  test('does not lose or gain by rounding', () => {
    const budget = retryBudget({ ratio: 0.1, minPerSecond: 0, clock: virtualClock() });
    for (let i = 0; i < 1_000_000; i++) budget.begin();
    expect(takeAll(budget, 1_000_000)).toBe(100_000);
  });

  test('forgets calls and retries after its window', async () => {
    const clock = virtualClock();
    const budget = retryBudget({ ratio: 1, minPerSecond: 0, windowMs: 1_000, clock });
    budget.begin();
    await clock.advance(899);
    expect(budget.available).toBe(1);
    await clock.advance(101);
    expect(budget.available).toBe(0);
    budget.begin();
    expect(takeAll(budget)).toBe(1);
    await clock.advance(1_000_000);
    budget.begin();
    expect(takeAll(budget)).toBe(1);
  });

  test('does not go by when calls and retries end', () => {
    const budget = retryBudget({ ratio: 1, minPerSecond: 0, clock: virtualClock() });
    budget.begin();
    budget.tryRetry();
    budget.retryEnded();
    budget.end();
    expect(budget.available).toBe(0);
  });

  test('bears a clock that begins below zero or goes back', () => {
    let now = -10_500;
    const clock = { now: () => now, setTimeout: vi.fn() };
    const budget = retryBudget({ ratio: 1, minPerSecond: 0, windowMs: 1_000, clock });
    budget.begin();
    now = -20_000;
    budget.begin();
    expect(takeAll(budget)).toBe(2);
  });

  test('takes the clock of the system by default', () => {
    expect(retryBudget().tryRetry()).toBe(true);
  });

  test('is never exceeded, against a recount of all that happened', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700 }) }),
        fc.record({ do: fc.constant('begin' as const), times: fc.integer({ min: 1, max: 9 }) }),
        fc.record({ do: fc.constant('retry' as const), times: fc.integer({ min: 1, max: 9 }) }),
      ),
      { maxLength: 200 },
    );
    const options = fc.record({
      ratio: fc.constantFrom(0, 0.1, 0.2, 0.5, 1),
      minPerSecond: fc.constantFrom(0, 0.5, 1, 3),
    });
    fc.assert(
      fc.property(steps, options, (list, { ratio, minPerSecond }) => {
        const windowMs = 1_000;
        let now = 0;
        const clock = { now: () => now, setTimeout: vi.fn() };
        const budget = retryBudget({ ratio, minPerSecond, windowMs, clock });
        const calls: number[] = [];
        const retries: number[] = [];
        const isAlive = (at: number): boolean => Math.floor(at / 100) > Math.floor(now / 100) - 10;
        for (const step of list) {
          if (step.do === 'wait') now += step.ms;
          for (let i = 0; step.do !== 'wait' && i < step.times; i++) {
            if (step.do === 'begin') {
              budget.begin();
              calls.push(now);
              continue;
            }
            const earned = ratio * calls.filter(isAlive).length + minPerSecond;
            const granted = budget.tryRetry();
            expect(granted).toBe(earned - retries.filter(isAlive).length >= 1);
            if (granted) retries.push(now);
          }
        }
      }),
    );
  });

  test.each([
    [{ ratio: -0.1 }, 'ratio'],
    [{ ratio: 1.1 }, 'ratio'],
    [{ ratio: Number.NaN }, 'ratio'],
    [{ minPerSecond: -1 }, 'minPerSecond'],
    [{ minPerSecond: '1' as never }, 'minPerSecond'],
    [{ windowMs: 0 }, 'windowMs'],
    [{ ttl: 5 } as never, 'ttl'],
  ])('cannot be made with %j', (options, name) => {
    expect(() => retryBudget(options)).toThrow(`\`${name}\``);
  });
});

describe('a concurrent retry budget', () => {
  test('has three however few the calls', () => {
    expect(takeAll(concurrentRetryBudget())).toBe(3);
  });

  test('has a fifth of the active calls where that is more', () => {
    const budget = concurrentRetryBudget();
    for (let i = 0; i < 24; i++) budget.begin();
    expect(takeAll(budget)).toBe(4);
    budget.begin();
    expect(takeAll(budget)).toBe(1);
  });

  test('gets back what has ended', () => {
    const budget = concurrentRetryBudget({ minConcurrent: 1 });
    expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
    budget.retryEnded();
    expect(budget.tryRetry()).toBe(true);
  });

  test('grants none while more are active than the calls that are left allow', () => {
    const budget = concurrentRetryBudget({ ratio: 1, minConcurrent: 0 });
    for (let i = 0; i < 5; i++) budget.begin();
    expect(takeAll(budget)).toBe(5);
    for (let i = 0; i < 3; i++) budget.end();
    budget.retryEnded();
    expect(budget.available).toBe(0);
    expect(budget.tryRetry()).toBe(false);
  });

  test('is never exceeded, against a plain count', () => {
    const step = fc.constantFrom('begin', 'end', 'retry', 'retryEnded');
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 300 }),
        fc.constantFrom(0, 0.2, 0.5, 1),
        fc.integer({ min: 0, max: 4 }),
        (list, ratio, minConcurrent) => {
          const budget = concurrentRetryBudget({ ratio, minConcurrent });
          let [calls, retries] = [0, 0];
          for (const each of list) {
            if (each === 'begin') {
              budget.begin();
              calls++;
            } else if (each === 'end' && calls > 0) {
              budget.end();
              calls--;
            } else if (each === 'retryEnded' && retries > 0) {
              budget.retryEnded();
              retries--;
            } else if (each === 'retry') {
              const fits = retries + 1 <= Math.max(minConcurrent, ratio * calls);
              expect(budget.tryRetry()).toBe(fits);
              if (fits) retries++;
            }
          }
        },
      ),
    );
  });

  test.each([
    [{ ratio: 2 }, 'ratio'],
    [{ minConcurrent: -1 }, 'minConcurrent'],
    [{ minConcurrent: 1.5 }, 'minConcurrent'],
    [{ clock: 5 } as never, 'clock'],
  ])('cannot be made with %j', (options, name) => {
    expect(() => concurrentRetryBudget(options)).toThrow(`\`${name}\``);
  });
});
