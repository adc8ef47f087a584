import {
  compose,
  deadlineHeap,
  DeadlineQueue,
  type QueuedDeadline,
  systemClock,
} from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.useRealTimers();
});

class Item {
  due: number | undefined = undefined;
  previous: QueuedDeadline | null = null;
  next: QueuedDeadline | null = null;
  place = -1;
  expiredAt: number | undefined;
  private readonly now: () => number;
  constructor(now: () => number) {
    this.now = now;
  }
  expire(): void {
    this.expiredAt = this.now();
  }
}

/** Adds and removes at any times; each is removed, or expires at exactly its time. */
const steps = fc.array(
  fc.record({
    waitMs: fc.nat(30),
    durationMs: fc.nat(50),
    removeAfterMs: fc.option(fc.nat(60), { nil: undefined }),
  }),
  { maxLength: 30 },
);

describe('for any deadlines', () => {
  test('a queue lets each expire at its time, unless it was removed before', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(40), async (list, durationMs) => {
        const clock = virtualClock();
        const queue = new DeadlineQueue(clock, durationMs);
        const expected: [Item, number | undefined][] = [];
        for (const { waitMs, removeAfterMs } of list) {
          await clock.advance(waitMs);
          const item = new Item(() => clock.now());
          const removes = removeAfterMs !== undefined && removeAfterMs < durationMs;
          queue.add(item);
          if (removes) clock.setTimeout(() => queue.remove(item), removeAfterMs);
          expected.push([item, removes ? undefined : clock.now() + durationMs]);
        }
        await clock.runUntilIdle();
        for (const [item, at] of expected) expect(item.expiredAt).toBe(at);
      }),
      { numRuns: 200 },
    );
  });

  test('a heap does the same for any durations', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const clock = virtualClock();
        const heap = deadlineHeap(clock);
        const expected: [Item, number | undefined][] = [];
        for (const { waitMs, durationMs, removeAfterMs } of list) {
          await clock.advance(waitMs);
          const item = new Item(() => clock.now());
          const removes = removeAfterMs !== undefined && removeAfterMs < durationMs;
          heap.add(item, clock.now() + durationMs);
          if (removes) clock.setTimeout(() => heap.remove(item), removeAfterMs);
          expected.push([item, removes ? undefined : clock.now() + durationMs]);
        }
        await clock.runUntilIdle();
        for (const [item, at] of expected) expect(item.expiredAt).toBe(at);
      }),
      { numRuns: 200 },
    );
  });
});

const hangs = (): Promise<never> => new Promise(() => undefined);

describe('under fake timers', () => {
  const makers = {
    'of a constant duration': () => timeout({ afterMs: 40 }),
    'by a function': () => timeout({ afterMs: () => 40 }),
  };
  for (const [kind, make] of Object.entries(makers)) {
    test(`a timeout ${kind} is exact`, async () => {
      vi.useFakeTimers();
      const settled = vi.fn();
      void make().outcome(hangs).then(settled);
      await vi.advanceTimersByTimeAsync(39);
      expect(settled).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(settled).toHaveBeenCalledOnce();
    });

    test(`a call under fakes that are gone does not keep a timeout ${kind} from striking`, async () => {
      const policy = make();
      vi.useFakeTimers();
      vi.advanceTimersByTime(3_600_000);
      void policy.outcome(hangs);
      await vi.advanceTimersByTimeAsync(1);
      vi.useRealTimers();
      const startedAt = performance.now();
      expect((await policy.outcome(hangs)).ok).toBe(false);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40);
      expect(performance.now() - startedAt).toBeLessThan(400);
    });

    test(`a call from before the fakes does not keep a timeout ${kind} from striking`, async () => {
      const policy = make();
      const before = policy.outcome(hangs);
      await new Promise(setImmediate);
      vi.useFakeTimers();
      const settled = vi.fn();
      void policy.outcome(hangs).then(settled);
      await vi.advanceTimersByTimeAsync(40);
      expect(settled).toHaveBeenCalledOnce();
      vi.useRealTimers();
      expect((await before).ok).toBe(false);
    }, 1_000);
  }
});

test('a delay beyond 2^31-1 ms is kept', async () => {
  vi.useFakeTimers();
  const days = 24 * 3_600_000;
  const settled = vi.fn();
  void timeout({ afterMs: 60 * days })
    .outcome(hangs)
    .then(settled);
  void timeout({ afterMs: () => 60 * days })
    .outcome(hangs)
    .then(settled);
  await vi.advanceTimersByTimeAsync(60 * days - 1);
  expect(settled).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(settled).toHaveBeenCalledTimes(2);
});

test('is never early and, on an idle loop, hardly late in real time', async () => {
  const lateness: number[] = [];
  for (const policy of [
    timeout({ afterMs: 20 }),
    timeout({ afterMs: () => 20 }),
    compose(timeout({ afterMs: 20 }), timeout({ afterMs: 30 })),
  ]) {
    for (let i = 0; i < 5; i++) {
      const startedAt = performance.now();
      await policy.outcome(hangs);
      lateness.push(performance.now() - startedAt - 20);
    }
  }
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
  // The loop of a test machine is not always idle: the best ones tell.
  expect(lateness.toSorted((a, b) => a - b)[5]).toBeLessThan(3);
});

test('a timer of the system can be held, released and cancelled', () => {
  const timer = systemClock.setTimeout(() => undefined, 1e10);
  timer.unref();
  timer.ref();
  timer.cancel();
});
