export { chaos } from './chaos.ts';
export type { Chaos } from './chaos.ts';
export type { ChaosOptions } from './options.ts';
export { isChaosRefusedError, ChaosRefusedError } from './errors.ts';
export type { ChaosEvents, RefusedEvent } from './events.ts';
