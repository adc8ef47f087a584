import { defineTopics, type Topic } from '@holdfast/policy';
import type { CircuitBreakerEvents, PlainEvent } from '../events.ts';

/** The events that a plain breaker does not have. */
export type ExtraEvent = Exclude<keyof CircuitBreakerEvents, PlainEvent>;

export const extraTopics: Readonly<Record<ExtraEvent, Topic>> = defineTopics('circuit-breaker', [
  'ramp-started',
  'queued',
  'dequeued',
  'abandoned',
  'health-checked',
]);
