// Every policy, and `compose`.
export {
  compose,
  concurrentRetryBudget,
  contextKey,
  definePolicy,
  guarded,
  guardMethod,
  isNetworkError,
  isPolicyError,
  isRejectedError,
  isTimeoutError,
  keyed,
  lint,
  noop,
  PolicyError,
  RejectedError,
  retryBudget,
  systemClock,
  TimeoutError,
} from '@holdfast/policy';
export {
  adaptiveThrottle,
  circuitBreaker,
  CircuitIsolatedError,
  CircuitOpenError,
  consecutiveFailures,
  countWindow,
  failureRatio,
  failuresWithin,
  growing,
  healthProbe,
  isCircuitIsolatedError,
  isCircuitOpenError,
  isThrottledError,
  ramp,
  restoreSnapshot,
  retryAfter,
  slowCalls,
  takeSnapshot,
  ThrottledError,
  waitForProbe,
} from '@holdfast/circuit-breaker';
export {
  constant,
  delays,
  exponential,
  isRetryable,
  isRetryStoppedError,
  linear,
  retry,
  RetryStoppedError,
  stopRetrying,
} from '@holdfast/retry';
export { timeout } from '@holdfast/timeout';
export {
  aimd,
  bulkhead,
  BulkheadDrainingError,
  BulkheadFullError,
  BulkheadReentrancyError,
  fairQueue,
  fifoQueue,
  gradient2,
  isBulkheadDrainingError,
  isBulkheadFullError,
  isBulkheadReentrancyError,
  priorityQueue,
  vegas,
} from '@holdfast/bulkhead';
export {
  adaptiveRate,
  byPriority,
  gcra,
  isRateLimitedError,
  perKey,
  RateLimitedError,
  rateLimiter,
  rateLimitHeaders,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
export {
  fallback,
  lastKnownGood,
} from '@holdfast/fallback';
export {
  hedge,
  HedgeLostError,
  hedgeNumber,
  isHedgeLostError,
  quantileDelay,
} from '@holdfast/hedge';
export {
  cache,
  coalesce,
} from '@holdfast/cache';
export {
  abort,
  after,
  behavior,
  blastRadius,
  chaos,
  ChaosError,
  ChaosInProductionError,
  chaosSwitch,
  everyNth,
  fault,
  hang,
  isChaosError,
  isChaosInProductionError,
  latency,
  nth,
  oneOf,
  outages,
  rate,
  result,
  tamper,
} from '@holdfast/chaos';

// Presets: settings that others have published.
export { awsStandardRetry } from './presets/aws-standard-retry.ts';
export type { AwsStandardRetryOptions } from './presets/aws-standard-retry.ts';
export { googleSre } from './presets/google-sre.ts';
export type { GoogleSreEvents, GoogleSreOptions } from './presets/google-sre.ts';
export { hystrixDefaults } from './presets/hystrix-defaults.ts';
export type { HystrixDefaultsEvents, HystrixDefaultsOptions } from './presets/hystrix-defaults.ts';
export { resilience4jDefaults } from './presets/resilience4j-defaults.ts';
export type {
  Resilience4jDefaultsEvents,
  Resilience4jDefaultsOptions,
} from './presets/resilience4j-defaults.ts';
export { standardPipeline } from './presets/standard-pipeline.ts';
export type {
  StandardPipelineEvents,
  StandardPipelineOptions,
} from './presets/standard-pipeline.ts';

// The types of every policy. Where two have one of the same name, it has that of the policy before it.
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AcceptsOf, AlternativeOf, AnswersAlso, AnyPolicy, AsyncMethod, Clock, ClockTimer,
  ConcurrentRetryBudgetOptions, ContextEntry, ContextKey, CrowdedEvent, EventListener, EventOwner,
  EventsOf, EventSource, ExecuteOptions, ExecutionContext, Failure, ForgottenEvent,
  GuardedDecorator, Keyed, KeyedEvents, KeyedOptions, KeyedOwnEvents, LintFinding, LintSeverity,
  MeasuredRetryBudget, Operation, Outcome, Pipeline, Policy, PolicyDescription,
  PolicyErrorOptions, PolicyEvent, PolicyFunction, PolicyTypes, RejectedErrorOptions, RetryBudget,
  RetryBudgetOptions, Success, TimeoutErrorOptions, Unsubscribe, WithKey,
} from '@holdfast/policy';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AbandonedEvent as CircuitAbandonedEvent, AdaptiveThrottle, AdaptiveThrottleEvents,
  AdaptiveThrottleOptions, BreakDuration, BreakInfo, CircuitBreaker, CircuitBreakerEvents,
  CircuitBreakerOptions, CircuitConfigureOptions, CircuitEvent, CircuitExtra, CircuitMetrics,
  CircuitMode, CircuitOpenErrorOptions, CircuitPermit, CircuitSnapshot, CircuitState, ClosedEvent,
  ClosedReason, CountWindowOptions, DequeuedEvent as CircuitDequeuedEvent, FailureRatioOptions,
  FailuresWithinOptions, GrowingOptions, HalfOpenedEvent, HealthCheck, HealthCheckContext,
  HealthCheckedEvent, HealthProbeOptions, IsolatedEvent, Isolation, OpenedEvent, OpenedReason,
  ProbingCircuitBreaker, QueuedEvent as CircuitQueuedEvent, RampOptions, RampStartedEvent,
  ReconfigureRules, ThrottleConfigureOptions,
  RejectedEvent as CircuitRejectedEvent, ReleasedEvent, RestoreSnapshotOptions, RetryAfterOptions,
  SlowCallsOptions, TakeSnapshotOptions, ThrottledErrorOptions,
  ThrottledEvent as CircuitThrottledEvent, ThrottleMetrics, ThrottlingEndedEvent,
  ThrottlingStartedEvent, TripSnapshot, WaitForProbeOptions,
} from '@holdfast/circuit-breaker';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AttemptSummary, Backoff, BackoffContext, DescribedBackoff, ExponentialOptions, GaveUpEvent,
  GaveUpReason, Jitter, JitterOptions, LinearOptions, RecoveredEvent, RetriedEvent, Retry,
  RetryEvents, RetryOptions,
} from '@holdfast/retry';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  LateResultEvent, TimedOutEvent, Timeout, TimeoutEvents, TimeoutMode, TimeoutOptions,
} from '@holdfast/timeout';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AbandonedEvent as BulkheadAbandonedEvent, AdaptiveLimit, AdaptiveLimitOptions, AimdOptions,
  Bulkhead, BulkheadEvents, BulkheadFullErrorOptions, BulkheadLimits, BulkheadOptions,
  DequeuedEvent as BulkheadDequeuedEvent, FairQueueOptions, FullReason, Gradient2Options,
  LatencyLimitOptions, LimitChangedEvent, LimitChangeReason, Permit, PriorityQueueOptions,
  QueuedEvent as BulkheadQueuedEvent, QueueOrder, QueueOrderOptions,
  RejectedEvent as BulkheadRejectedEvent, RejectionReason, VegasOptions,
} from '@holdfast/bulkhead';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AbandonedEvent as RateLimiterAbandonedEvent, AcquireOptions, AdaptiveRate, AdaptiveRateOptions,
  DequeuedEvent as RateLimiterDequeuedEvent, GcraOptions, PerKey, PerKeyOptions, PriorityOptions,
  QueuedEvent as RateLimiterQueuedEvent, RateDecision, RateFeedback, RateLimitedErrorOptions,
  RateConfigureOptions, RateLimiter, RateLimiterEvents, RateLimiterOptions, RateLimitHeadersOptions, RefusedEvent,
  RefusedReason, Reservation, ReserveOptions, SlidingWindowOptions, ThrottleAnswer,
  ThrottledEvent as RateLimiterThrottledEvent, TokenBucketOptions, WaitingOrder,
} from '@holdfast/rate-limiter';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  FailedEvent, Fallback, FallbackChainOptions, FallbackCommonOptions, FallbackEvents,
  FallbackFunction, FallbackFunctionOptions, FallbackMemory, FallbackStep, FallbackSteps,
  FallbackValueOptions, FellBackEvent, LastKnownGood, LastKnownGoodOptions, Recalled,
} from '@holdfast/fallback';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  DelayLearner, Hedge, HedgedEvent, HedgedReason, HedgeEvents, HedgeOptions, LearntDelay,
  QuantileDelayOptions, SuppressedEvent, WonEvent,
} from '@holdfast/hedge';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AbandonedEvent as CacheAbandonedEvent, AnswerOfAnother, Cache, CachedOutcome, CacheEvents,
  CacheOptions, Coalesce, CoalescedEvent, CoalesceEvents, CoalesceOptions, EvictedEvent, HitEvent,
  KeyEvent, MissEvent, RefreshedEvent, RefreshFailedEvent, StaleEvent,
} from '@holdfast/cache';
// biome-ignore format: one name in a line would be hundreds of lines
export type {
  AbortOptions, BlastRadius, BlastRadiusOptions, Chaos, ChaosErrorOptions, ChaosErrorSource,
  ChaosEvents, ChaosOptions, ChaosSwitch, FixedLatencyOptions, HangOptions, InjectedEvent,
  InjectionChoice, InjectionsOf, LatencyFunction, LatencyOptions, OutagesOptions, ReachedLimit,
  SparedEvent, SparedReason, UniformLatencyOptions, WeightedInjections, When,
} from '@holdfast/chaos';
