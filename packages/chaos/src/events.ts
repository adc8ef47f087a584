import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';
import type { ReachedLimit } from './blast-radius.ts';

/**
 * Why a call was spared: the limit of the blast radius that has been reached, or `'switched-off'` for
 * one whose injections were under way.
 */
export type SparedReason = ReachedLimit | 'switched-off';

interface ChaosEvent extends PolicyEvent {
  /** Which call it is, counted from 1, of those that came while the policy was on. */
  readonly call: number;
  /** Which attempt of its operation it is, counted from 1. */
  readonly attempt: number;
  /** What was injected, or would have been, in order. */
  readonly injections: readonly string[];
}

/** A call has been struck. */
export interface InjectedEvent extends ChaosEvent {
  /** Always `'injected'`. */
  readonly event: 'injected';
  /** What chose the call: the kinds of `when`, such as `'rate'` or `'predicate'`. */
  readonly why: string;
  /** The sum of the latencies, in milliseconds. */
  readonly delayMs: number;
  /** The seed of the policy: with the same one, the same calls are struck. */
  readonly seed: number | undefined;
}

/** A call was not struck although it had been chosen, or its injections were ended. */
export interface SparedEvent extends ChaosEvent {
  /** Always `'spared'`. */
  readonly event: 'spared';
  /** Why. */
  readonly reason: SparedReason;
}

/** The events of a chaos policy, by name. */
export interface ChaosEvents {
  /** See {@link InjectedEvent}. */
  readonly injected: InjectedEvent;
  /** See {@link SparedEvent}. */
  readonly spared: SparedEvent;
}

export const topics: Readonly<Record<keyof ChaosEvents, Topic>> = defineTopics('chaos', [
  'injected',
  'spared',
]);
