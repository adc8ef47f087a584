export { rateLimiter } from './rate-limiter.ts';
export type { RateLimiter } from './rate-limiter.ts';
export type { RateLimiterOptions } from './options.ts';
export { isRateLimiterRefusedError, RateLimiterRefusedError } from './errors.ts';
export type { RateLimiterEvents, RefusedEvent } from './events.ts';
