import {
  type Clock,
  deadlineHeap,
  DeadlineQueue,
  type HeapedDeadline,
  type Layer,
  type QueuedDeadline,
  type Run,
} from '@holdfast/policy';
import type { QueuedCall } from './queued-call.ts';

/** Whom to tell that the time of a queued call is over, and when it was. */
export interface QueueKeeper {
  expired(call: QueuedCall, due: number): void;
}

/** The end of the time of a queued call; most calls have none. */
export class WaitLimit implements QueuedDeadline, HeapedDeadline {
  due: number | undefined = undefined;
  previous: QueuedDeadline | null = null;
  next: QueuedDeadline | null = null;
  place = -1;
  /** Where it is when its time is that of all, in place of its own. */
  readonly queue: DeadlineQueue | undefined;
  private readonly call: QueuedCall;
  private readonly keeper: QueueKeeper;

  constructor(call: QueuedCall, keeper: QueueKeeper, queue: DeadlineQueue | undefined) {
    this.call = call;
    this.keeper = keeper;
    this.queue = queue;
  }

  expire(): void {
    this.keeper.expired(this.call, this.due ?? 0);
  }
}

/** Sees to it that no call waits for longer than it may: for `maxQueueMs`, and until its deadline. */
export class WaitLimits {
  private readonly clock: Clock;
  private readonly keeper: QueueKeeper;
  maxQueueMs: number;
  private queue: DeadlineQueue | undefined;

  constructor(clock: Clock, maxQueueMs: number, keeper: QueueKeeper) {
    this.clock = clock;
    this.keeper = keeper;
    this.maxQueueMs = maxQueueMs;
    this.queue = this.makeQueue();
  }

  private makeQueue(): DeadlineQueue | undefined {
    const { maxQueueMs } = this;
    const isEndless = maxQueueMs === Number.POSITIVE_INFINITY;
    return isEndless ? undefined : new DeadlineQueue(this.clock, maxQueueMs);
  }

  /** Lets those who come from now on wait for so long; whoever waits already has its own time. */
  change(maxQueueMs: number): void {
    if (maxQueueMs === this.maxQueueMs) return;
    this.maxQueueMs = maxQueueMs;
    this.queue = this.makeQueue();
  }

  /** Lets a call that layer `at` has queued expire when its time is over. */
  limit(call: QueuedCall, at: number): void {
    const { run, since } = call;
    const { deadline } = run;
    if (deadline === undefined && this.queue === undefined) return;
    const isFirst = deadline !== undefined && since + this.maxQueueMs >= deadline;
    const isOwn = isFirst && !isCutOutside(run, at);
    if (!isOwn && this.queue === undefined) return;
    call.limit = new WaitLimit(call, this.keeper, isOwn ? undefined : this.queue);
    if (isOwn) deadlineHeap(this.clock).add(call.limit, deadline);
    else this.queue?.add(call.limit);
  }

  forget(call: QueuedCall): void {
    const { limit } = call;
    if (limit === undefined) return;
    limit.queue?.remove(limit);
    if (limit.place !== -1) deadlineHeap(this.clock).remove(limit);
    call.limit = undefined;
  }
}

/** Whether a layer outside cuts the call at its deadline: it is for that one to say so then. */
function isCutOutside(run: Run, at: number): boolean {
  const { layers } = run.plan;
  for (let i = 0; i < at; i++) if ((layers[i] as Layer).aborts) return true;
  return false;
}
