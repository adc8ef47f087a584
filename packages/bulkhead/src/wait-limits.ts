import { type Clock, deadlineHeap, DeadlineQueue, type Layer, type Run } from '@holdfast/policy';
import type { QueuedCall } from './queued-call.ts';

/** Sees to it that no call waits for longer than it may: for `maxQueueMs`, and until its deadline. */
export class WaitLimits {
  private readonly clock: Clock;
  private readonly maxQueueMs: number;
  private readonly queue: DeadlineQueue | undefined;

  constructor(clock: Clock, maxQueueMs: number | undefined) {
    this.clock = clock;
    this.maxQueueMs = maxQueueMs ?? Number.POSITIVE_INFINITY;
    this.queue = maxQueueMs === undefined ? undefined : new DeadlineQueue(clock, maxQueueMs);
  }

  /** Lets a call that layer `at` has queued expire when its time is over. */
  limit(call: QueuedCall, at: number): void {
    const { deadline } = call.run;
    if (
      deadline === undefined ||
      call.since + this.maxQueueMs < deadline ||
      isCutOutside(call.run, at)
    ) {
      this.queue?.add(call);
    } else deadlineHeap(this.clock).add(call, deadline);
  }

  forget(call: QueuedCall): void {
    this.queue?.remove(call);
    if (call.place !== -1) deadlineHeap(this.clock).remove(call);
  }
}

/** Whether a layer outside cuts the call at its deadline: it is for that one to say so then. */
function isCutOutside(run: Run, at: number): boolean {
  const { layers } = run.plan;
  for (let i = 0; i < at; i++) if ((layers[i] as Layer).aborts) return true;
  return false;
}
