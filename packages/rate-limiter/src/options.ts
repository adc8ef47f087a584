import {
  type Clock,
  commonOptions,
  count,
  type ExecutionContext,
  invalidOption,
  knownOptions,
  milliseconds,
  optionalFunction,
} from '@holdfast/policy';
import type { AdaptiveRate, AdaptiveSource } from './adaptive-rate.ts';
import type { RateAlgorithm } from './algorithm.ts';
import type { KeyedLimits, PerKey } from './per-key.ts';
import type { LineOrder, WaitingOrder } from './waiting-line.ts';

/** What can be changed while a limiter lives; see `configure`. */
export type RateConfigureOptions = Partial<
  Pick<RateLimiterOptions, 'algorithm' | 'maxQueued' | 'maxWaitMs'>
>;

/** What {@link rateLimiter} is told. */
export interface RateLimiterOptions {
  /** The limit and its rule: made by {@link gcra}, {@link tokenBucket} or {@link slidingWindow}. */
  readonly algorithm: RateAlgorithm;
  /**
   * How many calls may wait until they may go, for each key: an integer from 0 up, or Infinity.
   * Without room in the line a call is refused at once.
   *
   * @default 0 (nobody waits)
   */
  readonly maxQueued?: number | undefined;
  /**
   * How long a call may wait, in milliseconds from 0 up. One that would have to wait for longer, or
   * past its deadline, is refused at once.
   *
   * @default Infinity
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * In which order waiting calls go; made by `byPriority`.
   *
   * @default undefined (first come, first served)
   */
  readonly queue?: WaitingOrder | undefined;
  /**
   * A limit for each key instead of one for all calls; made by `perKey`.
   *
   * @default undefined
   */
  readonly keys?: PerKey | undefined;
  /**
   * How many units a call counts for: an integer from 1 up. A call that weighs more than may ever go
   * at one moment rejects with a `RangeError`. What it throws, the call rejects with.
   *
   * @default undefined (1 each)
   */
  readonly weight?: ((context: ExecutionContext) => number) | undefined;
  /**
   * Goes slower when what is called says that it gets too much; made by {@link adaptiveRate}.
   *
   * @default undefined
   */
  readonly adaptive?: AdaptiveRate | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'rate-limiter'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** The options with their defaults, and with what the factories of the package really made. */
export interface LimiterSettings {
  readonly algorithm: RateAlgorithm;
  readonly maxQueued: number;
  readonly maxWaitMs: number;
  readonly queue: LineOrder | undefined;
  readonly keys: KeyedLimits | undefined;
  readonly weight: RateLimiterOptions['weight'];
  readonly adaptive: AdaptiveSource | undefined;
}

/** Throws unless `value` has that method, as what the factory makes has. */
export function checkMade(name: string, value: unknown, method: string, factory: string): void {
  const found = (value as Record<string, unknown> | null | undefined)?.[method];
  if (typeof found === 'function') return;
  throw invalidOption(name, `what ${factory} made`, value, TypeError);
}

/** Returns `former` with what is given changed, or throws an error that names the first that cannot be. */
export function changedSettings(
  options: RateConfigureOptions,
  former: LimiterSettings,
): LimiterSettings {
  const { algorithm, maxQueued, maxWaitMs } = knownOptions(options, [
    'algorithm',
    'maxQueued',
    'maxWaitMs',
  ]);
  const own = checkOwn({
    algorithm: algorithm ?? former.algorithm,
    maxQueued: maxQueued ?? former.maxQueued,
    maxWaitMs: maxWaitMs ?? former.maxWaitMs,
  });
  return { ...former, ...own };
}

type OwnSettings = Pick<LimiterSettings, 'algorithm' | 'maxQueued' | 'maxWaitMs'>;

function checkOwn({ algorithm, maxQueued, maxWaitMs }: OwnSettings): OwnSettings {
  checkMade('algorithm', algorithm, 'makeState', 'gcra, tokenBucket or slidingWindow');
  count('maxQueued', maxQueued);
  if (maxWaitMs !== Number.POSITIVE_INFINITY) milliseconds('maxWaitMs', maxWaitMs);
  return { algorithm, maxQueued, maxWaitMs };
}

/** Returns the settings, or throws an error that names the first option that cannot be used. */
export function settingsOf(options: RateLimiterOptions): LimiterSettings {
  const names = ['algorithm', 'maxQueued', 'maxWaitMs', 'queue', 'keys', 'weight', 'adaptive'];
  const {
    algorithm,
    maxQueued = 0,
    maxWaitMs = Number.POSITIVE_INFINITY,
    queue,
    keys,
    weight,
    adaptive,
  } = knownOptions(options, [...names, 'name', 'clock']);
  checkOwn({ algorithm, maxQueued, maxWaitMs });
  if (queue !== undefined) checkMade('queue', queue, 'makeLine', 'byPriority');
  if (keys !== undefined) checkMade('keys', keys, 'makeSource', 'perKey');
  if (adaptive !== undefined) checkMade('adaptive', adaptive, 'makeState', 'adaptiveRate');
  optionalFunction('weight', weight);
  commonOptions(options);
  return {
    algorithm,
    maxQueued,
    maxWaitMs,
    queue: queue as LineOrder | undefined,
    keys: keys as KeyedLimits | undefined,
    weight,
    adaptive: adaptive as AdaptiveSource | undefined,
  };
}
