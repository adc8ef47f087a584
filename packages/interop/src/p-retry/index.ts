export { AbortError } from './abort-error.ts';
export type { Options, RetryContext } from './options.ts';
export type { Input } from './retried-call.ts';
// The surface of p-retry has a default export; nothing of our own has one.
export { makeRetriable, pRetry as default } from './p-retry.ts';
