import type { CallQueue } from '../queued-call.ts';
import { FifoQueue, QueuedCall } from '../queued-call.ts';
import type { Lane } from './lane.ts';

/** A call of which a bulkhead knows how much it weighs and where in the queue it belongs. */
export class OrderedCall extends QueuedCall {
  weight = 1;
  /** From 0, which is the most urgent, to 7. */
  urgency = 0;
  key: string | undefined = undefined;
  /** How many turns its key gets where another gets one. */
  share = 1;
  /** Where it waits in a fair queue. */
  lane: Lane | undefined = undefined;

  override get places(): number {
    return this.weight;
  }
}

/**
 * A queue that also knows whom to turn away. A call that is taken out because its turn has come has
 * the state `'called'` by then.
 */
export interface OrderedQueue extends CallQueue<OrderedCall> {
  /** Whom it harms least to turn away. */
  last(): OrderedCall | undefined;
  /** Whether `newcomer` finds no room although there is some for others. */
  isFullFor(newcomer: OrderedCall): boolean;
  /** Who is to make room for `newcomer`, if anybody. */
  victim(newcomer: OrderedCall): OrderedCall | undefined;
}

/** First come, first served: nobody has to make room. */
export class TurnQueue extends FifoQueue<OrderedCall> implements OrderedQueue {
  isFullFor(): boolean {
    return false;
  }

  victim(): undefined {
    return undefined;
  }
}
