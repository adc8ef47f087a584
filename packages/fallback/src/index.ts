export { fallback } from './fallback.ts';
export type { Fallback } from './fallback.ts';
export { lastKnownGood } from './last-known-good.ts';
export type { LastKnownGood, LastKnownGoodOptions } from './last-known-good.ts';
export type { FallbackMemory, Recalled } from './memory.ts';
export type {
  FallbackChainOptions,
  FallbackCommonOptions,
  FallbackFunction,
  FallbackFunctionOptions,
  FallbackStep,
  FallbackSteps,
  FallbackValueOptions,
} from './options.ts';
export type { FailedEvent, FallbackEvents, FellBackEvent } from './events.ts';
