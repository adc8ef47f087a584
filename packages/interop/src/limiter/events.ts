import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';

/** The limiter has not let a call start. */
export interface LimiterRejectedEvent extends PolicyEvent {
  /** Always `'rejected'`. */
  readonly event: 'rejected';
  /** What the limiter said, if it said anything. */
  readonly cause: unknown;
}

/** Nobody waits any more for a call that the limiter holds: its caller gave up, or a timeout struck. */
export interface LimiterAbandonedEvent extends PolicyEvent {
  /** Always `'abandoned'`. */
  readonly event: 'abandoned';
}

/** The events of a limiter of another library, by name. */
export interface LimiterEvents {
  /** The limiter has not let a call start. */
  readonly rejected: LimiterRejectedEvent;
  /** Nobody waits any more for a call that the limiter holds. */
  readonly abandoned: LimiterAbandonedEvent;
}

export const topics: Readonly<Record<keyof LimiterEvents, Topic>> = defineTopics('limiter', [
  'rejected',
  'abandoned',
]);
