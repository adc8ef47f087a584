import {
  consecutiveFailures,
  googleSre,
  hystrixDefaults,
  lint,
  resilience4jDefaults,
  standardPipeline,
} from '@holdfast/resilience';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { down, optionsOf, orderOf } from './provoked.ts';

describe('standardPipeline', () => {
  test('has the values of HttpStandardResilienceOptions', () => {
    const policy = standardPipeline();
    expect(policy.name).toBe('standard');
    expect(orderOf(policy)).toEqual(['bulkhead', 'timeout', 'retry', 'circuit-breaker', 'timeout']);
    expect(optionsOf(policy)).toMatchObject({
      bulkhead: { maxConcurrent: 1_000, maxQueued: 0 },
      'total-timeout': { afterMs: 30_000 },
      retry: { maxAttempts: 4, backoff: { kind: 'exponential', initialMs: 2_000, factor: 2 } },
      'circuit-breaker': { halfOpenAfterMs: 5_000 },
      'attempt-timeout': { afterMs: 10_000 },
    });
  });

  test('opens at 10 % failures among 100 calls in 30 s', async () => {
    const clock = virtualClock();
    const policy = standardPipeline({ clock, retry: { maxAttempts: 1 } });
    let opened = 0;
    policy.on('opened', () => opened++);
    for (let i = 0; i < 90; i++) await policy.execute(() => 1);
    for (let i = 0; i < 9; i++) await policy.outcome(down);
    expect(opened).toBe(0);
    await policy.outcome(down);
    expect(opened).toBe(1);
  });

  test('is no mistake to lint but for the bulkhead outside, which is that of the source', () => {
    expect(lint(standardPipeline()).map(({ rule }) => rule)).toEqual(['bulkhead-outside-retry']);
  });
});

describe('hystrixDefaults', () => {
  test('has the values of HystrixCommandProperties and HystrixThreadPoolProperties', () => {
    const policy = hystrixDefaults();
    expect(policy.name).toBe('hystrix');
    expect(orderOf(policy)).toEqual(['circuit-breaker', 'bulkhead', 'timeout']);
    expect(optionsOf(policy)).toMatchObject({
      'circuit-breaker': { halfOpenAfterMs: 5_000 },
      bulkhead: { maxConcurrent: 10, maxQueued: 0 },
      timeout: { afterMs: 1_000 },
    });
    expect(lint(policy)).toEqual([]);
  });

  test('opens at 50 % failures among 20 calls in 10 s', async () => {
    const clock = virtualClock();
    const policy = hystrixDefaults({ clock });
    let opened = 0;
    policy.on('opened', () => opened++);
    for (let i = 0; i < 10; i++) await policy.execute(() => 1);
    for (let i = 0; i < 9; i++) await policy.outcome(down);
    expect(opened).toBe(0);
    await policy.outcome(down);
    expect(opened).toBe(1);
    await clock.advance(4_999);
    expect((await policy.outcome(() => 1)).ok).toBe(false);
    await clock.advance(1);
    expect((await policy.outcome(() => 1)).ok).toBe(true);
  });
});

describe('resilience4jDefaults', () => {
  test('has the values of RetryConfig, CircuitBreakerConfig, TimeLimiterConfig and BulkheadConfig', () => {
    const policy = resilience4jDefaults();
    expect(policy.name).toBe('resilience4j');
    expect(orderOf(policy)).toEqual(['retry', 'circuit-breaker', 'timeout', 'bulkhead']);
    expect(optionsOf(policy)).toMatchObject({
      retry: { maxAttempts: 3, backoff: { kind: 'constant', delayMs: 500 } },
      'circuit-breaker': { halfOpenAfterMs: 60_000, halfOpenCalls: 10, halfOpenSuccesses: 6 },
      timeout: { afterMs: 1_000 },
      bulkhead: { maxConcurrent: 25, maxQueued: 0 },
    });
    expect(lint(policy)).toEqual([]);
  });

  test('opens at 50 failures among the last 100 calls, and no sooner', async () => {
    const clock = virtualClock();
    const policy = resilience4jDefaults({ clock, retry: { maxAttempts: 1 } });
    let opened = 0;
    policy.on('opened', () => opened++);
    for (let i = 0; i < 50; i++) await policy.outcome(down);
    for (let i = 0; i < 49; i++) await policy.execute(() => 1);
    expect(opened).toBe(0);
    await policy.execute(() => 1);
    await policy.outcome(down);
    expect(opened).toBe(1);
  });
});

describe('googleSre', () => {
  test('has the values of the book', () => {
    const policy = googleSre();
    expect(policy.name).toBe('google-sre');
    expect(orderOf(policy)).toEqual(['retry', 'adaptive-throttle']);
    expect(optionsOf(policy)).toMatchObject({
      retry: { maxAttempts: 3 },
      'adaptive-throttle': { k: 2, windowMs: 120_000 },
    });
    expect(lint(policy)).toEqual([]);
  });

  test('retries less than a tenth of the calls', async () => {
    const clock = virtualClock();
    const policy = googleSre({ clock, throttle: { minimumCalls: 1_000 } });
    let attempts = 0;
    for (let i = 0; i < 100; i++) {
      const call = policy.outcome(() => {
        attempts++;
        throw new Error('down');
      });
      await clock.runUntil(call);
    }
    expect(attempts).toBeGreaterThan(105);
    expect(attempts).toBeLessThanOrEqual(110);
  });
});

describe('what is given instead', () => {
  test('takes the place of a value, and leaves the others', () => {
    const policy = standardPipeline({
      bulkhead: { maxConcurrent: 5 },
      totalTimeout: { afterMs: 1_000, name: 'mine' },
      attemptTimeout: { afterMs: 100 },
    });
    expect(optionsOf(policy)).toMatchObject({
      bulkhead: { maxConcurrent: 5, maxQueued: 0 },
      mine: { afterMs: 1_000 },
      'attempt-timeout': { afterMs: 100 },
    });
  });

  test('may be a trip in place of a ratio, or a ratio in place of trips', () => {
    const trip = consecutiveFailures(5);
    const mode = 'shadow';
    for (const make of [standardPipeline, hystrixDefaults, resilience4jDefaults]) {
      expect(() => make({ circuitBreaker: { trip, mode } })).not.toThrow();
      expect(() => make({ circuitBreaker: { failureRatio: 0.2, mode } })).not.toThrow();
      const breaker = optionsOf(make({ circuitBreaker: { mode } }))['circuit-breaker'];
      expect(breaker).toMatchObject({ mode });
    }
  });

  test('is checked as it always is', () => {
    const timeout = { afterMs: -1 };
    expect(() => hystrixDefaults({ timeout })).toThrow('`afterMs`');
    expect(() => standardPipeline({ retry: { maxAttempts: 0 } })).toThrow('`maxAttempts`');
  });
});
