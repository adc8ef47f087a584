import {
  commonOptions,
  count,
  invalidOption,
  knownOptions,
  milliseconds,
  optionalFunction,
  positiveMilliseconds,
} from '@holdfast/policy';
import { checkMade, type RateLimiterOptions } from '../options.ts';
import type { KeyedLimits } from '../per-key.ts';
import type { LineOrder } from '../waiting-line.ts';
import type { LocalShare } from './local-share.ts';
import { type Prefetch, prefetch } from './prefetch.ts';
import { linkOf, type RedisClient, type RedisLink } from './redis-client.ts';
import { type SharedRule, sharedRule } from './shared-rule.ts';

/** What {@link redisRateLimiter} is told. */
export interface RedisRateLimiterOptions
  extends Omit<RateLimiterOptions, 'adaptive' | 'algorithm'> {
  /**
   * Who talks to Redis: a client or a cluster of `redis` or `ioredis`, or a function that sends a
   * command. It is yours: connect it, listen to its errors, and close it.
   */
  readonly client: RedisClient;
  /**
   * The limit that all processes share, and its rule: made by `gcra`, `tokenBucket` or `slidingWindow`.
   */
  readonly algorithm: RateLimiterOptions['algorithm'];
  /**
   * What the keys in Redis begin with. The name of the limiter follows, and then the key of the call in
   * braces; the name is in braces if there are no keys. A window ends with `:window`. Limiters with the
   * same prefix and name share their limits, and must have the same algorithm.
   *
   * @default 'holdfast:'
   */
  readonly prefix?: string | undefined;
  /**
   * How much a process takes ahead of its calls, made by {@link prefetch}; or `'none'`: Redis is asked
   * for each call.
   *
   * @default prefetch()
   */
  readonly share?: Prefetch | 'none' | undefined;
  /**
   * What happens while Redis is away: `'closed'`, nothing goes; `'open'`, all goes; or each process goes
   * on with a part of the limit, made by {@link localShare}.
   *
   * @default 'closed'
   */
  readonly whenAway?: LocalShare | 'closed' | 'open' | undefined;
  /**
   * How long to wait for an answer before Redis counts as away, in milliseconds above 0.
   *
   * @default 250
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How often to look whether Redis is there again, in milliseconds above 0; more often at first.
   *
   * @default 1_000
   */
  readonly probeMs?: number | undefined;
}

/** The options with their defaults, and with what the factories of the package really made. */
export interface RedisLimiterSettings {
  readonly link: RedisLink;
  readonly rule: SharedRule;
  readonly prefix: string;
  readonly share: Prefetch | undefined;
  readonly whenAway: LocalShare | 'closed' | 'open';
  readonly timeoutMs: number;
  readonly probeMs: number;
  readonly maxQueued: number;
  readonly maxWaitMs: number;
  readonly queue: LineOrder | undefined;
  readonly keys: KeyedLimits | undefined;
  readonly weight: RateLimiterOptions['weight'];
}

const own = ['client', 'prefix', 'share', 'whenAway', 'timeoutMs', 'probeMs'];
const shared = ['algorithm', 'maxQueued', 'maxWaitMs', 'queue', 'keys', 'weight', 'name', 'clock'];

function checkedShare(share: Prefetch | 'none'): Prefetch | undefined {
  if (share === 'none') return undefined;
  if (typeof share === 'object' && typeof share?.options?.maxRatio === 'number') return share;
  throw invalidOption('share', "'none' or what prefetch made", share, TypeError);
}

function checkedAway(whenAway: LocalShare | 'closed' | 'open'): LocalShare | 'closed' | 'open' {
  if (whenAway === 'closed' || whenAway === 'open') return whenAway;
  if (typeof whenAway === 'object' && typeof whenAway?.fraction === 'number') return whenAway;
  const expected = "'closed', 'open' or what localShare made";
  const kind = typeof whenAway === 'string' ? RangeError : TypeError;
  throw invalidOption('whenAway', expected, whenAway, kind);
}

/** Returns the settings, or throws an error that names the first option that cannot be used. */
export function redisSettingsOf(options: RedisRateLimiterOptions): RedisLimiterSettings {
  const { client, algorithm, queue, keys, ...rest } = knownOptions(options, [...own, ...shared]);
  const { maxQueued = 0, maxWaitMs = Number.POSITIVE_INFINITY, timeoutMs = 250 } = rest;
  const { prefix = 'holdfast:', share = prefetch(), whenAway = 'closed', probeMs = 1_000 } = rest;
  const link = linkOf(client);
  checkMade('algorithm', algorithm, 'makeState', 'gcra, tokenBucket or slidingWindow');
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string', prefix, TypeError);
  count('maxQueued', maxQueued);
  if (maxWaitMs !== Number.POSITIVE_INFINITY) milliseconds('maxWaitMs', maxWaitMs);
  if (queue !== undefined) checkMade('queue', queue, 'makeLine', 'byPriority');
  if (keys !== undefined) checkMade('keys', keys, 'makeSource', 'perKey');
  optionalFunction('weight', rest.weight);
  commonOptions(options);
  return {
    link,
    rule: sharedRule(algorithm),
    prefix,
    share: checkedShare(share),
    whenAway: checkedAway(whenAway),
    timeoutMs: positiveMilliseconds('timeoutMs', timeoutMs),
    probeMs: positiveMilliseconds('probeMs', probeMs),
    maxQueued,
    maxWaitMs,
    queue: queue as LineOrder | undefined,
    keys: keys as KeyedLimits | undefined,
    weight: rest.weight,
  };
}
