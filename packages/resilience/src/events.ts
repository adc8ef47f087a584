import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';

/** A call was not let in. */
export interface RefusedEvent extends PolicyEvent {
  /** What happened. */
  readonly event: 'refused';
  /** The attempt that was not let in, counted from 1. */
  readonly attempt: number;
}

/** The events of a resilience, by name. */
export interface ResilienceEvents {
  /** A call was not let in. */
  readonly refused: RefusedEvent;
}

export const topics: Readonly<Record<keyof ResilienceEvents, Topic>> = defineTopics('resilience', [
  'refused',
]);
