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

export type * from './policy-types.ts';
