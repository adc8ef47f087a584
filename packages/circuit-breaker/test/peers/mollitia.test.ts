import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { failTimes, succeedTimes } from '../calls.ts';

describe('mollitia', () => {
  test('a window of time silently kept its last thousand calls only', async () => {
    const breaker = circuitBreaker({ clock: virtualClock() });
    await succeedTimes(breaker, 3_000);
    await failTimes(breaker, 1_500);
    expect(breaker.metrics.trips[0]).toMatchObject({ calls: 4_500, hits: 1_500 });
  });

  test('a threshold of 100 % was ignored', async () => {
    const breaker = circuitBreaker({ failureRatio: 1, minimumCalls: 2, clock: virtualClock() });
    await failTimes(breaker, 2);
    expect(breaker.state).toBe('open');
  });

  test('a result that is no promise crashed it', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(1) });
    expect(await breaker.execute(() => 42)).toBe(42);
  });
});
