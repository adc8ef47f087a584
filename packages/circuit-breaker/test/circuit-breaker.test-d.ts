import {
  type BreakDuration,
  type CircuitBreaker,
  type CircuitBreakerEvents,
  circuitBreaker,
  type CircuitPermit,
  type CircuitState,
  growing,
  retryAfter,
} from '@holdfast/circuit-breaker';
import { type AcceptsOf, type AlternativeOf, compose, noop, type Outcome } from '@holdfast/policy';
import { expectTypeOf, test } from 'vitest';

interface Answer {
  readonly status: number;
}

declare const answer: Answer;

test('a circuit breaker without a predicate understands any result and answers with none', () => {
  const breaker = circuitBreaker();
  expectTypeOf(breaker).toEqualTypeOf<CircuitBreaker>();
  expectTypeOf<AlternativeOf<typeof breaker>>().toEqualTypeOf<never>();
  expectTypeOf<AcceptsOf<typeof breaker>>().toEqualTypeOf<unknown>();
  expectTypeOf(breaker.execute(() => answer)).toEqualTypeOf<Promise<Answer>>();
  expectTypeOf(breaker.tryAcquire()).toEqualTypeOf<CircuitPermit | undefined>();
  expectTypeOf(breaker.state).toEqualTypeOf<CircuitState>();
});

test('a predicate says which results the breaker understands', () => {
  const breaker = circuitBreaker({
    isFailure: (outcome: Outcome<Answer>) => !outcome.ok || outcome.value.status >= 500,
    halfOpenAfterMs: growing(),
  });
  expectTypeOf<AcceptsOf<typeof breaker>>().toEqualTypeOf<Answer>();
  expectTypeOf(breaker.execute(() => answer)).toEqualTypeOf<Promise<Answer>>();
  // @ts-expect-error a string has no status
  void breaker.execute(() => 'text');

  const pipeline = compose(noop, breaker);
  expectTypeOf<AcceptsOf<typeof pipeline>>().toEqualTypeOf<Answer>();
  // @ts-expect-error a string has no status
  void pipeline.execute(() => 'text');

  breaker.configure({ isFailure: (outcome) => (outcome.ok ? outcome.value.status > 1 : 'ignore') });
});

test('the function for the break is told the same outcome', () => {
  const read = (outcome: Outcome<Answer>): number | undefined =>
    outcome.ok ? outcome.value.status : undefined;
  expectTypeOf(retryAfter({ read })).toEqualTypeOf<BreakDuration<Answer>>();
  const breaker = circuitBreaker({ halfOpenAfterMs: retryAfter({ read, otherwiseMs: growing() }) });
  expectTypeOf<AcceptsOf<typeof breaker>>().toEqualTypeOf<Answer>();
});

test('events and state are typed, and read-only', () => {
  const breaker = circuitBreaker();
  breaker.on('opened', (event) => {
    expectTypeOf(event).toEqualTypeOf<CircuitBreakerEvents['opened']>();
  });
  // @ts-expect-error there is no such event
  breaker.on('broke', () => {});
  // @ts-expect-error the state is not set by hand
  breaker.state = 'open';
  // @ts-expect-error metrics are a snapshot
  breaker.metrics.failures = 0;
  // @ts-expect-error a name cannot be changed
  breaker.configure({ name: 'other' });
  // @ts-expect-error an isolated circuit is no mode
  circuitBreaker({ mode: 'isolated' });
});
