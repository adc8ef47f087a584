import { retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { scripted } from '../script.ts';

const failed = new Error('failed');

afterEach(() => {
  vi.useRealTimers();
});

describe('p-retry', () => {
  test('noticed an abort only after the whole back-off (#97)', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const call = retry({ backoff: [60_000], clock }).outcome(scripted(clock, failed), {
      signal: caller.signal,
    });
    await clock.advance(1);
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    expect(clock.now()).toBe(1);
  });

  test.each([
    ['undici (#68)', 'fetch failed'],
    ['Safari (#37)', 'Load failed'],
    ['Firefox (#41)', 'NetworkError when attempting to fetch resource.'],
    ['cross-fetch (#43)', 'Network request failed'],
    ['nobody yet (#51)', 'something new'],
  ])(
    'knew network errors by their message, not that of %s; here the cause counts',
    async (_who, text) => {
      const clock = virtualClock();
      const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      const fromNetwork = scripted(clock, new TypeError(text, { cause }), 'value');
      const fromMistake = scripted(clock, new TypeError(text), 'value');
      const policy = retry({ backoff: [0], clock });
      expect(await policy.outcome(fromNetwork)).toEqual({ ok: true, value: 'value' });
      expect(await policy.outcome(fromMistake)).toMatchObject({ ok: false });
      expect(fromMistake.startedAt).toHaveLength(1);
    },
  );

  test('wraps what is no Error in a TypeError and never retries it', async () => {
    let calls = 0;
    const call = retry({ backoff: [0] }).outcome(() => {
      calls++;
      // oxlint-disable-next-line typescript/only-throw-error
      throw 'a string';
    });
    expect(await call).toEqual({ ok: false, error: 'a string' });
    expect(calls).toBe(3);
  });

  test('Infinity crashed the process (#58)', async () => {
    const clock = virtualClock();
    const policy = retry({ maxAttempts: Infinity, maxElapsedMs: 10_000, backoff: [1_000], clock });
    const operation = scripted(clock, failed);
    await clock.runUntil(policy.outcome(operation));
    expect(operation.startedAt).toHaveLength(10);
  });

  test('options that are undefined were no defaults (#82)', async () => {
    const operation = scripted(virtualClock(), failed, 'value');
    const policy = retry({ maxAttempts: undefined, backoff: [0], shouldRetry: undefined });
    expect(await policy.execute(operation)).toBe('value');
  });

  test('did not go by fake timers (#49)', async () => {
    vi.useFakeTimers();
    const operation = scripted(virtualClock(), failed, 'value');
    const call = retry({ backoff: [5_000] }).execute(operation);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(operation.startedAt).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await call).toBe('value');
  });

  test('has no delay by the outcome, so that it comes back before Retry-After', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, failed, 'value');
    const policy = retry({ delayFrom: () => 3_000, backoff: [1], clock });
    await clock.runUntil(policy.execute(operation));
    expect(operation.startedAt).toEqual([0, 3_000]);
  });

  test('shortens the last delay to maxRetryTime, and tries too early', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, failed);
    await clock.runUntil(retry({ maxElapsedMs: 150, backoff: [100], clock }).outcome(operation));
    expect(operation.startedAt).toEqual([0, 100]);
    expect(clock.now()).toBe(100);
  });

  test('cannot be made with the name of another library for the number of attempts', () => {
    expect(() => retry({ retries: 5 } as never)).toThrow('Unknown option `retries`');
  });

  test('had no say in which errors are retried, and none that takes its time (#46, #67, #75, #27)', async () => {
    const clock = virtualClock();
    const asked: number[] = [];
    const operation = scripted(clock, failed);
    const policy = retry({
      maxAttempts: 5,
      backoff: [0],
      shouldRetry: async (outcome, attempt) => {
        asked.push(attempt);
        await Promise.resolve();
        return !outcome.ok && outcome.error === failed && attempt < 3;
      },
      clock,
    });
    expect(await policy.outcome(operation)).toEqual({ ok: false, error: failed });
    expect(asked).toEqual([1, 2, 3]);
  });
});
