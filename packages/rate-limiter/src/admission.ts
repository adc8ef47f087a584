import {
  admitted,
  awaitTurnEnd,
  type Clock,
  deadlineHeap,
  type EnterVerdict,
  LayeredPolicy,
  parked,
  refused,
  type Run,
  systemClock,
  withoutStack,
} from '@holdfast/policy';
import { Bucket, type Server } from './bucket.ts';
import type { BucketSource } from './bucket-source.ts';
import { checkWeight, standing } from './decision.ts';
import { RateLimitedError } from './errors.ts';
import { type RateLimiterEvents, type RefusedReason, topics } from './events.ts';
import type { AdmittedCall, Learning, RateLearner } from './learner.ts';
import { type LimiterSettings, type RateLimiterOptions, settingsOf } from './options.ts';
import { type LineKeeper, type NewCall, WaitingCall } from './waiting-call.ts';
import { Row } from './waiting-line.ts';

/** How many calls may go in a turn of the event loop before the clock is read again. */
const mostPasses = 64;

/**
 * Lets calls in as the counts of their keys allow, lets others wait and refuses the rest.
 *
 * To read the clock costs as much as all else together. While there is room for more calls, those
 * of the same turn of the event loop need no look at it: they have passes, since time only makes more
 * room. What they took is written down at the end of the turn, as if all had come just then; so never
 * more goes than may.
 */
export abstract class Admission
  extends LayeredPolicy<never, unknown, RateLimiterEvents>
  implements Server, LineKeeper, Learning
{
  readonly kind: string = 'rate-limiter';
  override readonly clock: Clock;
  protected settings: LimiterSettings;
  /** The bucket of all calls, in a limiter without keys. */
  protected readonly single: Bucket | undefined = undefined;
  /** The buckets, in a limiter with keys. */
  protected readonly keyed: BucketSource<Bucket> | undefined;
  /** The only bucket, if each call is one unit of it and nobody learns from it. */
  private readonly plain: Bucket | undefined;
  protected readonly learner: RateLearner | undefined;
  protected waiting = 0;
  private passes = 0;
  private granted = 0;
  private awaitsTurnEnd = false;

  constructor(options: RateLimiterOptions) {
    super(options.name ?? 'rate-limiter');
    this.settings = settingsOf(options);
    this.clock = options.clock ?? systemClock;
    const { keys, weight, adaptive } = this.settings;
    this.keyed = keys?.makeSource((key) => this.makeBucket(key));
    if (this.keyed === undefined) this.single = this.makeBucket(undefined);
    this.learner = adaptive?.makeLearner(this);
    this.plain = weight === undefined && adaptive === undefined ? this.single : undefined;
  }

  get capacity(): number {
    return this.settings.algorithm.capacity;
  }

  protected makeBucket(key: string | undefined): Bucket {
    const { algorithm, adaptive, queue } = this.settings;
    const state = adaptive?.makeState(algorithm) ?? algorithm.makeState();
    return new Bucket(key, state, queue?.makeLine() ?? new Row(), this);
  }

  // --- Coming in ----------------------------------------------------------------------------------

  enter(run: Run, at: number): EnterVerdict {
    if (this.passes > 0) {
      this.passes--;
      return admitted;
    }
    const now = run.time(this.clock);
    const { plain } = this;
    if (plain === undefined) return this.enterSlowly(run, at, now);
    this.writeDown(now);
    if (plain.line.size > 0 || !plain.state.takeOne(now)) return this.enterSlowly(run, at, now);
    this.grant(plain.state.remaining(now));
    return admitted;
  }

  private grant(remaining: number): void {
    if (remaining <= 0 || !(this.awaitsTurnEnd || awaitTurnEnd(this.clock, this))) return;
    this.awaitsTurnEnd = true;
    this.passes = this.granted = Math.min(mostPasses, remaining);
  }

  /** The turn is over: nobody has a pass any more. */
  turnEnded(): void {
    this.awaitsTurnEnd = false;
    if (this.granted > this.passes) this.writeDown(this.clock.now());
    this.passes = this.granted = 0;
  }

  /** Takes what went by passes. Whoever looks at the counts has it written down first. */
  protected writeDown(now: number): void {
    const gone = this.granted - this.passes;
    this.passes = this.granted = 0;
    if (gone > 0) this.plain?.state.take(now, gone);
  }

  private enterSlowly(run: Run, at: number, now: number): EnterVerdict {
    const { weight, queue, maxQueued, algorithm } = this.settings;
    let call: NewCall;
    try {
      const bucket = this.single ?? (this.keyed as BucketSource<Bucket>).bucketFor(run, now);
      const units = weight === undefined ? 1 : checkWeight(weight(run), algorithm.capacity);
      const { state, line } = bucket;
      if (line.size === 0 && state.waitFor(now, units) === 0) {
        state.take(now, units);
        this.remember(run, at, bucket, now);
        return admitted;
      }
      const rank = maxQueued === 0 ? 0 : (queue?.rankOf(run) ?? 0);
      call = { bucket, units, rank, now, at };
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    const { line, state } = call.bucket;
    const waitMs = state.waitFor(now, line.unitsBefore(call.rank) + call.units);
    const reason = this.whyNotWait(run, call, waitMs);
    return reason === undefined
      ? this.wait(run, call, waitMs)
      : this.turnAway(run, call, reason, waitMs);
  }

  /** Only a limiter that learns wants to know of the end of a call. */
  private remember(run: Run, at: number, bucket: Bucket, began: number): void {
    const call: AdmittedCall = { bucket, began };
    run.tickets[at] = this.learner === undefined ? undefined : call;
  }

  // --- Waiting ------------------------------------------------------------------------------------

  private whyNotWait(run: Run, call: NewCall, waitMs: number): RefusedReason | undefined {
    const { maxQueued, maxWaitMs } = this.settings;
    if (maxQueued === 0) return 'limit';
    if (call.bucket.line.size >= maxQueued) return 'full';
    if (waitMs > maxWaitMs) return 'wait';
    const { deadline } = run;
    return deadline !== undefined && call.now + waitMs >= deadline ? 'deadline' : undefined;
  }

  private wait(run: Run, { bucket, units, rank, now, at }: NewCall, waitMs: number): typeof parked {
    const call = new WaitingCall(run, this, { bucket, units, rank, now, at });
    run.tickets[at] = call;
    bucket.line.add(call);
    this.waiting++;
    // Others may go before it: then it waits for longer than it seemed at first.
    const latest = Math.min(now + this.settings.maxWaitMs, run.deadline ?? Infinity);
    if (latest !== Infinity) deadlineHeap(this.clock).add(call, latest);
    bucket.lineUp(call, now);
    if (this.isHeard(topics.queued)) {
      this.tell(topics.queued, { key: bucket.key, waitMs, queued: bucket.line.size });
    }
    return parked;
  }

  served(call: WaitingCall): void {
    this.waiting--;
    deadlineHeap(this.clock).remove(call);
    call.run.resume();
  }

  /** It has waited for as long as it may; at this very moment it may still have its turn. */
  overdue(call: WaitingCall): void {
    const { bucket, run } = call;
    const now = Math.max(this.clock.now(), call.due as number);
    if (run.deadline === undefined || now < run.deadline) bucket.serve(now);
    if (call.state !== 'waiting') return;
    call.state = 'overdue';
    this.leave(call);
    run.resume();
  }

  private leave(call: WaitingCall): void {
    call.bucket.line.remove(call);
    this.waiting--;
    deadlineHeap(this.clock).remove(call);
  }

  woken(run: Run, at: number): 0 | 2 {
    const call = run.tickets[at] as WaitingCall;
    const { bucket, units, rank } = call;
    const now = this.clock.now();
    const isLate = run.deadline !== undefined && now >= run.deadline;
    if (call.state === 'overdue' || isLate) {
      this.restore(call, now);
      const waitMs = bucket.state.waitFor(now, bucket.line.unitsBefore(rank) + units);
      return this.turnAway(
        run,
        { bucket, units, rank, now, at },
        isLate ? 'deadline' : 'wait',
        waitMs,
      );
    }
    if (this.isHeard(topics.dequeued)) {
      this.tell(topics.dequeued, { key: bucket.key, waitedMs: now - call.since });
    }
    this.remember(run, at, bucket, now);
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as WaitingCall;
    const { bucket, since } = call;
    const now = this.clock.now();
    if (call.state === 'waiting') this.leave(call);
    this.restore(call, now);
    if (this.isHeard(topics.abandoned)) {
      this.tell(topics.abandoned, { key: bucket.key, waitedMs: now - since });
    }
  }

  /** Gives back what a call has taken that does not go after all. */
  private restore({ bucket, taken, takenFrom }: WaitingCall, now: number): void {
    if (taken === undefined) bucket.serve(now);
    else bucket.giveBack(taken, takenFrom, now);
  }

  private turnAway(
    run: Run,
    { bucket, units, now }: NewCall,
    reason: RefusedReason,
    waitMs: number,
  ): typeof refused {
    const { name: policy } = this;
    const { key } = bucket;
    this.tellRefused(bucket, reason, waitMs, units);
    const status = standing(bucket, this.settings.algorithm, waitMs, now);
    const message = `the rate limit of "${policy}" is used up; room in ${Math.ceil(waitMs)} ms`;
    const options = { policy, reason, key, ...status };
    run.answer(
      false,
      withoutStack(() => new RateLimitedError(message, options)),
    );
    return refused;
  }

  protected tellRefused(
    { key }: Bucket,
    reason: RefusedReason,
    retryAfterMs: number,
    weight: number,
  ): void {
    if (this.isHeard(topics.refused)) {
      this.tell(topics.refused, { key, reason, retryAfterMs, weight });
    }
  }

  throttled({ key }: Bucket, pauseMs: number, share: number): void {
    if (this.isHeard(topics.throttled)) this.tell(topics.throttled, { key, pauseMs, share });
  }
}
