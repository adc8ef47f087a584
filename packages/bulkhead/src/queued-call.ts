import type { Run } from '@holdfast/policy';
import type { WaitLimit } from './wait-limits.ts';

/** What has become of a call that had to queue. */
export type QueuedState =
  /** It waits for a place. */
  | 'waiting'
  /** It has a place and goes on as soon as the engine gets to it. */
  | 'called'
  /** It has waited for `maxQueueMs`. */
  | 'queue-timeout'
  /** Its deadline has passed. */
  | 'deadline'
  /** It had to make room for a call that goes before it. */
  | 'displaced';

/** What a bulkhead remembers of a call that had to queue. */
export class QueuedCall {
  ahead: this | undefined = undefined;
  behind: this | undefined = undefined;
  state: QueuedState = 'waiting';
  readonly run: Run;
  /** When it began to wait, in milliseconds of the bulkhead's clock. */
  since = 0;
  /** The end of its time, if there is one. */
  limit: WaitLimit | undefined = undefined;

  constructor(run: Run) {
    this.run = run;
  }

  /** How many places it takes. */
  get places(): number {
    return 1;
  }
}

/** The calls that wait, and whose turn it is. */
export interface CallQueue<Call> {
  readonly size: number;
  add(call: Call): void;
  /** Takes out a call that is in this queue. */
  remove(call: Call): void;
  /** Whose turn it is. */
  first(): Call | undefined;
}

/** What can stand in a {@link FifoQueue}; the links are the queue's. */
export interface Linked<Node> {
  ahead: Node | undefined;
  behind: Node | undefined;
}

/** A queue in the order of coming; each can leave from anywhere at the cost of four links. */
export class FifoQueue<Node extends Linked<Node>> implements CallQueue<Node> {
  size = 0;
  private head: Node | undefined = undefined;
  private tail: Node | undefined = undefined;

  first(): Node | undefined {
    return this.head;
  }

  last(): Node | undefined {
    return this.tail;
  }

  add(node: Node): void {
    const { tail } = this;
    node.ahead = tail;
    if (tail === undefined) this.head = node;
    else tail.behind = node;
    this.tail = node;
    this.size++;
  }

  remove(node: Node): void {
    const { ahead, behind } = node;
    if (ahead === undefined) this.head = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.tail = ahead;
    else behind.ahead = ahead;
    node.ahead = node.behind = undefined;
    this.size--;
  }
}
