import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';

/**
 * Why a call may not go: the limit is used up and nobody may wait; the line is full; it would have to
 * wait for longer than `maxWaitMs`, or has; or until after its deadline.
 */
export type RefusedReason = 'limit' | 'full' | 'wait' | 'deadline';

/** What all events of a rate limiter tell. */
interface RateLimiterEvent extends PolicyEvent {
  /** The key, if the limiter has keys. */
  readonly key: string | undefined;
}

/** A call was not let in, at once or after it had waited. */
export interface RefusedEvent extends RateLimiterEvent {
  readonly event: 'refused';
  /** Why it may not go. */
  readonly reason: RefusedReason;
  /** After how many milliseconds it might have gone. */
  readonly retryAfterMs: number;
  /** How many units it is. */
  readonly weight: number;
}

/** A call has to wait. */
export interface QueuedEvent extends RateLimiterEvent {
  readonly event: 'queued';
  /**
   * How long it will wait, in milliseconds, unless somebody goes before it or gives up. In an exact
   * window, heavy calls leave gaps: then it may be more.
   */
  readonly waitMs: number;
  /** How many calls wait now for the same limit, this one included. */
  readonly queued: number;
}

/** A call that had to wait goes on. */
export interface DequeuedEvent extends RateLimiterEvent {
  readonly event: 'dequeued';
  /** How long it has waited, in milliseconds. */
  readonly waitedMs: number;
}

/** Nobody waits for a waiting call any more: its caller gave up, or an outer timeout struck. */
export interface AbandonedEvent extends RateLimiterEvent {
  readonly event: 'abandoned';
  /** How long it has waited, in milliseconds. */
  readonly waitedMs: number;
}

/** What is called has said that it gets too much. */
export interface ThrottledEvent extends RateLimiterEvent {
  readonly event: 'throttled';
  /** For how long nothing goes, in milliseconds. */
  readonly pauseMs: number;
  /** The share of the limit that is used from now on. */
  readonly share: number;
}

/** The events of a rate limiter, by name. */
export interface RateLimiterEvents {
  /** A call was not let in, at once or after it had waited. */
  readonly refused: RefusedEvent;
  /** A call has to wait. */
  readonly queued: QueuedEvent;
  /** A call that had to wait goes on. */
  readonly dequeued: DequeuedEvent;
  /** Nobody waits for a waiting call any more. */
  readonly abandoned: AbandonedEvent;
  /** What is called has said that it gets too much. */
  readonly throttled: ThrottledEvent;
}

export const topics: Readonly<Record<keyof RateLimiterEvents, Topic>> = defineTopics(
  'rate-limiter',
  ['refused', 'queued', 'dequeued', 'abandoned', 'throttled'],
);
