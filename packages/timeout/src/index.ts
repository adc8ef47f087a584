export { isTimeoutError, TimeoutError } from '@holdfast/policy';
export { timeout } from './timeout.ts';
export type { Timeout } from './timeout.ts';
export type { TimeoutMode, TimeoutOptions } from './options.ts';
export type { LateResultEvent, TimedOutEvent, TimeoutEvents } from './events.ts';
