import {
  admitted,
  type Clock,
  type EnterVerdict,
  type ExitVerdict,
  type Layer,
  LayeredPolicy,
  parked,
  pass,
  recentTime,
  refused,
  type Run,
  systemClock,
} from '@holdfast/policy';
import type { Bulkhead } from './bulkhead.ts';
import { type BulkheadEvents, topics } from './events.ts';
import { type BulkheadLimits, type BulkheadOptions, checkLimits } from './options.ts';
import { HeldPermit, type Permit } from './permit.ts';
import { type CallQueue, FifoQueue, QueuedCall } from './queued-call.ts';
import { isNested, ReentrancyDetector } from './reentrancy.ts';
import { type Rejection, rejectionError } from './rejection.ts';
import { type QueueKeeper, WaitLimits } from './wait-limits.ts';

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
  /** There only if it detects reentrancy by the async context: others do not pay for it. */
  declare readonly surround?: NonNullable<Layer['surround']>;
  protected running = 0;
  /** How many places there are for newcomers: none while paused or draining. */
  protected placesToEnter: number;
  /** How many places there are for queued calls: none while paused. */
  protected placesToStart: number;
  protected concurrentLimit: number;
  protected queueLimit: number;
  protected readonly queue: CallQueue<QueuedCall>;
  private readonly waits: WaitLimits;
  private readonly detector: ReentrancyDetector | undefined;
  private isPaused = false;
  private isDraining = false;
  private idleWait: PromiseWithResolvers<void> | undefined = undefined;

  constructor(options: BulkheadOptions, queue: CallQueue<QueuedCall> = new FifoQueue()) {
    super(options.name ?? 'bulkhead');
    this.queue = queue;
    this.clock = options.clock ?? systemClock;
    this.concurrentLimit = options.maxConcurrent ?? defaultMaxConcurrent;
    this.queueLimit = options.maxQueued ?? defaultMaxQueued;
    this.placesToEnter = this.placesToStart = this.concurrentLimit;
    this.waits = new WaitLimits(this.clock, options.maxQueueMs ?? Infinity, this);
    const detector = options.detectReentrancy === true ? new ReentrancyDetector() : undefined;
    this.detector = detector;
    if (detector !== undefined) this.surround = (run, _at, call) => detector.surround(run, call);
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
    const reason = this.whyNotQueue(run, this.queue.size < this.queueLimit);
    if (reason !== undefined) return this.reject(run, reason, 0);
    const call = new QueuedCall(run);
    this.add(call);
    return this.wait(call, at);
  }

  protected whyNotQueue(run: Run, hasRoom: boolean): Rejection['reason'] | undefined {
    if (this.isDraining) return 'draining';
    if (!hasRoom) return 'full';
    if (this.detector?.isInside() || isNested(run, this)) return 'reentrancy';
    const { deadline } = run;
    return deadline !== undefined && deadline <= run.time(this.clock) ? 'deadline' : undefined;
  }

  protected add(call: QueuedCall): void {
    call.since = recentTime(this.clock);
    this.queue.add(call);
  }

  protected wait(call: QueuedCall, at: number): typeof parked {
    call.run.tickets[at] = call;
    this.waits.limit(call, at);
    if (this.isHeard(topics.queued)) this.tell(topics.queued, this.occupancy());
    return parked;
  }

  expired(call: QueuedCall, due: number): void {
    const { deadline } = call.run;
    const isOverdue = deadline !== undefined && deadline <= due;
    this.turnOut(call, isOverdue ? 'deadline' : 'queue-timeout');
    this.shortened();
  }

  /** Lets a call that waits go on to its rejection. */
  protected turnOut(call: QueuedCall, why: 'deadline' | 'queue-timeout' | 'displaced'): void {
    call.state = why;
    this.takeOut(call);
    call.run.resume();
  }

  woken(run: Run, at: number): 0 | 2 {
    const call = run.tickets[at] as QueuedCall;
    const { state } = call;
    if (state !== 'called') {
      return this.reject(run, state as Rejection['reason'], this.waitedMs(call));
    }
    const { deadline } = run;
    if (deadline !== undefined && deadline <= this.clock.now()) {
      this.release(call.places);
      return this.reject(run, 'deadline', this.waitedMs(call));
    }
    if (this.isHeard(topics.dequeued)) {
      this.tell(topics.dequeued, { ...this.occupancy(), waitedMs: this.waitedMs(call) });
    }
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as QueuedCall;
    if (call.state === 'called') this.release(call.places);
    else if (call.state === 'waiting') {
      this.takeOut(call);
      this.shortened();
    }
    if (this.isHeard(topics.abandoned)) {
      this.tell(topics.abandoned, { ...this.occupancy(), waitedMs: this.waitedMs(call) });
    }
  }

  private takeOut(call: QueuedCall): void {
    this.queue.remove(call);
    this.waits.forget(call);
  }

  /** Somebody has left the queue without a place. */
  protected shortened(): void {
    this.announceIdle();
  }

  protected reject(run: Run, reason: Rejection['reason'], waitedMs: number): typeof refused {
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

  protected occupancy(): { readonly active: number; readonly queued: number } {
    return { active: this.running, queued: this.queue.size };
  }

  // --- Going out ----------------------------------------------------------------------------------

  success(run: Run, at: number, _value?: unknown): ExitVerdict {
    if (run.openWork > 0) run.holdUntilIdle(at);
    else this.release(1);
    return pass;
  }

  failure(run: Run, at: number, _error?: unknown): ExitVerdict {
    return this.success(run, at);
  }

  idle(_run: Run, _at: number): void {
    this.release(1);
  }

  /** Gives back what a call held. */
  protected release(places: number): void {
    this.running -= places;
    if (this.queue.size > 0) this.startQueued();
    else if (this.idleWait !== undefined) this.announceIdle();
  }

  /** Starts those whose turn it is for as long as there are places; `newcomer` goes on by itself. */
  protected startQueued(newcomer?: QueuedCall): void {
    for (let call = this.next(); call !== undefined; call = this.next()) {
      call.state = 'called';
      this.takeOut(call);
      this.running += call.places;
      if (call !== newcomer) call.run.resume();
    }
  }

  /** Whose turn it is, if there is a place. */
  protected next(): QueuedCall | undefined {
    return this.running < this.placesToStart ? this.queue.first() : undefined;
  }

  // --- By hand ------------------------------------------------------------------------------------

  resize(limits: BulkheadLimits): void {
    checkLimits(limits);
    this.concurrentLimit = limits.maxConcurrent ?? this.concurrentLimit;
    this.queueLimit = limits.maxQueued ?? this.queueLimit;
    this.waits.change(limits.maxQueueMs ?? this.waits.maxQueueMs);
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

  protected applyLimits(): void {
    this.placesToStart = this.isPaused ? 0 : this.concurrentLimit;
    this.startQueued();
    this.placesToEnter = this.isDraining ? 0 : this.placesToStart;
  }

  tryAcquire(): Permit | undefined {
    if (this.running >= this.placesToEnter) return undefined;
    this.running++;
    return new HeldPermit(() => this.release(1));
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

  mattersForMs(): number {
    const isIdle = this.running === 0 && this.queue.size === 0;
    return isIdle && !this.isPaused && !this.isDraining ? 0 : Number.POSITIVE_INFINITY;
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { maxConcurrent, maxQueued, waits, detector } = this;
    const { maxQueueMs } = waits;
    return {
      maxConcurrent,
      maxQueued,
      ...(maxQueueMs === Number.POSITIVE_INFINITY ? {} : { maxQueueMs }),
      ...(detector === undefined ? {} : { detectReentrancy: true }),
    };
  }
}
