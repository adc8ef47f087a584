export { resilience } from './resilience.ts';
export type { Resilience } from './resilience.ts';
export type { ResilienceOptions } from './options.ts';
export { isResilienceRefusedError, ResilienceRefusedError } from './errors.ts';
export type { ResilienceEvents, RefusedEvent } from './events.ts';
