export { policiesFrom } from './policies-from.ts';
export type {
  ConfiguredEvents,
  ConfiguredPolicy,
  NamedConfig,
  NamesIn,
  Policies,
} from './policies-from.ts';
export type { AnyContextKey, ConfigOptions } from './options.ts';
export type {
  LayerConfig,
  LayerOfType,
  LayerOptionsOf,
  PlainLayerData,
  LayerDefaults,
  PoliciesConfig,
  UnnamedLayer,
} from './format/policies-config.ts';
export type {
  AsData,
  AsPartialData,
  DataOf,
  LayerCommon,
  OfCode,
  OfKind,
} from './format/as-data.ts';
export type { AdaptiveThrottleData } from './layers/adaptive-throttle.ts';
export type { BudgetData } from './layers/budgets.ts';
export type { QueueData, QueueWithin } from './layers/bulkhead-queues.ts';
export type { AdaptiveLimitData, BulkheadData } from './layers/bulkhead.ts';
export type {
  AbortData,
  AfterData,
  BehaviorData,
  ChoiceData,
  FaultData,
  HangData,
  InjectionData,
  LatencyData,
  OneOfData,
  ResultData,
  SimpleInjectionData,
  TamperData,
} from './layers/chaos-injections.ts';
export type { ChaosData, EveryNthData, NthData, RateData, ScheduleData } from './layers/chaos.ts';
export type { CircuitBreakerData } from './layers/circuit-breaker.ts';
export type { BreakDurationData, GrowingData, HealthProbeData } from './layers/circuit-extras.ts';
export type { TripData } from './layers/circuit-trips.ts';
export type { FallbackData, FallbackStepData } from './layers/fallback.ts';
export type { HedgeData, QuantileDelayData } from './layers/hedge.ts';
export type { RateAlgorithmData, RateLimiterData } from './layers/rate-limiter.ts';
export type { BackoffData, RetryData } from './layers/retry.ts';
export type { TimeoutData } from './layers/timeout.ts';
export type { NamedFunction } from './layers/workshop.ts';
export type { KeyedData } from './live/keyed.ts';
export type { AppliedChange } from './configured-policies.ts';
export type {
  ChangedEvent,
  ConfigEvents,
  ConfigFinding,
  LayerChange,
  LayerChangeKind,
  PolicyChange,
  RefusedEvent,
  SourceFailedEvent,
  SourceRecoveredEvent,
} from './events.ts';
export {
  ConfigInvalidError,
  ConfigSourceError,
  isConfigInvalidError,
  isConfigSourceError,
} from './errors.ts';
export type {
  ConfigInvalidErrorOptions,
  ConfigProblem,
  ConfigSourceErrorOptions,
} from './errors.ts';
export type { ConfigListener, ConfigReading, ConfigSource, ConfigWatch } from './sources/source.ts';
export { objectSource } from './sources/object-source.ts';
export type { ObjectSource } from './sources/object-source.ts';
export { environmentSource } from './sources/environment-source.ts';
export type { EnvironmentSourceOptions } from './sources/environment-source.ts';
export { environmentVariables } from './sources/environment-variables.ts';
export type { EnvironmentVariablesOptions } from './sources/environment-variables.ts';
export { fileSource } from './sources/file-source.ts';
export type { FileSourceOptions } from './sources/file-source.ts';
export { mergedSource } from './sources/merged-source.ts';
export { springConfigSource } from './sources/spring-config-source.ts';
export type {
  BasicAuth,
  ConfigFetch,
  ConfigHeaders,
  SpringConfigSourceOptions,
} from './sources/spring-options.ts';
export { ConfigReadError, isConfigReadError } from './sources/read-error.ts';
export type { ConfigReadErrorOptions, ConfigReadReason } from './sources/read-error.ts';
