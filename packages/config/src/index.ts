export { policiesFrom } from './policies-from.ts';
export type { ConfiguredEvents, ConfiguredPolicy, NamesIn, Policies } from './policies-from.ts';
export type { AnyContextKey, ConfigOptions } from './options.ts';
export type { LayerConfig, PlainLayerData, PoliciesConfig } from './format/policies-config.ts';
export type { AppliedChange } from './configured-policies.ts';
export type {
  ChangedEvent,
  ConfigEvents,
  ConfigFinding,
  LayerChange,
  LayerChangeKind,
  PolicyChange,
  RefusedEvent,
  SourceFailedEvent,
  SourceRecoveredEvent,
} from './events.ts';
export {
  ConfigInvalidError,
  ConfigSourceError,
  isConfigInvalidError,
  isConfigSourceError,
} from './errors.ts';
export type {
  ConfigInvalidErrorOptions,
  ConfigProblem,
  ConfigSourceErrorOptions,
} from './errors.ts';
export type { ConfigListener, ConfigReading, ConfigSource, ConfigWatch } from './sources/source.ts';
