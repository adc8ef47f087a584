import { awsStandardRetry, type AwsStandardRetryOptions, TimeoutError } from '@holdfast/resilience';
import { virtualClock } from '@holdfast/testing';
import { expect, test } from 'vitest';
import { down, optionsOf } from './provoked.ts';

/** A retry without delays, and how often an operation ran. */
function quick(options: AwsStandardRetryOptions) {
  const policy = awsStandardRetry({ backoff: () => 0, ...options });
  return async (operation: () => unknown): Promise<number> => {
    let attempts = 0;
    await policy.outcome(() => {
      attempts++;
      return operation();
    });
    return attempts;
  };
}

const timesOut = (): never => {
  throw new TimeoutError('too slow', { timeoutMs: 1, started: true });
};

test('has the values of the standard mode', () => {
  expect(optionsOf(awsStandardRetry())['aws-standard-retry']).toMatchObject({
    maxAttempts: 3,
    backoff: { kind: 'exponential', initialMs: 100, maxMs: 20_000, factor: 2, jitter: 'full' },
  });
});

test('makes three attempts, with a back-off by chance', async () => {
  const clock = virtualClock();
  const policy = awsStandardRetry({ clock });
  const delays: number[] = [];
  policy.on('retried', ({ delayMs }) => delays.push(delayMs));
  await clock.runUntil(policy.outcome(down));
  expect(delays).toHaveLength(2);
  expect(delays[0]).toBeLessThan(100);
  expect(delays[1]).toBeLessThan(200);
});

test('its bucket of 500 tokens grants 100 retries', async () => {
  const run = quick({});
  let attempts = 0;
  for (let i = 0; i < 100; i++) attempts += await run(down);
  expect(attempts).toBe(200);
});

test('a retry after a timeout takes 10 tokens, any other 5', async () => {
  const run = quick({ tokens: 20 });
  expect(await run(timesOut)).toBe(3);
  expect(await run(timesOut)).toBe(1);
  const other = quick({ tokens: 20 });
  expect([await other(down), await other(down), await other(down)]).toEqual([3, 3, 1]);
});

test('a success gives a token back, and at a retry what the retry took', async () => {
  const run = quick({ tokens: 5, maxAttempts: 2 });
  let fails = true;
  const recovers = (): number => {
    fails = !fails;
    if (!fails) throw new Error('once');
    return 1;
  };
  for (let i = 0; i < 5; i++) expect(await run(recovers)).toBe(2);
  expect(await run(down)).toBe(2);
  expect(await run(down)).toBe(1);
  for (let i = 0; i < 4; i++) await run(() => 1);
  expect(await run(down)).toBe(1);
  await run(() => 1);
  expect(await run(down)).toBe(2);
});

test('the bucket holds no more than it did at first', async () => {
  const run = quick({ tokens: 5, maxAttempts: 2 });
  for (let i = 0; i < 100; i++) await run(() => 1);
  expect([await run(down), await run(down)]).toEqual([2, 1]);
});

test('shouldRetry says what is worth an attempt', async () => {
  const run = quick({ shouldRetry: ({ ok }, attempt) => ok && attempt < 2 });
  expect(await run(down)).toBe(1);
  expect(await run(() => 1)).toBe(2);
});

test('refuses a bucket that holds nothing', () => {
  expect(() => awsStandardRetry({ tokens: 0 })).toThrow('`tokens`');
});
