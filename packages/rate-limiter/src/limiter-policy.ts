import {
  admitted,
  type Clock,
  deadlineHeap,
  type EnterVerdict,
  type ExitVerdict,
  runGuarded,
  invalidOption,
  knownOptions,
  LayeredPolicy,
  milliseconds,
  type Outcome,
  parked,
  pass,
  refused,
  type Run,
  systemClock,
  withoutStack,
} from '@holdfast/policy';
import { Bucket, type Server } from './bucket.ts';
import { Buckets } from './buckets.ts';
import { checkKey, checkWeight, unitsOf, urgencyOf } from './call-units.ts';
import type { RateDecision } from './decision.ts';
import { RateLimitedError } from './errors.ts';
import { type RateLimiterEvents, type RefusedReason, topics } from './events.ts';
import type { RateLimiterOptions } from './options.ts';
import type { AcquireOptions, RateFeedback, RateLimiter, ReserveOptions } from './rate-limiter.ts';
import { HeldReservation, type Reservation } from './reservation.ts';
import { ThrottledState } from './throttled-state.ts';
import { type LineKeeper, type NewCall, WaitingCall } from './waiting-call.ts';

const defaults = {
  maxQueued: 0,
  maxWaitMs: Number.POSITIVE_INFINITY,
  maxKeys: 10_000,
  ageAfterMs: 1_000,
};

/** Lets calls in one by one as the counts of their keys allow; whoever waits is served by its bucket. */
export class RateLimiterPolicy
  extends LayeredPolicy<never, unknown, RateLimiterEvents>
  implements RateLimiter, Server, LineKeeper
{
  override readonly clock: Clock;
  readonly kind: string = 'rate-limiter';
  private readonly options: RateLimiterOptions & typeof defaults;
  private readonly buckets: Buckets;
  /** The bucket of all calls, if each of them is one unit of it: then nothing has to be asked. */
  private readonly only: Bucket | undefined;
  private waiting = 0;

  constructor(options: RateLimiterOptions) {
    super(options.name ?? 'rate-limiter');
    this.clock = options.clock ?? systemClock;
    const { maxQueued, maxWaitMs, maxKeys, ageAfterMs } = options;
    this.options = {
      ...options,
      maxQueued: maxQueued ?? defaults.maxQueued,
      maxWaitMs: maxWaitMs ?? defaults.maxWaitMs,
      maxKeys: maxKeys ?? defaults.maxKeys,
      ageAfterMs: ageAfterMs ?? defaults.ageAfterMs,
    };
    this.buckets = new Buckets((key) => this.makeBucket(key), this.options.maxKeys);
    const { key, weight, adaptive } = options;
    const isPlain = key === undefined && weight === undefined && adaptive === undefined;
    this.only = isPlain ? this.buckets.use(undefined, 0) : undefined;
  }

  private makeBucket(key: string | undefined): Bucket {
    const { algorithm, adaptive, ageAfterMs } = this.options;
    const state = algorithm.makeState();
    return new Bucket(key, adaptive?.throttle(state, algorithm) ?? state, this, ageAfterMs);
  }

  get queued(): number {
    return this.waiting;
  }

  get size(): number {
    return this.buckets.size;
  }

  // --- Coming in ----------------------------------------------------------------------------------

  enter(run: Run, at: number): EnterVerdict {
    const { only } = this;
    const now = run.time(this.clock);
    if (only !== undefined && only.line.size === 0 && only.state.takeOne(now)) return admitted;
    return this.enterSlowly(run, at, now);
  }

  private enterSlowly(run: Run, at: number, now: number): EnterVerdict {
    const { key, weight, priority, maxQueued, algorithm } = this.options;
    let call: NewCall;
    try {
      const bucket = this.only ?? this.buckets.use(checkKey(key?.(run)), now);
      const units = unitsOf(weight, run, algorithm.capacity);
      const urgency = maxQueued === 0 ? 0 : urgencyOf(priority, run);
      call = { bucket, units, urgency, now, at };
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    return this.admit(run, call);
  }

  private admit(run: Run, call: NewCall): EnterVerdict {
    const { bucket, units, urgency, now, at } = call;
    const { line, state } = bucket;
    const waitMs = state.waitFor(now, line.unitsBefore(urgency) + units);
    if (waitMs === 0 && line.size === 0) {
      state.take(now, units);
      this.remember(run, at, bucket, now);
      return admitted;
    }
    const reason = this.whyNotWait(run, bucket, waitMs, now);
    return reason === undefined
      ? this.wait(run, call, waitMs)
      : this.turnAway(run, call, reason, waitMs);
  }

  /** Only a limiter that learns wants to know of the end of a call. */
  private remember(run: Run, at: number, bucket: Bucket, now: number): void {
    if (this.options.adaptive !== undefined) run.tickets[at] = { bucket, began: now };
  }

  private whyNotWait(
    run: Run,
    bucket: Bucket,
    waitMs: number,
    now: number,
  ): RefusedReason | undefined {
    const { maxQueued, maxWaitMs } = this.options;
    if (maxQueued === 0) return 'limit';
    if (bucket.line.size >= maxQueued) return 'full';
    if (waitMs > maxWaitMs) return 'wait';
    const { deadline } = run;
    return deadline !== undefined && now + waitMs >= deadline ? 'deadline' : undefined;
  }

  private wait(run: Run, newCall: NewCall, waitMs: number): typeof parked {
    const { bucket, now, at } = newCall;
    const call = new WaitingCall(run, this, newCall);
    run.tickets[at] = call;
    bucket.line.add(call);
    this.waiting++;
    this.limitWait(call, now);
    bucket.serve();
    if (this.isHeard(topics.queued)) {
      this.tell(topics.queued, { key: bucket.key, waitMs, queued: bucket.line.size });
    }
    return parked;
  }

  /** Others may go before it: then it waits for longer than it seemed at first. */
  private limitWait(call: WaitingCall, now: number): void {
    const latest = Math.min(now + this.options.maxWaitMs, call.run.deadline ?? Infinity);
    if (latest !== Infinity) deadlineHeap(this.clock).add(call, latest);
  }

  overdue(call: WaitingCall): void {
    call.state = 'overdue';
    this.leave(call);
    call.bucket.serve();
    call.run.resume();
  }

  served(call: WaitingCall): void {
    this.waiting--;
    deadlineHeap(this.clock).remove(call);
    call.run.resume();
  }

  private leave(call: WaitingCall): void {
    call.bucket.line.remove(call);
    this.waiting--;
    deadlineHeap(this.clock).remove(call);
  }

  woken(run: Run, at: number): 0 | 2 {
    const call = run.tickets[at] as WaitingCall;
    const now = this.clock.now();
    const { bucket, units, urgency } = call;
    if (call.state === 'overdue') {
      const isLate = run.deadline !== undefined && now >= run.deadline;
      const waitMs = bucket.state.waitFor(now, bucket.line.unitsBefore(urgency) + units);
      return this.turnAway(
        run,
        { bucket, units, urgency, now, at },
        isLate ? 'deadline' : 'wait',
        waitMs,
      );
    }
    if (this.isHeard(topics.dequeued)) {
      this.tell(topics.dequeued, { key: bucket.key, waitedMs: now - call.since });
    }
    run.tickets[at] = undefined;
    this.remember(run, at, bucket, now);
    return admitted;
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as WaitingCall;
    if (call.state === 'waiting') this.leave(call);
    else if (call.taken !== undefined) call.bucket.state.giveBack(call.taken);
    call.bucket.serve();
  }

  private turnAway(
    run: Run,
    { bucket, units, now }: NewCall,
    reason: RefusedReason,
    retryAfterMs: number,
  ): typeof refused {
    const { key } = bucket;
    if (this.isHeard(topics.refused)) {
      this.tell(topics.refused, { key, reason, retryAfterMs, weight: units });
    }
    const { limit } = this.options.algorithm;
    const remaining = bucket.state.remaining(now);
    const options = { policy: this.name, reason, limit, remaining, key, retryAfterMs };
    const message = `the rate limit of "${this.name}" is used up; room in ${Math.ceil(retryAfterMs)} ms`;
    run.answer(
      false,
      withoutStack(() => new RateLimitedError(message, options)),
    );
    return refused;
  }

  // --- Going out ----------------------------------------------------------------------------------

  success(run: Run, at: number, value: unknown): ExitVerdict {
    if (run.tickets[at] !== undefined) this.learn(run, at, { ok: true, value });
    return pass;
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    if (run.tickets[at] !== undefined && !run.callerGaveUp)
      this.learn(run, at, { ok: false, error });
    return pass;
  }

  private learn(run: Run, at: number, outcome: Outcome<unknown>): void {
    const { adaptive } = this.options;
    const { bucket, began } = run.tickets[at] as { bucket: Bucket; began: number };
    if (run.isCut || adaptive === undefined) return;
    runGuarded(
      () => {
        const answer = adaptive.isThrottled(outcome);
        if (answer !== false) this.slowDown(bucket, began, answer === true ? 0 : answer);
      },
      { kind: this.kind, event: 'isThrottled', policy: this.name },
    );
  }

  private slowDown(bucket: Bucket, began: number, pauseMs: number): void {
    const { state, key, line } = bucket;
    if (!(state instanceof ThrottledState)) return;
    const now = this.clock.now();
    state.fall(now, began, pauseMs);
    if (line.size > 0) bucket.serve();
    if (this.isHeard(topics.throttled)) {
      this.tell(topics.throttled, { key, pauseMs, share: state.share(now) });
    }
  }

  // --- By hand ------------------------------------------------------------------------------------

  tryAcquire(options: AcquireOptions = {}): RateDecision {
    const { bucket, units, now } = this.byHand(options);
    const { state, line } = bucket;
    const retryAfterMs = state.waitFor(now, line.unitsBefore(7) + units);
    const allowed = retryAfterMs === 0 && line.size === 0;
    if (allowed) state.take(now, units);
    else if (this.isHeard(topics.refused)) {
      this.tell(topics.refused, { key: bucket.key, reason: 'limit', retryAfterMs, weight: units });
    }
    return this.decision(bucket, { allowed, retryAfterMs, now });
  }

  peek(options: AcquireOptions = {}): RateDecision {
    const { bucket, units, now } = this.byHand(options);
    const retryAfterMs = bucket.state.waitFor(now, bucket.line.unitsBefore(7) + units);
    const allowed = retryAfterMs === 0 && bucket.line.size === 0;
    return this.decision(bucket, { allowed, retryAfterMs, now });
  }

  private byHand(options: AcquireOptions): { bucket: Bucket; units: number; now: number } {
    const { key, weight = 1 } = knownOptions(options, ['key', 'weight']);
    const now = this.clock.now();
    const units = checkWeight(weight, this.options.algorithm.capacity);
    return { bucket: this.buckets.use(checkKey(key), now), units, now };
  }

  private decision(
    { state }: Bucket,
    { allowed, retryAfterMs, now }: { allowed: boolean; retryAfterMs: number; now: number },
  ): RateDecision {
    const { limit, windowMs } = this.options.algorithm;
    const remaining = state.remaining(now);
    const resetAfterMs = state.resetAfter(now);
    return { allowed, limit, windowMs, remaining, retryAfterMs, resetAfterMs };
  }

  reserve(options: ReserveOptions = {}): Reservation | undefined {
    const { maxDelayMs = Number.POSITIVE_INFINITY, ...others } = options;
    if (maxDelayMs !== Number.POSITIVE_INFINITY) milliseconds('maxDelayMs', maxDelayMs);
    const { bucket, units, now } = this.byHand(others);
    const { state, line } = bucket;
    const delayMs = state.waitFor(now, units);
    if (line.size > 0 || delayMs > maxDelayMs) return undefined;
    return new HeldReservation(state, state.take(now, units), delayMs, () => bucket.serve());
  }

  feedback(feedback: RateFeedback = {}): void {
    const { key, pauseMs = 0 } = knownOptions(feedback, ['key', 'pauseMs']);
    milliseconds('pauseMs', pauseMs);
    const { adaptive } = this.options;
    if (adaptive === undefined) {
      throw invalidOption('adaptive', 'given to a limiter that learns', adaptive, TypeError);
    }
    const now = this.clock.now();
    this.slowDown(this.buckets.use(checkKey(key), now), now, pauseMs);
  }

  forget(key: string): boolean {
    return this.buckets.delete(checkKey(key));
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { algorithm, maxQueued, maxWaitMs, adaptive, key, maxKeys } = this.options;
    const { kind, limit, windowMs, capacity } = algorithm;
    return {
      algorithm: kind,
      limit,
      windowMs,
      capacity,
      maxQueued,
      maxWaitMs,
      ...(key === undefined ? {} : { maxKeys }),
      ...(adaptive === undefined ? {} : { adaptive: adaptive.described }),
    };
  }
}
