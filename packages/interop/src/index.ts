export { fromBottleneck } from './from-bottleneck.ts';
export type {
  BottleneckJobOptions,
  BottleneckLike,
  FromBottleneckOptions,
} from './from-bottleneck.ts';
export { fromCockatiel } from './from-cockatiel.ts';
export type { CockatielPolicy, FromCockatielOptions } from './from-cockatiel.ts';
export { fromOpossum } from './from-opossum.ts';
export type { OpossumBreaker } from './from-opossum.ts';
export { isOpossumRejectedError, OpossumRejectedError } from './from-opossum-errors.ts';
export type { OpossumRefusalReason, OpossumRejectedErrorOptions } from './from-opossum-errors.ts';
export { fromPLimit } from './from-p-limit.ts';
export type { FromPLimitOptions, PLimitLike } from './from-p-limit.ts';
export { fromPRetryOptions } from './from-p-retry-options.ts';
export type { PRetryOptions, RetryContext as PRetryContext } from './p-retry/options.ts';
export { isLimiterRejectedError, LimiterRejectedError } from './limiter/errors.ts';
export type {
  LimiterAbandonedEvent,
  LimiterEvents,
  LimiterRejectedEvent,
} from './limiter/events.ts';
export type { LimiterPolicy } from './limiter/limiter-policy.ts';
export { toCockatiel } from './to-cockatiel.ts';
export type {
  AsCockatiel,
  CockatielContext,
  CockatielEvent,
  CockatielFailure,
  CockatielSuccess,
} from './to-cockatiel.ts';
