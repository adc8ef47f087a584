// For users.
export { wrapFetch } from './wrap-fetch.ts';
export type { FetchInit, WrappedFetch, WrapFetchOptions } from './wrap-fetch.ts';
export type { RequestFacts } from './repeatable.ts';
export { isHttpFailure, isRetryableHttp } from './http-outcome.ts';
export { retryAfterOf } from './retry-after.ts';
export { isRequestNotRepeatableError, RequestNotRepeatableError } from './errors.ts';
export type { NotRepeatableReason, RequestNotRepeatableErrorOptions } from './errors.ts';
