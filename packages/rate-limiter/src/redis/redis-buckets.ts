import { type Clock, LayeredPolicy, systemClock } from '@holdfast/policy';
import type { RateState } from '../algorithm.ts';
import type { BucketSource } from '../bucket-source.ts';
import type { RateDecision } from '../decision.ts';
import { RateLimitedError } from '../errors.ts';
import { topics as sharedTopics } from '../events.ts';
import { Row } from '../waiting-line.ts';
import { ActiveBuckets } from './active-buckets.ts';
import type { BucketOwner } from './bucket-owner.ts';
import type { Claim, Refused, Refusing } from './claim.ts';
import { leastHoldMs } from './compose-question.ts';
import { RateLimiterAwayError } from './errors.ts';
import type { RedisRateLimiterEvents } from './events.ts';
import { localCapacity, localState } from './local-share.ts';
import {
  type RedisLimiterSettings,
  type RedisRateLimiterOptions,
  redisSettingsOf,
} from './options.ts';
import { RedisStore, type StoreOwner } from './redis-store.ts';
import { ShareSize } from './share-size.ts';
import { SharedBucket } from './shared-bucket.ts';
import type { SharedRule } from './shared-rule.ts';

/** What is taken ahead is kept for this part of the time in which the limit would be used up. */
const holdPart = 0.1;
const leastSweepMs = 50;
/** It makes no sense to take fewer ahead. */
const leastShare = 4;

/** The buckets of a limiter with Redis, and what it says of them. */
export abstract class RedisBuckets
  extends LayeredPolicy<never, unknown, RedisRateLimiterEvents>
  implements BucketOwner, StoreOwner
{
  readonly kind: string = 'rate-limiter';
  override readonly clock: Clock;
  readonly store: RedisStore;
  readonly rule: SharedRule;
  readonly holdMs: number;
  readonly maxWaitMs: number;
  readonly hasOrder: boolean;
  readonly lastRank: number;
  readonly localCapacity: number;
  protected readonly settings: RedisLimiterSettings;
  protected readonly single: SharedBucket | undefined = undefined;
  protected readonly keyed: BucketSource<SharedBucket> | undefined;
  /** The only bucket, if each call is one unit of it. */
  protected readonly plain: SharedBucket | undefined;
  protected readonly active: ActiveBuckets;
  protected waiting = 0;
  protected awayCause: unknown = undefined;

  constructor(options: RedisRateLimiterOptions) {
    super(options.name ?? 'rate-limiter');
    this.settings = redisSettingsOf(options);
    this.clock = options.clock ?? systemClock;
    const { rule, share, keys, weight, queue, maxWaitMs, probeMs, whenAway } = this.settings;
    this.rule = rule;
    this.maxWaitMs = maxWaitMs;
    this.hasOrder = queue !== undefined;
    this.lastRank = queue?.lastRank ?? 0;
    const { capacity } = rule.algorithm;
    const fraction = typeof whenAway === 'string' ? 1 : whenAway.fraction;
    this.localCapacity = localCapacity(rule.algorithm, fraction);
    const most = capacity * rule.intervalMs * holdPart;
    const holdMs = share === undefined ? 0 : Math.min(share.options.holdMs, most);
    this.holdMs = holdMs < leastHoldMs ? 0 : holdMs;
    this.active = new ActiveBuckets(this.clock, Math.max(leastSweepMs, this.holdMs));
    const { link, timeoutMs } = this.settings;
    this.store = new RedisStore({ link, rule, clock: this.clock, timeoutMs, probeMs }, this);
    this.keyed = keys?.makeSource((key) => this.makeBucket(key));
    if (this.keyed === undefined) this.single = this.makeBucket(undefined);
    this.plain = weight === undefined ? this.single : undefined;
  }

  protected makeBucket(key: string | undefined): SharedBucket {
    const { prefix, queue, share, rule } = this.settings;
    const most = Math.floor(rule.algorithm.capacity * (share?.options.maxRatio ?? 0));
    const mayKeep = this.holdMs > 0 && most >= leastShare;
    return new SharedBucket(key, {
      owner: this,
      redisKey:
        (key === undefined ? `${prefix}{${this.name}}` : `${prefix}${this.name}:{${key}}`) +
        rule.suffix,
      line: queue?.makeLine<Claim>() ?? new Row<Claim>(),
      share: mayKeep ? new ShareSize(most, this.holdMs, this.clock.now()) : undefined,
    });
  }

  abstract served(claim: Claim): void;
  abstract decide(claim: Claim, now: number): void;
  abstract decideAway(claim: Claim, now: number): void;
  abstract decideLine(bucket: SharedBucket, now: number): void;
  abstract wentAway(cause: unknown): void;
  abstract cameBack(awayMs: number): void;

  makeLocal(awaySince: number): RateState | undefined {
    const { whenAway, rule } = this.settings;
    if (typeof whenAway === 'string') return undefined;
    return localState(rule.algorithm, whenAway.fraction, awaySince);
  }

  activate(bucket: SharedBucket): void {
    this.active.add(bucket);
  }

  protected errorOf(bucket: SharedBucket, { reason, waitMs }: Refusing, now: number): Error {
    const { name: policy, awayCause: cause } = this;
    const { key } = bucket;
    const retryMs = Math.ceil(waitMs);
    if (reason === 'away') {
      const text = `Redis is away, and the rate limit of "${policy}" lets nothing go; next look in ${retryMs} ms`;
      return new RateLimiterAwayError(text, { policy, key, retryAfterMs: waitMs, cause });
    }
    const message = `the rate limit of "${policy}" is used up; room in ${retryMs} ms`;
    return new RateLimitedError(message, {
      policy,
      reason,
      key,
      ...this.standing(bucket, waitMs, now),
    });
  }

  protected standing(
    bucket: SharedBucket,
    retryAfterMs: number,
    now: number,
  ): Omit<RateDecision, 'allowed'> {
    const { limit, windowMs } = this.rule.algorithm;
    const remaining = bucket.remaining(now);
    return { limit, windowMs, remaining, retryAfterMs, resetAfterMs: bucket.resetAfter(now) };
  }

  protected tellRefused({ bucket, units }: Refused, { reason, waitMs }: Refusing): void {
    if (!this.isHeard(sharedTopics.refused)) return;
    const { key } = bucket;
    this.tell(sharedTopics.refused, { key, reason, retryAfterMs: waitMs, weight: units });
  }
}
