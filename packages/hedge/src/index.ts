export { hedge } from './hedge.ts';
export type { Hedge } from './hedge.ts';
export type { HedgeOptions } from './options.ts';
export { isHedgeRefusedError, HedgeRefusedError } from './errors.ts';
export type { HedgeEvents, RefusedEvent } from './events.ts';
