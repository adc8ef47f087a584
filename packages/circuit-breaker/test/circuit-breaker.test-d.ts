import {
  type AdaptiveThrottle,
  adaptiveThrottle,
  type BreakDuration,
  type CircuitBreaker,
  type CircuitBreakerEvents,
  circuitBreaker,
  type CircuitPermit,
  type CircuitState,
  growing,
  healthProbe,
  type ProbingCircuitBreaker,
  ramp,
  restoreSnapshot,
  retryAfter,
  takeSnapshot,
  waitForProbe,
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

test('a breaker with a health probe can be disposed of, and others cannot', () => {
  const probing = circuitBreaker({
    isFailure: (outcome: Outcome<Answer>) => !outcome.ok,
    healthProbe: healthProbe(({ signal, attempt }) => signal.aborted || attempt > 1),
  });
  expectTypeOf(probing).toEqualTypeOf<ProbingCircuitBreaker<Answer>>();
  expectTypeOf(probing[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>();
  const plain = circuitBreaker({ ramp: ramp(), whenProbing: waitForProbe() });
  expectTypeOf(plain).toEqualTypeOf<CircuitBreaker>();
  // @ts-expect-error there is nothing to dispose of
  plain[Symbol.dispose]();
  // @ts-expect-error a ramp is no health probe
  circuitBreaker({ healthProbe: ramp() });
  // @ts-expect-error extras are not for reconfiguration
  plain.configure({ ramp: ramp() });
  restoreSnapshot(probing, takeSnapshot(plain));
});

test('a throttle understands the results that its predicate does', () => {
  expectTypeOf(adaptiveThrottle()).toEqualTypeOf<AdaptiveThrottle>();
  const throttle = adaptiveThrottle({
    isFailure: (outcome: Outcome<Answer>) => outcome.ok && outcome.value.status === 503,
  });
  expectTypeOf<AcceptsOf<typeof throttle>>().toEqualTypeOf<Answer>();
  // @ts-expect-error a string has no status
  void throttle.execute(() => 'text');
});
