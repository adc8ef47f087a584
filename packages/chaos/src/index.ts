// For users.
export { chaos } from './chaos.ts';
export type { Chaos } from './chaos.ts';
export type { ChaosOptions, When } from './options.ts';
export { fault } from './injections/fault.ts';
export { result } from './injections/result.ts';
export { latency } from './injections/latency.ts';
export type {
  FixedLatencyOptions,
  LatencyFunction,
  LatencyOptions,
  UniformLatencyOptions,
} from './injections/latency.ts';
export { hang } from './injections/hang.ts';
export type { HangOptions } from './injections/hang.ts';
export { abort } from './injections/abort.ts';
export type { AbortOptions } from './injections/abort.ts';
export { tamper } from './injections/tamper.ts';
export { behavior } from './injections/behavior.ts';
export { after } from './injections/after.ts';
export { oneOf } from './injections/one-of.ts';
export type { InjectionChoice, InjectionsOf, WeightedInjections } from './injections/one-of.ts';
export { rate } from './schedules/rate.ts';
export { everyNth } from './schedules/every-nth.ts';
export { nth } from './schedules/nth.ts';
export { outages } from './schedules/outages.ts';
export type { OutagesOptions } from './schedules/outages.ts';
export { blastRadius } from './blast-radius.ts';
export type { BlastRadius, BlastRadiusOptions, ReachedLimit } from './blast-radius.ts';
export { chaosSwitch } from './switch.ts';
export type { ChaosSwitch } from './switch.ts';
export {
  ChaosError,
  ChaosInProductionError,
  isChaosError,
  isChaosInProductionError,
} from './errors.ts';
export type { ChaosErrorOptions, ChaosErrorSource } from './errors.ts';
export type { ChaosEvents, InjectedEvent, SparedEvent, SparedReason } from './events.ts';

// For authors of injections and schedules.
export type {
  AnyInjection,
  EachOf,
  Injection,
  Injections,
  Script,
  Step,
  StruckCall,
} from './injection.ts';
export type { Decide, Schedule, ScheduleTools } from './schedule.ts';
