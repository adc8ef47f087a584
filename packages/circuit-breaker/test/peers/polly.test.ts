import { circuitBreaker, consecutiveFailures, growing } from '@holdfast/circuit-breaker';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { errorOf, fails, failTimes, manualCall, succeeds } from '../calls.ts';

describe('Polly', () => {
  test('#216, #217, #218: an overhanging call decided a half-open circuit', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
    const [good, bad] = [manualCall(breaker), manualCall(breaker)];
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const probe = manualCall(breaker);
    await good.resolve();
    await bad.reject();
    expect(breaker.state).toBe('half-open');
    await probe.resolve();
    expect(breaker.state).toBe('closed');
  });

  test('#1979, #1991: a probe with an unhandled error held it half-open, later closed it', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    breaker.configure({ isFailure: ({ ok }) => (ok ? false : 'ignore') });
    for (let i = 0; i < 5; i++) {
      await breaker.outcome(fails);
      expect(breaker.state).toBe('half-open');
    }
    await breaker.execute(succeeds);
    expect(breaker.state).toBe('closed');
  });

  test('#1854: there was no plain count of consecutive failures', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(2) });
    await failTimes(breaker, 2);
    expect(breaker.state).toBe('open');
  });

  test('#1868, #2163: a break that grows overflowed after many openings', async () => {
    const clock = virtualClock();
    const halfOpenAfterMs = growing({ factor: 1_000, jitter: 0 });
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), halfOpenAfterMs, clock });
    for (let i = 0; i < 200; i++) {
      await failTimes(breaker, 1);
      await clock.advance(60_000);
    }
    await failTimes(breaker, 1);
    expect(breaker.metrics).toMatchObject({ openings: 201, retryAfterMs: 60_000 });
  });

  test('#1878: the error of an open circuit grew with each rejection', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(1) });
    await failTimes(breaker, 1);
    const first = (await errorOf(breaker.outcome(succeeds))) as Error;
    const second = (await errorOf(breaker.outcome(succeeds))) as Error;
    expect(second).not.toBe(first);
    expect(second.stack).toBe(first.stack);
    expect(second.cause).toBe(first.cause);
  });

  test('a reload of the options lost the state', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(1) });
    await failTimes(breaker, 1);
    breaker.configure({ trip: consecutiveFailures(9), halfOpenAfterMs: 1 });
    expect(breaker.state).toBe('open');
  });
});
