import { TurnQueue } from './ordered-call.ts';
import { CallOrder } from './call-order.ts';
import type { QueueOrder, QueueOrderOptions } from './queue-order.ts';

class FifoOrder extends CallOrder {
  readonly order = 'fifo';
  readonly options: Readonly<Record<string, unknown>> = {};

  makeQueue(): TurnQueue {
    return new TurnQueue();
  }
}

/**
 * First come, first served, as in a bulkhead without `queue`: for calls that differ in weight.
 *
 * @throws `TypeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const rows = contextKey<number>('rows');
 * const database = bulkhead({
 *   maxConcurrent: 1_000,
 *   maxQueued: 50,
 *   queue: fifoQueue({ weight: (context) => context.get(rows) ?? 1 }),
 * });
 * ```
 */
export function fifoQueue(options: QueueOrderOptions = {}): QueueOrder {
  return new FifoOrder(CallOrder.checked(options, [], 'fifo'));
}
