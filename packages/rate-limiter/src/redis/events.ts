import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';
import type {
  AbandonedEvent,
  DequeuedEvent,
  QueuedEvent,
  RefusedEvent,
  RefusedReason,
} from '../events.ts';

/**
 * Why a call may not go: as of a limiter without Redis, and `'away'` when Redis is away and nothing may
 * go meanwhile.
 */
export type RedisRefusedReason = RefusedReason | 'away';

/** A call was not let in, at once or after it had waited. */
export interface RedisRefusedEvent extends Omit<RefusedEvent, 'reason'> {
  /** Why it may not go. */
  readonly reason: RedisRefusedReason;
}

/** Redis does not answer, or only errors. */
export interface AwayEvent extends PolicyEvent {
  readonly event: 'away';
  /** Why: an error of the client, an error that Redis answered, or that no answer came in time. */
  readonly cause: unknown;
}

/** Redis answers again. */
export interface BackEvent extends PolicyEvent {
  readonly event: 'back';
  /** For how long it was away, in milliseconds. */
  readonly awayMs: number;
}

/** The events of a rate limiter with Redis, by name. */
export interface RedisRateLimiterEvents {
  /** A call was not let in, at once or after it had waited. */
  readonly refused: RedisRefusedEvent;
  /** A call has to wait. */
  readonly queued: QueuedEvent;
  /** A call that had to wait goes on. */
  readonly dequeued: DequeuedEvent;
  /** Nobody waits for a waiting call any more. */
  readonly abandoned: AbandonedEvent;
  /** Redis does not answer, or only errors. */
  readonly away: AwayEvent;
  /** Redis answers again. */
  readonly back: BackEvent;
}

export const topics: Readonly<Record<'away' | 'back', Topic>> = defineTopics('rate-limiter', [
  'away',
  'back',
]);
