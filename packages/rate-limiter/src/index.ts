export { rateLimiter } from './rate-limiter.ts';
export type { AcquireOptions, RateFeedback, RateLimiter, ReserveOptions } from './rate-limiter.ts';
export type { RateConfigureOptions, RateLimiterOptions } from './options.ts';
export { gcra } from './algorithms/gcra.ts';
export type { GcraOptions } from './algorithms/gcra.ts';
export { tokenBucket } from './algorithms/token-bucket.ts';
export type { TokenBucketOptions } from './algorithms/token-bucket.ts';
export { slidingWindow } from './algorithms/sliding-window.ts';
export type { SlidingWindowOptions } from './algorithms/sliding-window.ts';
export { adaptiveRate } from './adaptive-rate.ts';
export type { AdaptiveRate, AdaptiveRateOptions, ThrottleAnswer } from './adaptive-rate.ts';
export { perKey } from './per-key.ts';
export type { PerKey, PerKeyOptions } from './per-key.ts';
export { byPriority } from './by-priority.ts';
export type { PriorityOptions } from './by-priority.ts';
export type { WaitingOrder } from './waiting-line.ts';
export { rateLimitHeaders } from './headers.ts';
export type { RateLimitHeadersOptions } from './headers.ts';
export type { RateDecision } from './decision.ts';
export type { Reservation } from './reservation.ts';
export { isRateLimitedError, RateLimitedError } from './errors.ts';
export type { RateLimitedErrorOptions } from './errors.ts';
export type {
  AbandonedEvent,
  DequeuedEvent,
  QueuedEvent,
  RateLimiterEvents,
  RefusedEvent,
  RefusedReason,
  ThrottledEvent,
} from './events.ts';

// For authors of algorithms.
export type { RateAlgorithm, RateState, Taken } from './algorithm.ts';
