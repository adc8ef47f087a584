import {
  type ExitVerdict,
  invalidOption,
  knownOptions,
  milliseconds,
  type Outcome,
  pass,
  type Run,
} from '@holdfast/policy';
import { Admission } from './admission.ts';
import type { RateAlgorithm, RateState } from './algorithm.ts';
import type { Bucket } from './bucket.ts';
import { countsFrom } from './counts-from.ts';
import { checkWeight, type RateDecision, standing } from './decision.ts';
import type { AdmittedCall } from './learner.ts';
import { changedSettings, type RateConfigureOptions } from './options.ts';
import type { AcquireOptions, RateFeedback, RateLimiter, ReserveOptions } from './rate-limiter.ts';
import { HeldReservation, type Reservation } from './reservation.ts';
import { ThrottledState } from './throttled-state.ts';

/** What is asked for by hand. */
interface Request {
  readonly bucket: Bucket;
  readonly units: number;
  readonly now: number;
  /** After how many milliseconds it may go, behind all that wait. */
  readonly retryAfterMs: number;
}

/** A limiter: what can be done with it by hand, beside calling through it. */
export class RateLimiterPolicy extends Admission implements RateLimiter {
  get queued(): number {
    return this.waiting;
  }

  get size(): number {
    return this.keyed?.size ?? 1;
  }

  // --- Going out ----------------------------------------------------------------------------------

  success(run: Run, at: number, value: unknown): ExitVerdict {
    if (this.learner !== undefined) this.teach(run, at, { ok: true, value });
    return pass;
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    if (this.learner !== undefined) this.teach(run, at, { ok: false, error });
    return pass;
  }

  private teach(run: Run, at: number, outcome: Outcome<unknown>): void {
    const call = run.tickets[at];
    if (call !== undefined) this.learner?.ended(run, call as AdmittedCall, outcome);
  }

  // --- By hand ------------------------------------------------------------------------------------

  feedback(feedback: RateFeedback = {}): void {
    const names = ['key', 'pauseMs', 'durationMs'];
    const { key, pauseMs = 0, durationMs = 0 } = knownOptions(feedback, names);
    milliseconds('pauseMs', pauseMs);
    milliseconds('durationMs', durationMs);
    const { learner } = this;
    if (learner === undefined) {
      throw invalidOption('adaptive', 'given to a limiter that learns', undefined, TypeError);
    }
    const now = this.clock.now();
    learner.slowDown(this.bucketOf(key, now), now - durationMs, pauseMs);
  }

  tryAcquire(options: AcquireOptions = {}): RateDecision {
    const request = this.request(options);
    const { bucket, units, now, retryAfterMs } = request;
    const allowed = this.mayGo(request);
    if (allowed) bucket.state.take(now, units);
    else this.tellRefused(bucket, 'limit', retryAfterMs, units);
    return { allowed, ...standing(bucket, this.settings.algorithm, retryAfterMs, now) };
  }

  peek(options: AcquireOptions = {}): RateDecision {
    const request = this.request(options, (key) => this.keyed?.find(key) ?? this.makeBucket(key));
    const { bucket, now, retryAfterMs } = request;
    const allowed = this.mayGo(request);
    return { allowed, ...standing(bucket, this.settings.algorithm, retryAfterMs, now) };
  }

  reserve(options: ReserveOptions = {}): Reservation | undefined {
    const { maxDelayMs = Number.POSITIVE_INFINITY, ...others } = options;
    if (maxDelayMs !== Number.POSITIVE_INFINITY) milliseconds('maxDelayMs', maxDelayMs);
    const { bucket, units, now, retryAfterMs } = this.request(others);
    if (bucket.line.size > 0 || retryAfterMs > maxDelayMs) return undefined;
    const { state } = bucket;
    const taken = state.take(now, units);
    return new HeldReservation(retryAfterMs, () => {
      const then = this.clock.now();
      this.writeDown(then);
      bucket.giveBack(taken, state, then);
    });
  }

  forget(key: string): boolean {
    return this.keyed?.forget(key) ?? false;
  }

  configure(options: RateConfigureOptions): void {
    const { settings: former } = this;
    const settings = changedSettings(options, former);
    const now = this.clock.now();
    this.writeDown(now);
    this.settings = settings;
    if (settings.algorithm === former.algorithm) return;
    const buckets = this.single === undefined ? this.keyed?.buckets() : [this.single];
    // What is served meanwhile may bring in new keys, which begin with the new limit.
    for (const bucket of Array.from(buckets ?? [])) {
      bucket.count(this.countsUnder(settings.algorithm, former.algorithm, bucket, now), now);
    }
  }

  private countsUnder(
    algorithm: RateAlgorithm,
    former: RateAlgorithm,
    { state }: Bucket,
    now: number,
  ): RateState {
    if (state instanceof ThrottledState) return state.under(algorithm, now);
    return countsFrom(algorithm, { algorithm: former, state }, now);
  }

  mattersForMs(): number {
    const now = this.clock.now();
    this.writeDown(now);
    return this.single?.state.resetAfter(now) ?? 0;
  }

  private mayGo({ bucket, retryAfterMs }: Request): boolean {
    return retryAfterMs === 0 && bucket.line.size === 0;
  }

  private bucketOf(
    key: string | undefined,
    now: number,
    make?: (key: string | undefined) => Bucket,
  ): Bucket {
    this.writeDown(now);
    const { single, keyed } = this;
    if (keyed !== undefined) return make?.(key) ?? keyed.use(key, now);
    if (key === undefined) return single as Bucket;
    throw invalidOption('key', 'left out: the limiter has no `keys`', key, TypeError);
  }

  private request(options: AcquireOptions, make?: (key: string | undefined) => Bucket): Request {
    const { key, weight = 1 } = knownOptions(options, ['key', 'weight']);
    const { algorithm, queue } = this.settings;
    const units = checkWeight(weight, algorithm.capacity);
    const now = this.clock.now();
    const bucket = this.bucketOf(key, now, make);
    const { state, line } = bucket;
    const retryAfterMs = state.waitFor(now, line.unitsBefore(queue?.lastRank ?? 0) + units);
    return { bucket, units, now, retryAfterMs };
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { algorithm, maxQueued, maxWaitMs, queue, keys, adaptive } = this.settings;
    const { kind, limit, windowMs, capacity } = algorithm;
    return {
      algorithm: { kind, limit, windowMs, capacity },
      maxQueued,
      maxWaitMs,
      ...(queue === undefined ? {} : { queue: { order: queue.order, ...queue.options } }),
      ...(keys === undefined ? {} : { keys: { maxKeys: keys.maxKeys } }),
      ...(adaptive === undefined ? {} : { adaptive: adaptive.options }),
    };
  }
}
