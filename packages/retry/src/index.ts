export { isNetworkError } from '@holdfast/policy';
export { retry } from './retry.ts';
export type { Retry } from './retry.ts';
export type { RetryOptions } from './options.ts';
export { exponential } from './exponential.ts';
export type { ExponentialOptions } from './exponential.ts';
export { linear } from './linear.ts';
export type { LinearOptions } from './linear.ts';
export { constant } from './constant.ts';
export { delays } from './delays.ts';
export type { Jitter, JitterOptions } from './jitter.ts';
export type { Backoff, BackoffContext, DescribedBackoff } from './backoff.ts';
export { isRetryable } from './is-retryable.ts';
export { stopRetrying } from './stop.ts';
export { isRetryStoppedError, RetryStoppedError } from './errors.ts';
export type { AttemptSummary } from './history.ts';
export type {
  GaveUpEvent,
  GaveUpReason,
  RecoveredEvent,
  RetriedEvent,
  RetryEvents,
} from './events.ts';
