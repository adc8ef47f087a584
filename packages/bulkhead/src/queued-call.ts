import type { HeapedDeadline, QueuedDeadline, Run } from '@holdfast/policy';

/** Whom a queued call tells that its time is over. */
export interface QueueKeeper {
  expired(call: QueuedCall): void;
}

/** What has become of a call that had to queue. */
export type QueuedState =
  /** It waits for a place. */
  | 'waiting'
  /** It has a place and goes on as soon as the engine gets to it. */
  | 'called'
  /** It has waited for `maxQueueMs`. */
  | 'queue-timeout'
  /** Its deadline has passed. */
  | 'deadline';

/** What a bulkhead remembers of a call that had to queue: the links of both lists that it is in. */
export class QueuedCall implements QueuedDeadline, HeapedDeadline {
  due: number | undefined = undefined;
  previous: QueuedDeadline | null = null;
  next: QueuedDeadline | null = null;
  place = -1;
  ahead: QueuedCall | undefined = undefined;
  behind: QueuedCall | undefined = undefined;
  state: QueuedState = 'waiting';
  readonly run: Run;
  /** When it came, in milliseconds of the bulkhead's clock. */
  readonly since: number;
  private readonly keeper: QueueKeeper;

  constructor(run: Run, since: number, keeper: QueueKeeper) {
    this.run = run;
    this.since = since;
    this.keeper = keeper;
  }

  expire(): void {
    this.keeper.expired(this);
  }
}

/** Calls in the order in which they came; each can leave from anywhere at the cost of four links. */
export class CallQueue {
  size = 0;
  private first: QueuedCall | undefined = undefined;
  private last: QueuedCall | undefined = undefined;

  add(call: QueuedCall): void {
    const { last } = this;
    call.ahead = last;
    if (last === undefined) this.first = call;
    else last.behind = call;
    this.last = call;
    this.size++;
  }

  /** Takes out a call that is in this queue. */
  remove(call: QueuedCall): void {
    const { ahead, behind } = call;
    if (ahead === undefined) this.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.last = ahead;
    else behind.ahead = ahead;
    call.ahead = call.behind = undefined;
    this.size--;
  }

  /** Takes out the call that has waited longest. */
  take(): QueuedCall | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }
}
