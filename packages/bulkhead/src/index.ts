// For users.
export { bulkhead } from './bulkhead.ts';
export type { Bulkhead } from './bulkhead.ts';
export type { BulkheadLimits, BulkheadOptions } from './options.ts';
export { aimd } from './limits/aimd.ts';
export type { AimdOptions } from './limits/aimd.ts';
export { gradient2 } from './limits/gradient2.ts';
export type { Gradient2Options } from './limits/gradient2.ts';
export { vegas } from './limits/vegas.ts';
export type { VegasOptions } from './limits/vegas.ts';
export type {
  AdaptiveLimit,
  AdaptiveLimitOptions,
  LatencyLimitOptions,
} from './limits/adaptive-limit.ts';
export { fairQueue } from './queues/fair-queue.ts';
export type { FairQueueOptions } from './queues/fair-queue.ts';
export { fifoQueue } from './queues/fifo-queue.ts';
export { priorityQueue } from './queues/priority-queue.ts';
export type { PriorityQueueOptions } from './queues/priority-queue.ts';
export type { QueueOrder, QueueOrderOptions } from './queues/queue-order.ts';
export type { Permit } from './permit.ts';
export {
  BulkheadDrainingError,
  BulkheadFullError,
  BulkheadReentrancyError,
  isBulkheadDrainingError,
  isBulkheadFullError,
  isBulkheadReentrancyError,
} from './errors.ts';
export type { BulkheadFullErrorOptions, FullReason } from './errors.ts';
export type {
  AbandonedEvent,
  BulkheadEvents,
  DequeuedEvent,
  LimitChangedEvent,
  LimitChangeReason,
  QueuedEvent,
  RejectedEvent,
  RejectionReason,
} from './events.ts';
