// For users.
export { circuitBreaker } from './circuit-breaker.ts';
export type { CircuitBreaker } from './circuit-breaker.ts';
export type {
  CircuitBreakerOptions,
  CircuitMode,
  CircuitConfigureOptions,
  ReconfigureRules,
} from './options.ts';
export type { CircuitState } from './state.ts';
export type { CircuitMetrics } from './metrics.ts';
export type { CircuitPermit } from './permit.ts';
export type { Isolation } from './isolation.ts';
export { waitForProbe } from './extras/probe-waiting.ts';
export type { WaitForProbeOptions } from './extras/probe-waiting.ts';
export { ramp } from './extras/ramp.ts';
export type { RampOptions } from './extras/ramp.ts';
export { healthProbe } from './extras/health-probe.ts';
export type {
  HealthCheck,
  HealthCheckContext,
  HealthProbeOptions,
  ProbingCircuitBreaker,
} from './extras/health-probe.ts';
export type { CircuitExtra } from './extra.ts';
export { restoreSnapshot, takeSnapshot } from './snapshot/snapshots.ts';
export type { RestoreSnapshotOptions, TakeSnapshotOptions } from './snapshot/snapshots.ts';
export type { CircuitSnapshot, TripSnapshot } from './snapshot/circuit-snapshot.ts';
export { growing, retryAfter } from './break-duration.ts';
export type {
  BreakDuration,
  BreakInfo,
  GrowingOptions,
  RetryAfterOptions,
} from './break-duration.ts';
export { consecutiveFailures } from './trips/consecutive-failures.ts';
export { countWindow } from './trips/count-window.ts';
export type { CountWindowOptions } from './trips/count-window.ts';
export { failureRatio } from './trips/failure-ratio.ts';
export type { FailureRatioOptions } from './trips/failure-ratio.ts';
export { failuresWithin } from './trips/failures-within.ts';
export type { FailuresWithinOptions } from './trips/failures-within.ts';
export { slowCalls } from './trips/slow-calls.ts';
export type { SlowCallsOptions } from './trips/slow-calls.ts';
export {
  CircuitIsolatedError,
  CircuitOpenError,
  isCircuitIsolatedError,
  isCircuitOpenError,
} from './errors.ts';
export type { CircuitOpenErrorOptions } from './errors.ts';
export type {
  AbandonedEvent,
  CircuitBreakerEvents,
  CircuitEvent,
  ClosedEvent,
  ClosedReason,
  DequeuedEvent,
  HalfOpenedEvent,
  HealthCheckedEvent,
  IsolatedEvent,
  OpenedEvent,
  OpenedReason,
  QueuedEvent,
  RampStartedEvent,
  RejectedEvent,
  ReleasedEvent,
} from './events.ts';
export { adaptiveThrottle } from './throttle/adaptive-throttle.ts';
export type { AdaptiveThrottle, ThrottleMetrics } from './throttle/adaptive-throttle.ts';
export type {
  AdaptiveThrottleOptions,
  ThrottleConfigureOptions,
} from './throttle/throttle-options.ts';
export { isThrottledError, ThrottledError } from './throttle/throttled-error.ts';
export type { ThrottledErrorOptions } from './throttle/throttled-error.ts';
export type {
  AdaptiveThrottleEvents,
  ThrottledEvent,
  ThrottlingEndedEvent,
  ThrottlingStartedEvent,
} from './throttle/throttle-events.ts';

// For authors of trips.
export type { Trip, TripCounter, TripReading } from './trip.ts';
