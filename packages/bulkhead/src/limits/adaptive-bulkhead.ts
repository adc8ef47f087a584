import {
  admitted,
  type ClockTimer,
  type EnterVerdict,
  type ExitVerdict,
  numberBetween,
  type Outcome,
  replaced,
  type Run,
} from '@holdfast/policy';
import { type LimitChangeReason, topics } from '../events.ts';
import type { BulkheadLimits, BulkheadOptions } from '../options.ts';
import type { CallOrder } from '../queues/call-order.ts';
import { fifoQueue } from '../queues/fifo-queue.ts';
import { OrderedBulkhead } from '../queues/ordered-bulkhead.ts';
import { fateByCut, fateByOutcome } from './fate.ts';
import type { LimitAlgorithm } from './limit-algorithm.ts';
import type { LimitEstimator } from './limit-estimator.ts';
import { MeasuredCall } from './measured-call.ts';

/** What takes less cannot be told from nothing. */
const shortestMs = 0.1;

/**
 * A bulkhead that measures how long its places are held and sets its limit by that. It measures until
 * the work has ended, and not only until the answer: it is the former that the limit bounds, and the
 * limit is the throughput times the time for which a place is held (Little's law).
 */
export class AdaptiveBulkhead extends OrderedBulkhead {
  private readonly algorithm: LimitAlgorithm;
  private readonly estimator: LimitEstimator;
  /** What ends a measurement that keeps calls from starting. */
  private patience: ClockTimer | undefined = undefined;

  constructor(options: BulkheadOptions, algorithm: LimitAlgorithm) {
    const estimator = algorithm.makeEstimator();
    const order = (options.queue ?? fifoQueue()) as CallOrder;
    super({ ...options, maxConcurrent: estimator.places }, order);
    this.algorithm = algorithm;
    this.estimator = estimator;
  }

  protected override makeCall(run: Run): MeasuredCall {
    return new MeasuredCall(run);
  }

  protected override heaviest(): readonly [name: string, places: number] {
    return ['maxLimit', this.algorithm.limits.maxLimit];
  }

  override enter(run: Run, at: number): EnterVerdict {
    const verdict = super.enter(run, at);
    if (verdict === admitted) this.begin(run.tickets[at] as MeasuredCall, run.time(this.clock));
    else this.limitProbe();
    return verdict;
  }

  override woken(run: Run, at: number): 0 | 2 {
    const verdict = super.woken(run, at);
    if (verdict !== admitted) return verdict;
    const call = run.tickets[at] as MeasuredCall;
    const now = this.clock.now();
    call.waitedMs = now - call.since;
    this.begin(call, now);
    return verdict;
  }

  private begin(call: MeasuredCall, now: number): void {
    call.startedAt = now;
    call.inFlight = this.running;
    this.estimator.started(call);
  }

  override success(run: Run, at: number, value?: unknown): ExitVerdict {
    return this.leave(run, at, { ok: true, value });
  }

  override failure(run: Run, at: number, error?: unknown): ExitVerdict {
    return this.leave(run, at, { ok: false, error });
  }

  private leave(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict {
    const call = run.tickets[at] as MeasuredCall;
    let thrown: { readonly error: unknown } | undefined;
    try {
      call.fate ??= fateByOutcome(this.algorithm.isDrop, run, outcome);
    } catch (error) {
      call.fate = 'ignore';
      thrown = { error };
    }
    const verdict = super.success(run, at);
    if (thrown === undefined) return verdict;
    run.answer(false, thrown.error);
    return replaced;
  }

  /** The work may go on for ever; that time was up for it is known now. */
  cut(run: Run, at: number, reason: unknown): void {
    const call = run.tickets[at] as MeasuredCall;
    const now = this.clock.now();
    if (fateByCut(reason, call, now) === 'drop') this.estimator.dropped(call, now);
    call.fate = 'ignore';
    this.adopt();
  }

  override idle(run: Run, at: number): void {
    const { estimator } = this;
    const call = run.tickets[at] as MeasuredCall;
    const now = run.endTime(this.clock);
    if (call.fate === 'sample') {
      estimator.sampled(call, Math.max(now - call.startedAt, shortestMs), now);
    } else if (call.fate === 'drop') estimator.dropped(call, now);
    else estimator.ignored(call, now);
    this.adopt();
    super.idle(run, at);
  }

  /** Keeps the limit that was found: more places start those who wait. */
  private adopt(): void {
    const { places, isProbing } = this.estimator;
    const from = this.concurrentLimit;
    if (!isProbing) this.endPatience();
    if (places === from) return;
    this.concurrentLimit = places;
    this.applyLimits();
    if (this.queue.size > 0) this.limitProbe();
    this.tellLimit(from, isProbing ? 'probe' : 'adapted');
  }

  /**
   * A call has to wait, or is turned away. Where the calls that run last for long, or for ever, a probe
   * would find no end, and none of the places that it keeps free could be had.
   */
  private limitProbe(): void {
    const { estimator } = this;
    if (!estimator.isProbing || this.patience !== undefined) return;
    this.patience = this.clock.setTimeout(() => this.probeIsLate(), estimator.patienceMs);
    this.patience.unref();
  }

  private probeIsLate(): void {
    this.patience = undefined;
    // As long as there are places it is in nobody's way.
    if (this.running < this.concurrentLimit && this.queue.size === 0) return;
    this.estimator.giveUp();
    this.adopt();
  }

  private endPatience(): void {
    this.patience?.cancel();
    this.patience = undefined;
  }

  private tellLimit(from: number, reason: LimitChangeReason): void {
    const topic = topics['limit-changed'];
    const to = this.concurrentLimit;
    if (this.isHeard(topic)) this.tell(topic, { ...this.occupancy(), from, to, reason });
  }

  override resize(limits: BulkheadLimits): void {
    const { minLimit, maxLimit } = this.algorithm.limits;
    const from = this.concurrentLimit;
    const { maxConcurrent } = limits;
    if (maxConcurrent !== undefined) {
      numberBetween('maxConcurrent', maxConcurrent, minLimit, maxLimit);
    }
    super.resize(limits);
    if (maxConcurrent === undefined) return;
    this.estimator.reset(maxConcurrent);
    this.endPatience();
    if (from !== maxConcurrent) this.tellLimit(from, 'resized');
  }

  protected override described(): Readonly<Record<string, unknown>> {
    const { algorithm, options } = this.algorithm;
    return { ...super.described(), limit: { algorithm, ...options } };
  }
}
