export { AbortError } from './abort-error.ts';
export type { Options, RetryContext } from './options.ts';
export type { Input } from './retried-call.ts';
// oxlint-disable-next-line import/no-default-export -- p-retry has one; nothing of our own does.
export { makeRetriable, pRetry as default } from './p-retry.ts';
