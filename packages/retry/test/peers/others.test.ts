import { bulkhead } from '@holdfast/bulkhead';
import { compose } from '@holdfast/policy';
import { exponential, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';
import { Gate, Refusal, scripted } from '../script.ts';

const failed = new Error('failed');

describe('bottleneck', () => {
  test('retries bypass the limits (#170, #223)', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 10, clock });
    let atWork = 0;
    let most = 0;
    const policy = compose(retry({ backoff: [0], clock }), places);
    const calls = Array.from({ length: 4 }, () =>
      policy.outcome(async () => {
        most = Math.max(most, ++atWork);
        await Promise.resolve();
        atWork--;
        throw failed;
      }),
    );
    await Promise.all(calls);
    expect(most).toBe(1);
  });
});

describe('Polly', () => {
  test('the delay became negative after many exponential retries (#2163, #1868)', async () => {
    const clock = virtualClock();
    const delays: number[] = [];
    const backoff = exponential({ initialMs: 1, maxMs: 60_000 });
    const policy = retry({ maxAttempts: 2_000, backoff, clock });
    policy.on('retried', ({ delayMs }) => delays.push(delayMs));
    await clock.runUntil(policy.outcome(scripted(clock, failed)));
    expect(delays).toHaveLength(1_999);
    expect(delays.every((ms) => ms >= 0 && ms <= 60_000)).toBe(true);
  });
});

describe('resilience4j', () => {
  test('a negative interval is an error (#1565); here it is no delay', async () => {
    const operation = scripted(virtualClock(), failed, 'value');
    expect(await retry({ backoff: () => -1 }).execute(operation)).toBe('value');
  });

  test('a back-off that is NaN is slept as none; here it ends the call', async () => {
    const operation = scripted(virtualClock(), failed);
    const call = retry({ maxAttempts: Infinity, backoff: () => Number.NaN }).execute(operation);
    await expect(call).rejects.toMatchObject({ name: 'RangeError', cause: failed });
    expect(operation.startedAt).toHaveLength(1);
  });
});

describe('node', () => {
  test('fires a timer of more than 2^31-1 ms at once', async () => {
    vi.useFakeTimers();
    const operation = scripted(virtualClock(), failed, 'value');
    const call = retry({ backoff: [2 ** 31 + 5_000] }).execute(operation);
    await vi.advanceTimersByTimeAsync(2 ** 31);
    expect(operation.startedAt).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await call).toBe('value');
    vi.useRealTimers();
  });
});

describe('failsafe-go', () => {
  test('jitters Retry-After and comes back too early; here it is kept', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, failed, 'value');
    const backoff = exponential({ jitter: 'full', random: () => 0 });
    await clock.runUntil(retry({ backoff, delayFrom: () => 1_000, clock }).execute(operation));
    expect(operation.startedAt).toEqual([0, 1_000]);
  });
});

describe('fetch-retry and others', () => {
  test('answer with the refusal of an open circuit and hide what had happened', async () => {
    const policy = compose(
      retry({ backoff: [0] }),
      new Gate({ 2: new Refusal(), 3: new Refusal() }),
    );
    await expect(policy.execute(scripted(virtualClock(), failed))).rejects.toBe(failed);
  });
});

describe('mollitia', () => {
  test('does not retry a synchronous throw', async () => {
    const operation = scripted(virtualClock(), failed, 'value');
    expect(await retry({ backoff: [0] }).execute(operation)).toBe('value');
  });
});
