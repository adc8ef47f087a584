import { awaitTurnEnd, DeadlineQueue, recentTime, systemClock } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a recent time', () => {
  test('of the system is read once for a few calls of a turn, and anew in the next', async () => {
    await new Promise(setImmediate);
    const read = vi.spyOn(performance, 'now');
    const first = recentTime(systemClock);
    for (let i = 0; i < 64; i++) expect(recentTime(systemClock)).toBe(first);
    expect(read).toHaveBeenCalledOnce();
    recentTime(systemClock);
    expect(read).toHaveBeenCalledTimes(2);
    await new Promise(setImmediate);
    recentTime(systemClock);
    expect(read).toHaveBeenCalledTimes(3);
  });

  test('of a clock of one’s own is always asked for', async () => {
    const clock = virtualClock();
    expect(recentTime(clock)).toBe(0);
    await clock.advance(5);
    expect(recentTime(clock)).toBe(5);
  });

  test('follows fake timers within a turn', () => {
    vi.useFakeTimers();
    const before = recentTime(systemClock);
    vi.advanceTimersByTime(100);
    expect(recentTime(systemClock) - before).toBe(100);
  });
});

describe('the end of a turn', () => {
  const task = { turnEnded: vi.fn() };

  test('is told once, after all reactions of the turn', async () => {
    task.turnEnded.mockClear();
    expect(awaitTurnEnd(systemClock, task)).toBe(true);
    await Promise.resolve();
    expect(task.turnEnded).not.toHaveBeenCalled();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(task.turnEnded).toHaveBeenCalledOnce();
  });

  test('is not told where time may jump within a turn', async () => {
    task.turnEnded.mockClear();
    expect(awaitTurnEnd(virtualClock(), task)).toBe(false);
    vi.useFakeTimers();
    expect(awaitTurnEnd(systemClock, task)).toBe(false);
    vi.useRealTimers();
    await new Promise(setImmediate);
    expect(task.turnEnded).not.toHaveBeenCalled();
  });
});

test('a deadline that has just been added tells when it is due', () => {
  vi.useFakeTimers();
  vi.useRealTimers();
  const queue = new DeadlineQueue(systemClock, 1_000);
  const item = { due: undefined, previous: null, next: null, expire: () => undefined };
  expect(queue.dueOf(item)).toBeUndefined();
  queue.add(item);
  expect(queue.dueOf(item)).toBeGreaterThan(performance.now());
  queue.remove(item);
  queue.remove(item);
});

test('a system timer beyond 2^31-1 ms stays released', async () => {
  vi.useFakeTimers();
  const callback = vi.fn();
  const timer = systemClock.setTimeout(callback, 2 ** 31 + 10);
  timer.unref();
  await vi.advanceTimersByTimeAsync(2 ** 31 + 9);
  expect(callback).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(callback).toHaveBeenCalledOnce();
});
