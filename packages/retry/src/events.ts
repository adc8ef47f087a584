import {
  defineTopics,
  type Outcome,
  type PolicyEvent,
  type RejectedError,
  type Topic,
} from '@holdfast/policy';
import type { AttemptSummary } from './history.ts';

/** A further attempt will be made. */
export interface RetriedEvent extends PolicyEvent {
  /** Always `'retried'`. */
  readonly event: 'retried';
  /** The attempt that has ended, counted from 1 by this policy. */
  readonly attempt: number;
  /** How long the back-off will be, in milliseconds. */
  readonly delayMs: number;
  /** How that attempt ended. A value is disposed right after this event. */
  readonly outcome: Outcome<unknown>;
}

/**
 * Why no further attempt is made:
 * - `'attempts'`: there have been `maxAttempts`;
 * - `'elapsed'`: it would begin after `maxElapsedMs`;
 * - `'deadline'`: it would begin after the deadline of the call, or of a timeout outside;
 * - `'budget'`: the retry budget is used up;
 * - `'stopped'`: the operation said so, by `stopRetrying` or the `AbortError` of p-retry;
 * - `'not-retryable'`: `shouldRetry` said no;
 * - `'refused'`: a policy inside did not let the attempt start, and waiting for it is no use;
 * - `'backoff'`: the back-off or `delayFrom` said so;
 * - `'callback-threw'`: a function among the options threw, and the call rejects with its error.
 */
export type GaveUpReason =
  | 'attempts'
  | 'elapsed'
  | 'deadline'
  | 'budget'
  | 'stopped'
  | 'not-retryable'
  | 'refused'
  | 'backoff'
  | 'callback-threw';

/** A call is answered although its last attempt failed. */
export interface GaveUpEvent extends PolicyEvent {
  /** Always `'gave-up'`. */
  readonly event: 'gave-up';
  /** Why there is no further attempt. */
  readonly reason: GaveUpReason;
  /** How many attempts were made, refused ones included. */
  readonly attempts: number;
  /** What the call is answered with. */
  readonly outcome: Outcome<unknown>;
  /** The error with which a policy inside did not let the last attempt start, if that is how it ended. */
  readonly refusal: RejectedError | undefined;
  /** The latest attempts, at most 20 of them, in the order in which they were made. */
  readonly history: readonly AttemptSummary[];
  /** How many earlier attempts are not in `history`. */
  readonly omitted: number;
}

/** A call succeeded, but not at the first attempt. */
export interface RecoveredEvent extends PolicyEvent {
  /** Always `'recovered'`. */
  readonly event: 'recovered';
  /** How many attempts it took. */
  readonly attempts: number;
  /** The latest attempts, at most 20 of them, in the order in which they were made. */
  readonly history: readonly AttemptSummary[];
  /** How many earlier attempts are not in `history`. */
  readonly omitted: number;
}

/** The events of a retry, by name. */
export interface RetryEvents {
  /** A further attempt will be made. */
  readonly retried: RetriedEvent;
  /** A call is answered although its last attempt failed. */
  readonly 'gave-up': GaveUpEvent;
  /** A call succeeded, but not at the first attempt. */
  readonly recovered: RecoveredEvent;
}

export const topics: Readonly<Record<keyof RetryEvents, Topic>> = defineTopics('retry', [
  'retried',
  'gave-up',
  'recovered',
]);
