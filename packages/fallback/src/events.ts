import { defineTopics, type Outcome, type PolicyEvent, type Topic } from '@holdfast/policy';

/** The caller has got an alternative. */
export interface FellBackEvent extends PolicyEvent {
  /** Always `'fell-back'`. */
  readonly event: 'fell-back';
  /** What came out of the operation, and was replaced. */
  readonly outcome: Outcome<unknown>;
  /** What the caller got instead. */
  readonly value: unknown;
  /** Which step of the chain it came from, counted from 1; 1 where there is no chain. */
  readonly step: number;
  /** How old the value is at most, in milliseconds, where it is a last known good one. */
  readonly ageMs: number | undefined;
}

/** A fallback function has failed; the next one of the chain is tried, if there is one. */
export interface FailedEvent extends PolicyEvent {
  /** Always `'failed'`. */
  readonly event: 'failed';
  /** What came out of the operation. */
  readonly outcome: Outcome<unknown>;
  /** What the fallback function threw. */
  readonly error: unknown;
  /** Which step of the chain has failed, counted from 1. */
  readonly step: number;
}

/** The events of a fallback, by name. */
export interface FallbackEvents {
  /** See {@link FellBackEvent}. */
  readonly 'fell-back': FellBackEvent;
  /** See {@link FailedEvent}. */
  readonly failed: FailedEvent;
}

export const topics: Readonly<Record<keyof FallbackEvents, Topic>> = defineTopics('fallback', [
  'fell-back',
  'failed',
]);
