import { bulkhead } from '@holdfast/bulkhead';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

test('a late end frees its place although an async shouldRetry holds the call', async () => {
  const clock = virtualClock();
  const places = bulkhead({ maxConcurrent: 2, clock });
  const answer = Promise.withResolvers<boolean>();
  const policy = compose(
    retry({ clock, maxAttempts: 2, backoff: () => 0, shouldRetry: () => answer.promise }),
    places,
    timeout({ afterMs: 10, clock }),
  );
  const late = Promise.withResolvers<string>();
  const result = policy.execute(({ attempt }) => (attempt === 1 ? late.promise : 'second'));
  await clock.advance(10);
  expect(places.active).toBe(1);
  late.resolve('late');
  await clock.advance(0);
  expect(places.active).toBe(0);
  answer.resolve(true);
  await clock.advance(1);
  expect(await result).toBe('second');
  expect(places.active).toBe(0);
});
