import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';

/** The time for a call was over. */
export interface TimedOutEvent extends PolicyEvent {
  /** Always `'timed-out'`. */
  readonly event: 'timed-out';
  /** The time that the call had, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the operation had been started. */
  readonly started: boolean;
  /** The attempt that was under way, counted from 1. */
  readonly attempt: number;
}

/** An operation that nobody waited for any more has settled. */
export interface LateResultEvent extends PolicyEvent {
  /** Always `'late-result'`. */
  readonly event: 'late-result';
  /** Whether it settled with a value. */
  readonly ok: boolean;
  /** The value or the error. */
  readonly value: unknown;
}

/** The events of a timeout, by name. */
export interface TimeoutEvents {
  /** The time for a call was over. */
  readonly 'timed-out': TimedOutEvent;
  /** An operation that nobody waited for any more has settled. */
  readonly 'late-result': LateResultEvent;
}

export const topics: Readonly<Record<keyof TimeoutEvents, Topic>> = defineTopics('timeout', [
  'timed-out',
  'late-result',
]);
