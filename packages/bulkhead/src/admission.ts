import {
  admitted,
  type Clock,
  type EnterVerdict,
  type ExitVerdict,
  LayeredPolicy,
  parked,
  pass,
  refused,
  type Run,
  systemClock,
} from '@holdfast/policy';
import type { Bulkhead } from './bulkhead.ts';
import { type BulkheadEvents, topics } from './events.ts';
import { type BulkheadLimits, type BulkheadOptions, checkLimits } from './options.ts';
import { HeldPermit, type Permit } from './permit.ts';
import { CallQueue, QueuedCall, type QueueKeeper } from './queued-call.ts';
import { isNested } from './reentrancy.ts';
import { type Rejection, rejectionError } from './rejection.ts';
import { WaitLimits } from './wait-limits.ts';

const defaultMaxConcurrent = 25;
const defaultMaxQueued = 0;

/**
 * Hands out the places. A place that becomes free goes to whoever has waited longest, and counts as
 * taken from that moment on: as long as anybody waits there is no free place for a newcomer. So it
 * is enough to compare two numbers when a call comes in, and a call needs no ticket unless it queues.
 */
export class BulkheadPolicy
  extends LayeredPolicy<never, unknown, BulkheadEvents>
  implements Bulkhead, QueueKeeper
{
  override readonly clock: Clock;
  readonly kind: string = 'bulkhead';
  private running = 0;
  /** How many places there are for newcomers: none while paused or draining. */
  private placesToEnter: number;
  /** How many places there are for queued calls: none while paused. */
  private placesToStart: number;
  private concurrentLimit: number;
  private queueLimit: number;
  private readonly maxQueueMs: number | undefined;
  private readonly queue: CallQueue = new CallQueue();
  private readonly waits: WaitLimits;
  private isPaused = false;
  private isDraining = false;
  private idleWait: PromiseWithResolvers<void> | undefined = undefined;

  constructor(options: BulkheadOptions) {
    super(options.name ?? 'bulkhead');
    this.clock = options.clock ?? systemClock;
    this.concurrentLimit = options.maxConcurrent ?? defaultMaxConcurrent;
    this.queueLimit = options.maxQueued ?? defaultMaxQueued;
    this.maxQueueMs = options.maxQueueMs;
    this.placesToEnter = this.placesToStart = this.concurrentLimit;
    this.waits = new WaitLimits(this.clock, options.maxQueueMs);
  }

  get active(): number {
    return this.running;
  }

  get queued(): number {
    return this.queue.size;
  }

  get maxConcurrent(): number {
    return this.concurrentLimit;
  }

  get maxQueued(): number {
    return this.queueLimit;
  }

  // --- Coming in ----------------------------------------------------------------------------------

  enter(run: Run, at: number): EnterVerdict {
    if (this.running < this.placesToEnter) {
      this.running++;
      return admitted;
    }
    return this.enterFull(run, at);
  }

  private enterFull(run: Run, at: number): EnterVerdict {
    if (this.isDraining) return this.reject(run, 'draining', 0);
    if (this.queue.size >= this.queueLimit) return this.reject(run, 'full', 0);
    if (this.isReentrant(run)) return this.reject(run, 'reentrancy', 0);
    const now = run.time(this.clock);
    const { deadline } = run;
    if (deadline !== undefined && deadline <= now) return this.reject(run, 'deadline', 0);
    const call = new QueuedCall(run, now, this);
    run.tickets[at] = call;
    this.queue.add(call);
    this.waits.limit(call, at);
    if (this.isHeard(topics.queued)) this.tellQueued(call);
    return parked;
  }

  private tellQueued(call: QueuedCall): void {
    this.tell(topics.queued, this.occupancy());
    // A listener may have made room for it, by a resize, before it could be parked.
    if (call.state === 'called') queueMicrotask(() => call.run.resume());
  }

  /** Whether the call comes from inside one that holds a place here. */
  protected isReentrant(run: Run): boolean {
    return isNested(run, this);
  }

  expired(call: QueuedCall): void {
    const { deadline } = call.run;
    const isOverdue = deadline !== undefined && deadline <= (call.due ?? 0);
    this.leaveQueue(call);
    call.state = isOverdue ? 'deadline' : 'queue-timeout';
    call.run.resume();
  }

  woken(run: Run, at: number): 0 | 2 {
    const call = run.tickets[at] as QueuedCall;
    if (call.state === 'queue-timeout' || call.state === 'deadline') {
      return this.reject(run, call.state, this.waitedMs(call));
    }
    const { deadline } = run;
    if (deadline !== undefined && deadline <= this.clock.now()) {
      this.release();
      return this.reject(run, 'deadline', this.waitedMs(call));
    }
    if (this.isHeard(topics.dequeued)) {
      this.tell(topics.dequeued, { ...this.occupancy(), waitedMs: this.waitedMs(call) });
    }
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as QueuedCall;
    if (call.state === 'called') this.release();
    else if (call.state === 'waiting') this.leaveQueue(call);
    if (this.isHeard(topics.abandoned)) {
      this.tell(topics.abandoned, { ...this.occupancy(), waitedMs: this.waitedMs(call) });
    }
  }

  private leaveQueue(call: QueuedCall): void {
    this.queue.remove(call);
    this.waits.forget(call);
    this.announceIdle();
  }

  private reject(run: Run, reason: Rejection['reason'], waitedMs: number): typeof refused {
    const rejection: Rejection = { reason, waitedMs, started: run.ranBefore };
    if (this.isHeard(topics.rejected)) {
      this.tell(topics.rejected, { ...this.occupancy(), reason, waitedMs });
    }
    run.answer(false, rejectionError(rejection, this));
    return refused;
  }

  private waitedMs(call: QueuedCall): number {
    return this.clock.now() - call.since;
  }

  private occupancy(): { readonly active: number; readonly queued: number } {
    return { active: this.running, queued: this.queue.size };
  }

  // --- Going out ----------------------------------------------------------------------------------

  success(run: Run, at: number): ExitVerdict {
    if (run.openWork > 0) run.holdUntilIdle(at);
    else this.release();
    return pass;
  }

  failure(run: Run, at: number): ExitVerdict {
    return this.success(run, at);
  }

  idle(): void {
    this.release();
  }

  private release(): void {
    this.running--;
    if (this.queue.size > 0) this.startQueued();
    else if (this.idleWait !== undefined) this.announceIdle();
  }

  private startQueued(): void {
    while (this.running < this.placesToStart) {
      const call = this.queue.take();
      if (call === undefined) return;
      this.waits.forget(call);
      call.state = 'called';
      this.running++;
      call.run.resume();
    }
  }

  // --- By hand ------------------------------------------------------------------------------------

  resize(limits: BulkheadLimits): void {
    checkLimits(limits);
    this.concurrentLimit = limits.maxConcurrent ?? this.concurrentLimit;
    this.queueLimit = limits.maxQueued ?? this.queueLimit;
    this.applyLimits();
  }

  pause(): void {
    this.isPaused = !this.isDraining;
    this.applyLimits();
  }

  resume(): void {
    this.isPaused = false;
    this.applyLimits();
  }

  private applyLimits(): void {
    this.placesToStart = this.isPaused ? 0 : this.concurrentLimit;
    this.startQueued();
    this.placesToEnter = this.isDraining ? 0 : this.placesToStart;
  }

  tryAcquire(): Permit | undefined {
    if (this.running >= this.placesToEnter) return undefined;
    this.running++;
    return new HeldPermit(() => this.release());
  }

  whenIdle(): Promise<void> {
    this.idleWait ??= Promise.withResolvers();
    const { promise } = this.idleWait;
    this.announceIdle();
    return promise;
  }

  private announceIdle(): void {
    if (this.running > 0 || this.queue.size > 0) return;
    this.idleWait?.resolve();
    this.idleWait = undefined;
  }

  drain(): Promise<void> {
    this.isDraining = true;
    this.resume();
    return this.whenIdle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { maxConcurrent, maxQueued, maxQueueMs } = this;
    return { maxConcurrent, maxQueued, ...(maxQueueMs === undefined ? {} : { maxQueueMs }) };
  }
}
