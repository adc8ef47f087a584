import { gcra, rateLimiter, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const turnEnd = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the time of the process stand still, except when it is moved. */
function stoppedClock(): { now: number; readings: () => number } {
  const read = vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  const clock = { now: 10_000, readings: () => read.mock.calls.length };
  return clock;
}

describe('with the clock of the process', () => {
  test('the calls of one turn share a reading of it while there is room for all of them', async () => {
    const clock = stoppedClock();
    await turnEnd();
    const limiter = rateLimiter({ algorithm: gcra({ limit: 1_000, windowMs: 1_000, burst: 50 }) });
    const before = clock.readings();
    const calls = Array.from({ length: 50 }, () => limiter.execute(() => 1));
    expect(clock.readings() - before).toBe(1);
    await Promise.all(calls);
  });

  test('the last unit of the limit goes, and no more', async () => {
    stoppedClock();
    const limiter = rateLimiter({ algorithm: slidingWindow({ limit: 5, windowMs: 1_000 }) });
    const outcomes = await Promise.all(Array.from({ length: 7 }, () => limiter.outcome(() => 1)));

    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true, true, false, false]);
  });

  test('what went in a turn is seen by whoever asks by hand, in that turn and later', async () => {
    const clock = stoppedClock();
    const limiter = rateLimiter({
      algorithm: tokenBucket({ replenishRate: 10, burstCapacity: 10 }),
    });
    for (let i = 0; i < 4; i++) void limiter.execute(() => 1);
    expect(limiter.peek().remaining).toBe(6);
    for (let i = 0; i < 4; i++) void limiter.execute(() => 1);
    await turnEnd();
    clock.now += 100;

    expect(limiter.peek().remaining).toBe(3);
  });

  test('calls that wait count from when they go, also if somebody blocks the turn', async () => {
    const clock = stoppedClock();
    const limiter = rateLimiter({
      algorithm: slidingWindow({ limit: 3, windowMs: 100 }),
      maxQueued: 9,
    });
    const went: number[] = [];
    const call = (): void => void limiter.execute(() => went.push(clock.now));
    for (let i = 0; i < 6; i++) call();
    await turnEnd();
    clock.now += 100;
    call();
    // The caller goes on for long, and only then do the others get to their turn.
    clock.now += 50;
    await vi.waitFor(() => expect(went).toHaveLength(6));
    expect(went).toEqual([10_000, 10_000, 10_000, 10_150, 10_150, 10_150]);
    clock.now += 60;
    expect(limiter.peek().remaining).toBe(0);
  });

  test('a burst counts from its turn, not from the next call', async () => {
    const clock = stoppedClock();
    const limiter = rateLimiter({ algorithm: slidingWindow({ limit: 10, windowMs: 1_000 }) });
    for (let i = 0; i < 10; i++) void limiter.execute(() => 1);
    await turnEnd();
    clock.now += 1_000;

    const outcomes = await Promise.all(Array.from({ length: 10 }, () => limiter.outcome(() => 1)));

    expect(outcomes.every(({ ok }) => ok)).toBe(true);
  });

  test('fake timers have each call look at the clock, since time jumps within a turn', async () => {
    vi.useFakeTimers();
    const limiter = rateLimiter({ algorithm: slidingWindow({ limit: 2, windowMs: 1_000 }) });
    const allowed: boolean[] = [];
    for (let i = 0; i < 4; i++) {
      void limiter.outcome(() => 1).then(({ ok }) => allowed.push(ok));
      vi.advanceTimersByTime(500);
    }
    await vi.advanceTimersByTimeAsync(0);

    expect(allowed).toEqual([true, true, true, true]);
  });

  test('never more goes than may, wherever turns end and however long they are', async () => {
    const clock = stoppedClock();
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('call' as const), times: fc.integer({ min: 1, max: 8 }) }),
        fc.record({ do: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 300 }) }),
        fc.constant({ do: 'turn' as const }),
        fc.constant({ do: 'by hand' as const }),
      ),
      { maxLength: 40 },
    );
    const algorithms = fc.constantFrom(
      gcra({ limit: 20, windowMs: 1_000, burst: 6 }),
      tokenBucket({ replenishRate: 10, burstCapacity: 8 }),
      slidingWindow({ limit: 7, windowMs: 500 }),
    );
    await fc.assert(
      fc.asyncProperty(algorithms, steps, async (algorithm, all) => {
        const limiter = rateLimiter({ algorithm });
        const went: number[] = [];
        for (const step of all) {
          if (step.do === 'time') clock.now += step.ms;
          else if (step.do === 'turn') await turnEnd();
          else if (step.do === 'by hand') {
            if (limiter.tryAcquire().allowed) went.push(clock.now);
          } else {
            for (let i = 0; i < step.times; i++) {
              void limiter.outcome(() => went.push(clock.now));
            }
          }
        }
        const { kind, limit, windowMs, capacity } = algorithm;
        for (const [i, first] of went.entries()) {
          for (const [j, at] of went.entries()) {
            if (j < i) continue;
            const ms = at - first;
            const most = kind === 'sliding-window' ? limit : capacity + (ms * limit) / windowMs;
            if (kind !== 'sliding-window' || ms < windowMs) {
              expect(j - i + 1).toBeLessThanOrEqual(most + 1e-6);
            }
          }
        }
        await turnEnd();
        expect(limiter.peek().remaining).toBeLessThanOrEqual(capacity);
        clock.now += limiter.peek().resetAfterMs + 1;
        expect(limiter.peek().remaining).toBe(capacity);
      }),
      { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 200) },
    );
  });
});
