import { hedge, hedgeNumber } from '@holdfast/hedge';
import { compose, concurrentRetryBudget } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

/** Answers after so many milliseconds, whatever happens to its signal. */
function later<T>(clock: ReturnType<typeof virtualClock>, ms: number, value: T): Promise<T> {
  return new Promise((resolve) => clock.setTimeout(() => resolve(value), ms));
}

test('Polly: a loser that does not heed its signal delays the winner', async () => {
  const clock = virtualClock();
  const policy = hedge({ safe: true, afterMs: 10, clock });
  const call = policy
    .execute((context) => later(clock, hedgeNumber(context) === 0 ? 60_000 : 10, 'fast'))
    .then(() => clock.now());
  await clock.advance(20);
  expect(await call).toBe(20);
});

test('Polly: attempts share one context, and one ends the other (#1754, #1340)', async () => {
  const clock = virtualClock();
  const policy = compose(
    hedge({ safe: true, afterMs: 10, maxHedges: 2, clock }),
    timeout({ afterMs: 25, clock }),
  );
  const signals: AbortSignal[] = [];
  const call = policy.outcome(({ signal }) => {
    signals.push(signal);
    return later(clock, signals.length === 1 ? 100 : 20, signals.length);
  });
  await clock.advance(26);
  // The first attempt has timed out by itself; the second goes on.
  expect(new Set(signals).size).toBe(3);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
  await clock.advance(10);
  expect(await call).toMatchObject({ ok: true, value: 2 });
});

test('resilience4j: the first to settle wins, also when it failed', async () => {
  const clock = virtualClock();
  const policy = hedge({ safe: true, afterMs: 10, clock });
  const call = policy.execute(async (context) => {
    if (hedgeNumber(context) === 1) throw new Error('down');
    return later(clock, 100, 'good');
  });
  await clock.advance(100);
  expect(await call).toBe('good');
});

test('failsafe-go: an exhausted budget ends the hedges that are on their way (#141)', async () => {
  const clock = virtualClock();
  const budget = concurrentRetryBudget({ ratio: 0, minConcurrent: 1 });
  const policy = hedge({ safe: true, afterMs: 10, maxHedges: 3, budget, clock });
  const call = policy.execute((context) =>
    later(clock, hedgeNumber(context) === 0 ? 500 : 50, hedgeNumber(context)),
  );
  await clock.advance(60);
  expect(await call).toBe(1);
  expect(budget.available).toBe(1);
});

test('failsafe-go: a failed attempt waits for the timer before the next begins', async () => {
  const clock = virtualClock();
  const policy = hedge({ safe: true, afterMs: 10_000, clock });
  const call = policy
    .execute((context) =>
      hedgeNumber(context) === 0 ? Promise.reject(new Error('down')) : clock.now(),
    )
    .then((at) => at);
  await clock.flush();
  expect(await call).toBe(0);
});

test('failsafe-go: the winner is aborted after it has won, and its body with it (#65, #122)', async () => {
  const clock = virtualClock();
  const policy = hedge({ safe: true, afterMs: 10, clock });
  const signals: AbortSignal[] = [];
  const call = policy.execute((context) => {
    signals.push(context.signal);
    return later(clock, hedgeNumber(context) === 0 ? 100 : 20, hedgeNumber(context));
  });
  await clock.advance(30);
  expect(await call).toBe(1);
  await clock.advance(1_000);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test('all: nobody has to say that an operation is safe to run twice', () => {
  expect(() => hedge({ afterMs: 10 } as never)).toThrow(/`safe`/u);
});
