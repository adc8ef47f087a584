import {
  circuitBreaker,
  consecutiveFailures,
  countWindow,
  failureRatio,
} from '@holdfast/circuit-breaker';
import { describe, expect, test } from 'vitest';

const fails = (): Promise<never> => Promise.reject(new Error('down'));

describe('trips that are made alike', () => {
  test('are one, since they have no state', () => {
    expect(consecutiveFailures(5)).toBe(consecutiveFailures(5));
    expect(countWindow({ failures: 5, size: 10 })).toBe(countWindow({ failures: 5, size: 10 }));
    expect(failureRatio()).toBe(failureRatio({ failureRatio: 0.5 }));
  });

  test('are two where an option differs', () => {
    expect(consecutiveFailures(5)).not.toBe(consecutiveFailures(6));
    expect(countWindow({ failures: 5, size: 10 })).not.toBe(countWindow({ failures: 5, size: 11 }));
  });

  test('leave the counts of two breakers apart', async () => {
    const [one, other] = [1, 2].map(() => circuitBreaker({ trip: consecutiveFailures(2) }));
    await one?.outcome(fails);
    await one?.outcome(fails);
    await other?.outcome(fails);
    expect([one?.state, other?.state]).toEqual(['open', 'closed']);
  });
});
