import { defineTopics, type PolicyEvent, type Topic } from '@holdfast/policy';
import type { FullReason } from './errors.ts';

/** Why a bulkhead turned a call away. */
export type RejectionReason = FullReason | 'deadline' | 'draining' | 'reentrancy';

/** What every event of a bulkhead tells. */
interface Occupancy extends PolicyEvent {
  /** How many calls hold a place now. */
  readonly active: number;
  /** How many calls wait now. */
  readonly queued: number;
}

/** A call was turned away, at once or after it had queued. */
export interface RejectedEvent extends Occupancy {
  /** Always `'rejected'`. */
  readonly event: 'rejected';
  /** Why. */
  readonly reason: RejectionReason;
  /** How long the call had queued, in milliseconds. */
  readonly waitedMs: number;
}

/** A call found no free place and waits; it counts in `queued` already. */
export interface QueuedEvent extends Occupancy {
  /** Always `'queued'`. */
  readonly event: 'queued';
}

/** A call that had queued has got its place and goes on; it counts in `active` already. */
export interface DequeuedEvent extends Occupancy {
  /** Always `'dequeued'`. */
  readonly event: 'dequeued';
  /** How long it had queued, in milliseconds. */
  readonly waitedMs: number;
}

/** Nobody waits any more for a call that queued: its caller gave up, or an outer timeout struck. */
export interface AbandonedEvent extends Occupancy {
  /** Always `'abandoned'`. */
  readonly event: 'abandoned';
  /** How long it had queued, in milliseconds. */
  readonly waitedMs: number;
}

/**
 * Why an adaptive limit has changed: `'adapted'`, by what it has measured; `'probe'`, it is lowered for a
 * moment in order to measure the latency without a queue; `'resized'`, by hand.
 */
export type LimitChangeReason = 'adapted' | 'probe' | 'resized';

/** An adaptive limit has changed. */
export interface LimitChangedEvent extends Occupancy {
  /** Always `'limit-changed'`. */
  readonly event: 'limit-changed';
  /** How many calls could run at once before. */
  readonly from: number;
  /** How many can now. */
  readonly to: number;
  /** Why. */
  readonly reason: LimitChangeReason;
}

/**
 * The events of a bulkhead, by name. Each `queued` is followed by one `dequeued`, `abandoned` or
 * `rejected` for the same call.
 */
export interface BulkheadEvents {
  /** See {@link RejectedEvent}. */
  readonly rejected: RejectedEvent;
  /** See {@link QueuedEvent}. */
  readonly queued: QueuedEvent;
  /** See {@link DequeuedEvent}. */
  readonly dequeued: DequeuedEvent;
  /** See {@link AbandonedEvent}. */
  readonly abandoned: AbandonedEvent;
  /** See {@link LimitChangedEvent}. */
  readonly 'limit-changed': LimitChangedEvent;
}

export const topics: Readonly<Record<keyof BulkheadEvents, Topic>> = defineTopics('bulkhead', [
  'rejected',
  'queued',
  'dequeued',
  'abandoned',
  'limit-changed',
]);
