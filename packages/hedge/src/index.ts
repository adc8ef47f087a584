export { hedge, hedgeNumber } from './hedge.ts';
export type { Hedge } from './hedge.ts';
export type { HedgeOptions } from './options.ts';
export { quantileDelay } from './quantile-delay.ts';
export type { DelayLearner, LearntDelay, QuantileDelayOptions } from './quantile-delay.ts';
export { HedgeLostError, isHedgeLostError } from './errors.ts';
export type {
  HedgedEvent,
  HedgedReason,
  HedgeEvents,
  SuppressedEvent,
  WonEvent,
} from './events.ts';
