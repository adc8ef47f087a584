export { fallback } from './fallback.ts';
export type { Fallback } from './fallback.ts';
export type {
  FallbackChainOptions,
  FallbackCommonOptions,
  FallbackFunction,
  FallbackFunctionOptions,
  FallbackSteps,
  FallbackValueOptions,
} from './options.ts';
export type { FailedEvent, FallbackEvents, FellBackEvent } from './events.ts';
