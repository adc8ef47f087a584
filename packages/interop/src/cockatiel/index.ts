export type { IBackoff, IBackoffFactory } from './backoff/backoff.ts';
export { ConstantBackoff } from './backoff/constant-backoff.ts';
export { DelegateBackoff } from './backoff/delegate-backoff.ts';
export type { DelegateBackoffFn } from './backoff/delegate-backoff.ts';
export { ExponentialBackoff } from './backoff/exponential-backoff.ts';
export type { IExponentialBackoffOptions } from './backoff/exponential-backoff.ts';
export { IterableBackoff } from './backoff/iterable-backoff.ts';
export {
  decorrelatedJitterGenerator,
  fullJitterGenerator,
  halfJitterGenerator,
  noJitterGenerator,
} from './backoff/jitter-generators.ts';
export type { GeneratorFn } from './backoff/jitter-generators.ts';
export type { IBreaker } from './breaker/breaker.ts';
export { ConsecutiveBreaker } from './breaker/consecutive-breaker.ts';
export { CountBreaker } from './breaker/count-breaker.ts';
export type { ICountBreakerOptions } from './breaker/count-breaker.ts';
export { SamplingBreaker } from './breaker/sampling-breaker.ts';
export type { ISamplingBreakerOptions } from './breaker/sampling-breaker.ts';
export { BulkheadPolicy } from './bulkhead-policy.ts';
export { CircuitBreakerPolicy } from './circuit-breaker-policy.ts';
export type {
  BreakEvent,
  ICircuitBreakerOptions,
  IHalfOpenAfterBackoffContext,
} from './circuit-breaker-policy.ts';
export { CircuitState } from './circuit-state.ts';
export type { CircuitStates } from './circuit-state.ts';
export {
  BrokenCircuitError,
  BulkheadRejectedError,
  HydratingCircuitError,
  isBrokenCircuitError,
  isBulkheadRejectedError,
  isHydratingCircuitError,
  isIsolatedCircuitError,
  IsolatedCircuitError,
  isTaskCancelledError,
  TaskCancelledError,
} from './errors.ts';
export { Event, EventEmitter } from './event.ts';
export type { EventFunctions, IDisposable } from './event.ts';
export type { Executor, Invocation } from './executor.ts';
export { bulkhead, circuitBreaker, fallback, retry, timeout, usePolicy } from './factories.ts';
export { FallbackPolicy } from './fallback-policy.ts';
export type { IHalfOpenSamplingOptions } from './half-open-sampling.ts';
export type {
  FailureReason,
  IDefaultPolicyContext,
  IFailureEvent,
  IMergedPolicy,
  IPolicy,
  ISuccessEvent,
  MergePolicies,
} from './i-policy.ts';
export { noop, NoopPolicy } from './noop-policy.ts';
export {
  handleAll,
  handleResultType,
  handleType,
  handleWhen,
  handleWhenResult,
  Policy,
} from './policy.ts';
export type { IBasePolicyOptions } from './policy.ts';
export { RetryPolicy } from './retry-policy.ts';
export type {
  IRetryBackoffContext,
  IRetryContext,
  IRetryPolicyConfig,
  RetryEvent,
} from './retry-policy.ts';
export { TimeoutPolicy } from './timeout-policy.ts';
export type { ICancellationContext, ITimeoutOptions } from './timeout-policy.ts';
export { TimeoutStrategy } from './timeout-strategy.ts';
export type { TimeoutStrategies } from './timeout-strategy.ts';
export { wrap } from './wrap.ts';
