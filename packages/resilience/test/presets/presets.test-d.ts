import {
  awsStandardRetry,
  type EventsOf,
  googleSre,
  hystrixDefaults,
  type Outcome,
  type Retry,
  resilience4jDefaults,
  standardPipeline,
} from '@holdfast/resilience';
import { expectTypeOf, test } from 'vitest';

test('a preset leaves the type of a result as it is', () => {
  for (const make of [standardPipeline, hystrixDefaults, resilience4jDefaults, googleSre]) {
    expectTypeOf(make().execute(() => 1)).toEqualTypeOf<Promise<number>>();
  }
  expectTypeOf(awsStandardRetry()).toEqualTypeOf<Retry>();
});

test('a preset has the events of its policies', () => {
  const policy = standardPipeline();
  expectTypeOf<EventsOf<typeof policy>>().toHaveProperty('opened');
  policy.on('retried', ({ delayMs }) => expectTypeOf(delayMs).toEqualTypeOf<number>());
  policy.on('timed-out', ({ timeoutMs }) => expectTypeOf(timeoutMs).toEqualTypeOf<number>());
  // @ts-expect-error it has no such policy
  policy.on('hedged', () => undefined);
  // @ts-expect-error Hystrix does not retry
  hystrixDefaults().on('retried', () => undefined);
});

test('predicates say which results a preset understands', () => {
  const policy = standardPipeline({
    retry: { shouldRetry: (outcome: Outcome<{ status: number }>) => !outcome.ok },
  });
  expectTypeOf(policy.execute(() => ({ status: 200, body: '' }))).toEqualTypeOf<
    Promise<{ status: number; body: string }>
  >();
  // @ts-expect-error a string has no status
  void policy.execute(() => 'text');
});
