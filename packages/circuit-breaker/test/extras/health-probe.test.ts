import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  circuitBreaker,
  consecutiveFailures,
  type HealthCheck,
  type HealthProbeOptions,
  healthProbe,
  type ProbingCircuitBreaker,
} from '@holdfast/circuit-breaker';
import { isTimeoutError } from '@holdfast/policy';
import { seededRandom, type VirtualClock, virtualClock } from '@holdfast/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { down, failTimes, succeeds, succeedTimes } from '../calls.ts';

let clock: VirtualClock;
let checks: number[];
beforeEach(() => {
  clock = virtualClock();
  checks = [];
});

const plain: HealthProbeOptions = { initialMs: 1_000, factor: 2, maxMs: 5_000, jitter: 0 };

function broken(check: HealthCheck, options: HealthProbeOptions = plain): ProbingCircuitBreaker {
  return circuitBreaker({
    trip: consecutiveFailures(1),
    halfOpenAfterMs: 60_000,
    healthProbe: healthProbe((context) => {
      checks.push(clock.now());
      return check(context);
    }, options),
    clock,
  });
}

describe('while the circuit is open, its health probe', () => {
  test('checks ever more rarely, and ends the break as soon as it finds health', async () => {
    let isWell: unknown = false;
    const breaker = broken(() => isWell);
    await failTimes(breaker, 1);
    await clock.advance(20_000);
    expect(checks).toEqual([1_000, 3_000, 7_000, 12_000, 17_000]);
    isWell = 'as ever';
    await clock.advance(2_000);
    expect(breaker.metrics).toMatchObject({ state: 'open', retryAfterMs: 0 });
    expect(clock.pending).toBe(0);
    await succeedTimes(breaker, 1);
    expect(breaker.state).toBe('closed');
    expect(checks).toHaveLength(6);
  });

  test('takes what throws, rejects, or answers false, for no health, and tells it', async () => {
    const answers: HealthCheck[] = [
      () => {
        throw down;
      },
      () => Promise.reject(down),
      () => Promise.resolve(false),
      () => undefined,
    ];
    const heard: unknown[] = [];
    const breaker = broken((context) => answers[context.attempt - 1]?.(context));
    breaker.on('health-checked', ({ ok, attempt, durationMs, error }) => {
      heard.push([ok, attempt, durationMs, error]);
    });
    await failTimes(breaker, 1);
    await clock.advance(60_000);
    expect(heard).toEqual([
      [false, 1, 0, down],
      [false, 2, 0, down],
      [false, 3, 0, undefined],
      [true, 4, 0, undefined],
    ]);
  });

  test('aborts a check that has had its time, and begins no other before that has ended', async () => {
    const signals: AbortSignal[] = [];
    const ends: (() => void)[] = [];
    const breaker = broken(
      ({ signal }) => {
        signals.push(signal);
        return new Promise<void>((resolve) => ends.push(resolve));
      },
      { ...plain, timeoutMs: 500 },
    );
    const heard: unknown[] = [];
    breaker.on('health-checked', ({ ok, durationMs, error }) =>
      heard.push([ok, durationMs, isTimeoutError(error)]),
    );
    await failTimes(breaker, 1);
    await clock.advance(1_499);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(isTimeoutError(signals[0]?.reason)).toBe(true);
    await clock.advance(20_000);
    expect(signals).toHaveLength(1);
    ends[0]?.();
    await clock.advance(2_000);
    expect(signals).toHaveLength(2);
    expect(breaker.metrics.retryAfterMs).toBeGreaterThan(0);
    expect(heard).toEqual([[false, 500, true]]);
  });

  test('aborts a check that nobody needs any more, and ignores its answer', async () => {
    const signals: AbortSignal[] = [];
    const breaker = broken(({ signal }) => {
      signals.push(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(down)));
    });
    await failTimes(breaker, 1);
    await clock.advance(1_000);
    breaker.reset();
    await clock.flush();
    expect(signals[0]?.aborted).toBe(true);
    expect(breaker.state).toBe('closed');
    expect(clock.pending).toBe(0);
  });

  test('begins anew at each break, one check at a time', async () => {
    const ends: ((isWell: boolean) => void)[] = [];
    const breaker = broken(() => new Promise((resolve) => ends.push(resolve)));
    await failTimes(breaker, 1);
    await clock.advance(1_000);
    breaker.reset();
    await failTimes(breaker, 1);
    await clock.advance(10_000);
    expect(ends).toHaveLength(1);
    ends[0]?.(true);
    await clock.advance(999);
    expect(breaker.metrics.retryAfterMs).toBeGreaterThan(0);
    await clock.advance(1);
    expect(ends).toHaveLength(2);
    ends[1]?.(true);
    await clock.flush();
    expect(breaker.metrics.retryAfterMs).toBe(0);
  });

  test('checks no more once the break is over, also if nobody calls', async () => {
    const breaker = broken(() => false);
    breaker.configure({ halfOpenAfterMs: 4_000 });
    await failTimes(breaker, 1);
    await clock.advance(1e6);
    expect(checks).toEqual([1_000, 3_000]);
    expect(breaker.state).toBe('open');
  });

  test('rests while the breaker is disabled or isolated', async () => {
    const breaker = broken(() => false);
    await failTimes(breaker, 1);
    breaker.configure({ mode: 'disabled' });
    await clock.advance(5_000);
    expect(checks).toEqual([]);
    breaker.configure({ mode: 'enforce' });
    await clock.advance(1_000);
    expect(checks).toEqual([6_000]);
    const isolation = breaker.isolate();
    await clock.advance(10_000);
    isolation.release();
    await clock.advance(10_000);
    expect(checks).toHaveLength(1);
  });

  test('draws its times by the chance that it is given', async () => {
    const random = seededRandom(7);
    const twin = seededRandom(7);
    const breaker = broken(() => false, { ...plain, factor: 1, jitter: 0.5, random });
    await failTimes(breaker, 1);
    await clock.advance(3_000);
    let at = 0;
    const expected = checks.map(() => (at += 1_000 * (1 - 0.5 * twin())));
    expect(checks.length).toBeGreaterThan(2);
    for (const [i, check] of checks.entries()) expect(check).toBeCloseTo(expected[i] ?? 0, 6);
  });

  test('survives a chance that throws, and warns', async () => {
    const warnings: string[] = [];
    const hear = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', hear);
    const random = (): number => {
      throw down;
    };
    const breaker = broken(() => false, { ...plain, random });
    await failTimes(breaker, 1);
    await clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', hear);
    expect(checks).toEqual([1_000]);
    expect(warnings[0]).toMatch(/healthProbe/);
  });

  test('runs in the async context in which the breaker was made', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const breaker = storage.run('maker', () => broken(() => seen.push(storage.getStore())));
    await storage.run('caller', () => failTimes(breaker, 1));
    await clock.advance(1_000);
    expect(seen).toEqual(['maker']);
  });

  test('does not keep the process alive', async () => {
    const breaker = broken(() => false);
    await failTimes(breaker, 1);
    expect(clock.pending).toBe(1);
    await clock.runUntilIdle();
    expect(checks).toEqual([]);
  });

  test('does not keep a breaker that has been dropped', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const made = async (): Promise<WeakRef<object>> => {
      const breaker = broken(() => false);
      await failTimes(breaker, 1);
      return new WeakRef(breaker);
    };
    const ref = await made();
    for (let i = 0; i < 5 && ref.deref() !== undefined; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    expect(ref.deref()).toBeUndefined();
    await clock.advance(60_000);
    expect(checks).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('checks as if there were no chance where that is no number', async () => {
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const breaker = broken(() => false, { ...plain, jitter: 0.5, random: () => Number.NaN });
    await failTimes(breaker, 1);
    await clock.advance(3_500);
    expect(checks).toEqual([1_000, 2_000, 3_000]);
    expect(String(await warned)).toMatch(/the time before a check.*got NaN/);
  });

  test('ends with a using block, after a check that is under way', async () => {
    let hasEnded = false;
    {
      await using breaker = broken(
        ({ signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              hasEnded = true;
              resolve(true);
            }),
          ),
      );
      await failTimes(breaker, 1);
      await clock.advance(1_000);
    }
    expect(hasEnded).toBe(true);
    const breaker = broken(() => true);
    await failTimes(breaker, 1);
    breaker[Symbol.dispose]();
    await clock.advance(60_000);
    expect(checks).toHaveLength(1);
    expect((await breaker.outcome(succeeds)).ok).toBe(true);
  });
});

test('a health probe refuses options that cannot be used, and is described', () => {
  const check = (): boolean => true;
  expect(() => healthProbe(undefined as never)).toThrow(/Expected `check` to be a function/);
  expect(() => healthProbe('GET /health' as never)).toThrow(/`check`.*got "GET/);
  expect(() => healthProbe(check, { initialMs: 0 })).toThrow(/`initialMs`.*got 0/);
  expect(() => healthProbe(check, { maxMs: 10 })).toThrow(/`maxMs`.*got 10/);
  expect(() => healthProbe(check, { jitter: 2 })).toThrow(/`jitter`.*got 2/);
  expect(() => healthProbe(check, { timeoutMs: Infinity })).toThrow(/`timeoutMs`/);
  expect(() => healthProbe(check, { every: 1 } as never)).toThrow(/Unknown option `every`/);
  const breaker = circuitBreaker({ healthProbe: healthProbe(check) });
  expect(breaker.describe().layers[0]?.options).toMatchObject({
    healthProbe: { initialMs: 1_000, factor: 2, maxMs: 10_000, jitter: 0.2, timeoutMs: 1_000 },
  });
});
