import { defineTopics, type LintSeverity, type PolicyEvent, type Topic } from '@holdfast/policy';
import type { ConfigInvalidError } from './errors.ts';
import type { PoliciesConfig } from './format/policies-config.ts';

/**
 * What became of a layer: `'added'` and `'removed'` speak for themselves. `'configured'` was given its
 * new options in place, with all its state. `'remade'` was made anew and had no state to lose.
 * `'replaced'` was made anew since something has changed that cannot be changed in place.
 */
export type LayerChangeKind = 'added' | 'removed' | 'configured' | 'remade' | 'replaced';

/** What became of one layer. */
export interface LayerChange {
  /** Its name, or its type and its number among its type. */
  readonly layer: string;
  /** Its type, such as `'retry'`. */
  readonly type: string;
  /** What became of it. */
  readonly change: LayerChangeKind;
}

/** What became of one pipeline. */
export interface PolicyChange {
  /** The name of the pipeline; undefined for the layers that pipelines share. */
  readonly policy: string | undefined;
  /** What became of it as a whole. */
  readonly change: 'added' | 'removed' | 'changed';
  /** Its layers that are not what they were. */
  readonly layers: readonly LayerChange[];
  /** Whether layers that it had stand in another order now. */
  readonly reordered: boolean;
}

/** An order of layers that defeats itself. */
export interface ConfigFinding {
  /** The name of the pipeline. */
  readonly policy: string;
  /** The rule of `lint`, such as `'inner-timeout-not-shorter'`. */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: LintSeverity;
  /** What is wrong, why, and what to do. */
  readonly message: string;
  /** Where the two layers are in the configuration, the outer one first. */
  readonly paths: readonly [outer: string, inner: string];
}

/** A configuration has been applied. */
export interface ChangedEvent extends PolicyEvent {
  readonly event: 'changed';
  /** The configuration as it holds now; frozen. */
  readonly config: PoliciesConfig;
  /** What has become of the pipelines; those that are what they were are left out. */
  readonly changes: readonly PolicyChange[];
  /** What `lint` finds in the pipelines as they are now. */
  readonly findings: readonly ConfigFinding[];
  /** The source that it came from; undefined when it was given by hand. */
  readonly source: string | undefined;
  /** What the source calls this state. */
  readonly version: string | undefined;
}

/** A configuration has been refused: what was there before goes on. */
export interface RefusedEvent extends PolicyEvent {
  readonly event: 'refused';
  /** All that is wrong with it. */
  readonly error: ConfigInvalidError;
  /** The source that it came from; undefined when it was given by hand. */
  readonly source: string | undefined;
  /** What the source calls this state. */
  readonly version: string | undefined;
}

/** A source could not be read: what was there before goes on. */
export interface SourceFailedEvent extends PolicyEvent {
  readonly event: 'source-failed';
  /** Why. */
  readonly error: unknown;
  /** The name of the source. */
  readonly source: string;
}

/** A source that could not be read can be read again. */
export interface SourceRecoveredEvent extends PolicyEvent {
  readonly event: 'source-recovered';
  /** The name of the source. */
  readonly source: string;
}

/** The events of a configuration, by name. */
export interface ConfigEvents {
  /** It has been applied, wholly. */
  readonly changed: ChangedEvent;
  /** It has been refused, wholly. */
  readonly refused: RefusedEvent;
  /** The source could not be read. */
  readonly 'source-failed': SourceFailedEvent;
  /** The source can be read again. */
  readonly 'source-recovered': SourceRecoveredEvent;
}

export const topics: Readonly<Record<keyof ConfigEvents, Topic>> = defineTopics('config', [
  'changed',
  'refused',
  'source-failed',
  'source-recovered',
]);
