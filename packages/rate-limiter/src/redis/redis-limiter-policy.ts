import { invalidOption, knownOptions } from '@holdfast/policy';
import type { BucketSource } from '../bucket-source.ts';
import { checkWeight, type RateDecision } from '../decision.ts';
import type { AcquireOptions } from '../rate-limiter.ts';
import { Claim } from './claim.ts';
import { look } from './look.ts';
import { RedisAdmission } from './redis-admission.ts';
import type { RedisRateLimiter } from './redis-rate-limiter.ts';
import type { SharedBucket } from './shared-bucket.ts';

/** A limiter with Redis: what can be done with it by hand, beside calling through it. */
export class RedisLimiterPolicy extends RedisAdmission implements RedisRateLimiter {
  get queued(): number {
    return this.waiting;
  }

  get size(): number {
    return this.keyed?.size ?? 1;
  }

  get isAway(): boolean {
    return this.store.isAway;
  }

  async tryAcquire(options: AcquireOptions = {}): Promise<RateDecision> {
    const now = this.clock.now();
    const { key, units } = this.requestOf(options);
    const bucket = this.single ?? (this.keyed as BucketSource<SharedBucket>).use(key, now);
    if (bucket.takeInHand(now, units)) return { allowed: true, ...this.standing(bucket, 0, now) };
    const knownMs = this.knownWait({ bucket, units }, now);
    if (knownMs > 0) {
      this.tellRefused({ bucket, units }, { reason: 'limit', waitMs: knownMs });
      return { allowed: false, ...this.standing(bucket, knownMs, now) };
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const rank = this.lastRank;
    const wanted = { bucket, units, rank, mayWait: false, now, deadline: undefined };
    const claim = new Claim(this, resolve, wanted);
    this.begin(claim, now);
    if (claim.isHeld) await promise;
    const { refusing } = claim;
    if (refusing !== undefined) this.tellRefused(claim, refusing);
    const waitMs = refusing?.waitMs ?? 0;
    const allowed = refusing === undefined;
    return { allowed, ...this.standing(bucket, waitMs, this.clock.now()) };
  }

  async peek(options: AcquireOptions = {}): Promise<RateDecision> {
    const { key, units } = this.requestOf(options);
    const bucket = this.keyed?.find(key) ?? this.single ?? this.makeBucket(key);
    const waitMs = await this.waitSeen(bucket, units);
    const allowed = waitMs === 0 && bucket.line.size === 0;
    return { allowed, ...this.standing(bucket, waitMs, this.clock.now()) };
  }

  /** After how many milliseconds so many units may go, as it looks. */
  private async waitSeen(bucket: SharedBucket, units: number): Promise<number> {
    const { clock, store } = this;
    const lot = bucket.state.lotFor(units, clock.now());
    if (lot !== undefined && lot.from <= clock.now()) return 0;
    const seen = store.isAway ? undefined : await look(store, bucket, units);
    if (seen !== undefined) return seen;
    if (this.settings.whenAway === 'open') return 0;
    const now = clock.now();
    return bucket.localCounts()?.waitFor(now, units) ?? store.nextProbeMs(now);
  }

  async giveBack(): Promise<void> {
    const { store } = this;
    const all = this.active.all().map(async (bucket) => {
      bucket.state.giveSharesBack();
      while (bucket.state.hasReturns && !store.isAway) await look(store, bucket, 1);
    });
    await Promise.all(all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.giveBack();
    this.active.stop();
    this.store.close();
  }

  private requestOf(options: AcquireOptions): { key: string | undefined; units: number } {
    const { key, weight = 1 } = knownOptions(options, ['key', 'weight']);
    if (key !== undefined && this.keyed === undefined) {
      throw invalidOption('key', 'left out: the limiter has no `keys`', key, TypeError);
    }
    return { key, units: checkWeight(weight, this.rule.algorithm.capacity) };
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { prefix, share, whenAway, timeoutMs, probeMs, maxQueued, maxWaitMs } = this.settings;
    const { queue, keys } = this.settings;
    const { kind, limit, windowMs, capacity } = this.rule.algorithm;
    return {
      algorithm: { kind, limit, windowMs, capacity },
      prefix,
      share: share === undefined ? 'none' : share.options,
      whenAway,
      timeoutMs,
      probeMs,
      maxQueued,
      maxWaitMs,
      ...(queue === undefined ? {} : { queue: { order: queue.order, ...queue.options } }),
      ...(keys === undefined ? {} : { keys: { maxKeys: keys.maxKeys } }),
    };
  }
}
