import type * as ours from '@holdfast/interop/cockatiel';
import * as lib from '@holdfast/interop/cockatiel';
import { fromCockatiel, toCockatiel } from '@holdfast/interop';
import { bulkhead as ourBulkhead } from '@holdfast/bulkhead';
import { fallback as ourFallback } from '@holdfast/fallback';
import { type AlternativeOf, compose, type Policy } from '@holdfast/policy';
import * as theirs from 'cockatiel';
import { expectTypeOf, test } from 'vitest';

type Ours = typeof lib;
type Theirs = typeof theirs;

test('every value of cockatiel is there', () => {
  expectTypeOf<Exclude<keyof Theirs, keyof Ours>>().toEqualTypeOf<never>();
  expectTypeOf<Exclude<keyof Ours, keyof Theirs>>().toEqualTypeOf<never>();
});

/** Both ways: a value of one type can stand where the other is expected. */
function alike<A extends B, B extends C, C = A>(_proof?: [A, B, C]): void {}

test('every type of cockatiel is there, and fits both ways', () => {
  alike<ours.FailureReason<string>, theirs.FailureReason<string>>();
  alike<ours.IBackoff<string>, theirs.IBackoff<string>>();
  alike<ours.IBackoffFactory<string>, theirs.IBackoffFactory<string>>();
  alike<ours.IBasePolicyOptions, theirs.IBasePolicyOptions>();
  alike<ours.ICancellationContext, theirs.ICancellationContext>();
  alike<ours.ICountBreakerOptions, theirs.ICountBreakerOptions>();
  alike<ours.IDefaultPolicyContext, theirs.IDefaultPolicyContext>();
  alike<ours.IDisposable, theirs.IDisposable>();
  alike<ours.IExponentialBackoffOptions<number>, theirs.IExponentialBackoffOptions<number>>();
  alike<ours.IFailureEvent, theirs.IFailureEvent>();
  alike<ours.IHalfOpenAfterBackoffContext, theirs.IHalfOpenAfterBackoffContext>();
  alike<ours.IHalfOpenSamplingOptions, theirs.IHalfOpenSamplingOptions>();
  alike<ours.IPolicy, theirs.IPolicy>();
  alike<ours.IPolicy<ours.IRetryContext, 'x'>, theirs.IPolicy<theirs.IRetryContext, 'x'>>();
  alike<ours.IRetryBackoffContext<string>, theirs.IRetryBackoffContext<string>>();
  alike<ours.IRetryContext, theirs.IRetryContext>();
  alike<ours.IRetryPolicyConfig, theirs.IRetryPolicyConfig>();
  alike<ours.ISamplingBreakerOptions, theirs.ISamplingBreakerOptions>();
  alike<ours.ISuccessEvent, theirs.ISuccessEvent>();
  alike<ours.Event<string>, theirs.Event<string>>();
  alike<ours.GeneratorFn<number>, theirs.GeneratorFn<number>>();
  alike<ours.DelegateBackoffFn<string, number>, theirs.DelegateBackoffFn<string, number>>();
  alike<
    ours.IMergedPolicy<ours.IRetryContext, 'x', [ours.IPolicy]>,
    theirs.IMergedPolicy<theirs.IRetryContext, 'x', [theirs.IPolicy]>
  >();
  alike<ours.Policy, theirs.Policy>();
});

test('errors fit both ways', () => {
  alike<ours.BrokenCircuitError, theirs.BrokenCircuitError>();
  alike<ours.BulkheadRejectedError, theirs.BulkheadRejectedError>();
  alike<ours.HydratingCircuitError, theirs.HydratingCircuitError>();
  alike<ours.IsolatedCircuitError, theirs.IsolatedCircuitError>();
  alike<ours.TaskCancelledError, theirs.TaskCancelledError>();
});

test('functions fit in the place of those of cockatiel', () => {
  expectTypeOf<Ours['handleAll']>().toExtend<Theirs['handleAll']>();
  expectTypeOf<Ours['handleType']>().toExtend<Theirs['handleType']>();
  expectTypeOf<Ours['handleWhen']>().toExtend<Theirs['handleWhen']>();
  expectTypeOf<Ours['handleResultType']>().toExtend<Theirs['handleResultType']>();
  expectTypeOf<Ours['handleWhenResult']>().toExtend<Theirs['handleWhenResult']>();
  expectTypeOf<Ours['usePolicy']>().toExtend<Theirs['usePolicy']>();
  expectTypeOf<Ours['noJitterGenerator']>().toExtend<Theirs['noJitterGenerator']>();
  expectTypeOf<Ours['fullJitterGenerator']>().toExtend<Theirs['fullJitterGenerator']>();
  expectTypeOf<Ours['halfJitterGenerator']>().toExtend<Theirs['halfJitterGenerator']>();
  expectTypeOf<Ours['decorrelatedJitterGenerator']>().toExtend<
    Theirs['decorrelatedJitterGenerator']
  >();
  expectTypeOf<Parameters<Theirs['retry']>>().toExtend<Parameters<Ours['retry']>>();
  expectTypeOf<Parameters<Theirs['circuitBreaker']>>().toExtend<
    Parameters<Ours['circuitBreaker']>
  >();
  expectTypeOf<Parameters<Theirs['bulkhead']>>().toExtend<Parameters<Ours['bulkhead']>>();
});

/** The names of a class that anybody may use: private members make two classes differ for ever. */
type Public<T> = { [K in keyof T]: T[K] };

test('what classes make has the public members of those of cockatiel', () => {
  expectTypeOf<ours.RetryPolicy>().toExtend<Omit<Public<theirs.RetryPolicy>, 'dangerouslyUnref'>>();
  expectTypeOf<ours.CircuitBreakerPolicy>().toExtend<
    Omit<Public<theirs.CircuitBreakerPolicy>, 'state' | 'onStateChange'>
  >();
  expectTypeOf<ours.TimeoutPolicy>().toExtend<
    Omit<Public<theirs.TimeoutPolicy>, 'dangerouslyUnref'>
  >();
  expectTypeOf<ours.BulkheadPolicy>().toExtend<Public<theirs.BulkheadPolicy>>();
  expectTypeOf<ours.FallbackPolicy<'x'>>().toExtend<Public<theirs.FallbackPolicy<'x'>>>();
  expectTypeOf<ours.NoopPolicy>().toExtend<Public<theirs.NoopPolicy>>();
  expectTypeOf<ours.EventEmitter<'x'>>().toExtend<Public<theirs.EventEmitter<'x'>>>();
  expectTypeOf<ours.ConstantBackoff>().toExtend<theirs.IBackoffFactory<unknown>>();
  expectTypeOf<ours.DelegateBackoff<'x'>>().toExtend<Public<theirs.DelegateBackoff<'x'>>>();
  expectTypeOf<ours.ExponentialBackoff<number>>().toExtend<theirs.IBackoffFactory<unknown>>();
  expectTypeOf<ours.IterableBackoff>().toExtend<Public<theirs.IterableBackoff>>();
});

test('states and strategies are values and types, each of them too', () => {
  expectTypeOf(lib.CircuitState.Open).toExtend<ours.CircuitState>();
  expectTypeOf<ours.CircuitState.HalfOpen>().toExtend<ours.CircuitState>();
  expectTypeOf<ours.CircuitState>().toExtend<theirs.CircuitState>();
  expectTypeOf<ours.TimeoutStrategy.Aggressive>().toExtend<ours.TimeoutStrategy>();
  expectTypeOf(lib.TimeoutStrategy.Cooperative).toExtend<ours.TimeoutStrategy>();
  expectTypeOf<ours.CircuitBreakerPolicy['state']>().toEqualTypeOf<ours.CircuitState>();
});

/** A text as people write it for cockatiel; `Lib` is what it imports. */
function written(api: Ours) {
  const retry = api.retry(
    api.handleType(TypeError).orWhenResult((value) => value === 1),
    {
      maxAttempts: 3,
      backoff: new api.ExponentialBackoff({ generator: api.noJitterGenerator, maxDelay: 100 }),
    },
  );
  const breaker = api.circuitBreaker(api.handleAll, {
    halfOpenAfter: new api.DelegateBackoff(
      ({ attempt }: ours.IHalfOpenAfterBackoffContext) => attempt,
    ),
    breaker: new api.SamplingBreaker({ threshold: 0.2, duration: 1_000 }),
    halfOpenSampling: { calls: 2, threshold: 0.5 },
    initialState: {},
  });
  const timeout = api.timeout(1_000, {
    strategy: api.TimeoutStrategy.Aggressive,
    abortOnReturn: false,
  });
  const fallback = api.fallback(api.handleAll, () => Promise.resolve('stale' as const));
  return { retry, breaker, timeout, fallback, all: api.wrap(fallback, retry, breaker, timeout) };
}

test('code written for cockatiel has the types that it had', async () => {
  const { retry, breaker, fallback, all } = written(lib);
  expectTypeOf(retry.execute(({ attempt }) => attempt)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(fallback.execute(() => 1)).toEqualTypeOf<Promise<number | 'stale'>>();
  expectTypeOf(all.execute(({ attempt, signal }) => [attempt, signal] as const)).toEqualTypeOf<
    Promise<readonly [number, AbortSignal] | 'stale'>
  >();
  expectTypeOf(all.wrapped.length).toEqualTypeOf<4>();
  breaker.onBreak((reason) => {
    if ('isolated' in reason) expectTypeOf(reason.isolated).toEqualTypeOf<true>();
  });
  retry.onRetry(({ delay, attempt }) => {
    expectTypeOf([delay, attempt]).toEqualTypeOf<number[]>();
  });
  switch (breaker.state) {
    case lib.CircuitState.Closed:
    case lib.CircuitState.Open:
    case lib.CircuitState.HalfOpen:
    case lib.CircuitState.Isolated:
      break;
    default:
      expectTypeOf(breaker.state).toEqualTypeOf<never>();
  }
  expectTypeOf(await lib.Event.toPromise(breaker.onStateChange)).toEqualTypeOf<ours.CircuitState>();
  const error: unknown = undefined;
  if (lib.isTaskCancelledError(error)) expectTypeOf(error).toEqualTypeOf<ours.TaskCancelledError>();
});

test('the policies of both libraries mix in either `wrap`', () => {
  const { retry, fallback } = written(lib);
  const theirRetry = theirs.retry(theirs.handleAll, {
    maxAttempts: 3,
    backoff: new lib.ConstantBackoff(1),
  });
  const theirBreaker = theirs.circuitBreaker(lib.handleAll, {
    halfOpenAfter: 1,
    breaker: new theirs.ConsecutiveBreaker(1),
  });
  lib.circuitBreaker(theirs.handleAll, {
    halfOpenAfter: new theirs.ConstantBackoff(1),
    breaker: new theirs.ConsecutiveBreaker(1),
  });
  const inTheirs = theirs.wrap(fallback, theirRetry, theirBreaker);
  expectTypeOf(inTheirs.execute(({ attempt }) => attempt)).toEqualTypeOf<
    Promise<number | 'stale'>
  >();
  const inOurs = lib.wrap(fallback, theirRetry, retry);
  expectTypeOf(inOurs.execute(({ attempt }) => attempt)).toEqualTypeOf<Promise<number | 'stale'>>();
});

test('fromCockatiel takes any policy of cockatiel, and tells what it may answer', () => {
  const theirFallback = theirs.fallback(theirs.handleAll, 'stale' as const);
  expectTypeOf(fromCockatiel(theirFallback)).toEqualTypeOf<Policy<'stale'>>();
  expectTypeOf(fromCockatiel(theirs.retry(theirs.handleAll, {}))).toEqualTypeOf<Policy>();
  expectTypeOf(fromCockatiel(theirs.noop)).toEqualTypeOf<Policy>();
  expectTypeOf(fromCockatiel(theirs.wrap(theirs.noop, theirFallback))).toEqualTypeOf<
    Policy<'stale'>
  >();
  expectTypeOf(fromCockatiel(written(lib).all)).toEqualTypeOf<Policy<'stale'>>();
  const pipeline = compose(ourBulkhead(), fromCockatiel(theirFallback));
  expectTypeOf<AlternativeOf<typeof pipeline>>().toEqualTypeOf<'stale'>();
  // @ts-expect-error A bulkhead of ours has another `execute`: it needs no adapter.
  fromCockatiel({ execute: 1 });
});

test('toCockatiel makes a policy that cockatiel takes', () => {
  const policy = toCockatiel(compose(ourFallback({ value: 0 as const }), ourBulkhead()));
  expectTypeOf(policy).toExtend<theirs.IPolicy<theirs.IDefaultPolicyContext, 0>>();
  const theirRetry = theirs.retry(theirs.handleAll, { maxAttempts: 3 });
  const all = theirs.wrap(policy, theirRetry);
  expectTypeOf(all.execute(({ attempt }) => `${attempt}`)).toEqualTypeOf<Promise<string | 0>>();
  theirs.usePolicy(toCockatiel(ourBulkhead()));
});
