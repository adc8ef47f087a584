import { defineTopics, type Outcome, type PolicyEvent, type Topic } from '@holdfast/policy';

/** Why a hedge started: the attempts before it were slow, or one has failed. */
export type HedgedReason = 'slow' | 'failed';

/** A further attempt has started beside those on their way. */
export interface HedgedEvent extends PolicyEvent {
  readonly event: 'hedged';
  /** The number of the hedge, from 1. */
  readonly hedge: number;
  /** Why it started. */
  readonly reason: HedgedReason;
}

/** A further attempt would have started, but must not. */
export interface SuppressedEvent extends PolicyEvent {
  readonly event: 'suppressed';
  /** The number of the hedge, from 1. */
  readonly hedge: number;
  /** The retry budget is used up, or the deadline of the call has passed. */
  readonly reason: 'budget' | 'deadline';
}

/** A call for which a hedge had started has its answer. */
export interface WonEvent extends PolicyEvent {
  readonly event: 'won';
  /** Which attempt gave the answer: 0 is the first, then the hedges. */
  readonly hedge: number;
  /** How many hedges had started. */
  readonly hedges: number;
  /** The answer. */
  readonly outcome: Outcome<unknown>;
}

/** The events of a hedge, by name. */
export interface HedgeEvents {
  /** A further attempt has started beside those on their way. */
  readonly hedged: HedgedEvent;
  /** A further attempt would have started, but must not. */
  readonly suppressed: SuppressedEvent;
  /** A call for which a hedge had started has its answer. */
  readonly won: WonEvent;
}

export const topics: Readonly<Record<keyof HedgeEvents, Topic>> = defineTopics('hedge', [
  'hedged',
  'suppressed',
  'won',
]);
