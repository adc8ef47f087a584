import {
  adaptiveRate,
  type AdaptiveRateOptions,
  byPriority,
  gcra,
  type GcraOptions,
  perKey,
  type PerKeyOptions,
  type PriorityOptions,
  type RateAlgorithm,
  type RateLimiter,
  rateLimiter,
  type RateLimiterOptions,
  slidingWindow,
  type SlidingWindowOptions,
  tokenBucket,
  type TokenBucketOptions,
} from '@holdfast/rate-limiter';
import type { AsData, AsPartialData, LayerCommon, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf, layerOptions, objectOf } from '../format/objects.ts';
import {
  count,
  milliseconds,
  millisecondsOrInfinity,
  named,
  positiveInteger,
  positiveMilliseconds,
  positiveMillisecondsOrInfinity,
  positiveNumber,
  ratio,
  type Schema,
} from '../format/values.ts';
import { numberIn } from './budgets.ts';
import { withoutKind } from './circuit-trips.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** A limit and its rule: `kind` is the function that makes it in code. */
export type RateAlgorithmData =
  | AsData<GcraOptions, OfKind<'gcra'>>
  | AsData<TokenBucketOptions, OfKind<'tokenBucket'>>
  | AsData<SlidingWindowOptions, OfKind<'slidingWindow'>>;

/** A rate limiter; see `rateLimiter` of `@holdfast/rate-limiter`. */
export type RateLimiterData = LayerCommon<'rateLimiter'> &
  AsPartialData<
    RateLimiterOptions,
    {
      /** The limit and its rule; has to be there, be it in the defaults or in a template. */
      readonly algorithm?: RateAlgorithmData | undefined;
      /** In which order waiting calls go; `priority` names a context key or a function. */
      readonly queue?: AsData<PriorityOptions, OfKind<'byPriority'>> | undefined;
      /** A limit for each key; `key` names a context key or a function. */
      readonly keys?: AsData<PerKeyOptions> | undefined;
      /** Goes slower when what is called says that it gets too much. */
      readonly adaptive?: AsData<AdaptiveRateOptions> | undefined;
    }
  >;

export const algorithmSchema: Schema = anyKind(
  kindOf<AsData<GcraOptions>, 'limit' | 'windowMs'>('gcra', {
    options: 'GcraOptions',
    needs: ['limit', 'windowMs'],
    entries: { limit: positiveInteger, windowMs: positiveMilliseconds, burst: positiveInteger },
  }),
  kindOf<AsData<TokenBucketOptions>, 'replenishRate'>('tokenBucket', {
    options: 'TokenBucketOptions',
    needs: ['replenishRate'],
    entries: { replenishRate: positiveNumber, burstCapacity: positiveInteger },
  }),
  kindOf<AsData<SlidingWindowOptions>, 'limit' | 'windowMs'>('slidingWindow', {
    options: 'SlidingWindowOptions',
    needs: ['limit', 'windowMs'],
    entries: { limit: positiveInteger, windowMs: positiveMilliseconds },
  }),
);

function algorithmOf(data: unknown, workshop: Workshop): RateAlgorithm {
  const given = data as RateAlgorithmData | undefined;
  // The maker says what is missing.
  if (given === undefined) return undefined as never;
  return workshop.at('algorithm', () => {
    const options = withoutKind(given);
    if (given.kind === 'gcra') return gcra(options as GcraOptions);
    if (given.kind === 'tokenBucket') return tokenBucket(options as TokenBucketOptions);
    return slidingWindow(options as SlidingWindowOptions);
  });
}

function queueOf(data: unknown, workshop: Workshop): RateLimiterOptions['queue'] {
  if (data === undefined) return undefined;
  const { priority, ageAfterMs } = data as NonNullable<RateLimiterData['queue']>;
  const read = workshop.reader<number | undefined>('queue.priority', priority);
  return workshop.at('queue', () =>
    byPriority({ priority: read as never, ageAfterMs: numberIn(ageAfterMs) as number }),
  );
}

function keysOf(data: unknown, workshop: Workshop): RateLimiterOptions['keys'] {
  if (data === undefined) return undefined;
  const { key, maxKeys } = data as AsData<PerKeyOptions>;
  const read = workshop.reader<string | undefined>('keys.key', key);
  return workshop.at('keys', () => perKey({ key: read, maxKeys: maxKeys as number }));
}

function adaptiveOf(data: unknown, workshop: Workshop): RateLimiterOptions['adaptive'] {
  if (data === undefined) return undefined;
  const { isThrottled, ...options } = data as AsData<AdaptiveRateOptions>;
  const ask = workshop.function<AdaptiveRateOptions['isThrottled']>(
    'adaptive.isThrottled',
    isThrottled,
  );
  return workshop.at('adaptive', () =>
    adaptiveRate({ ...(options as AdaptiveRateOptions), isThrottled: ask }),
  );
}

type Line = Required<Pick<RateLimiterOptions, 'algorithm' | 'maxQueued' | 'maxWaitMs'>>;

/** What lives on in a limiter that is given other options. */
function settings(data: LayerData, workshop: Workshop): { readonly [K in keyof Line]: Line[K] } {
  return {
    algorithm: algorithmOf(data['algorithm'], workshop),
    maxQueued: numberIn(data['maxQueued'] ?? 0) as number,
    maxWaitMs: numberIn(data['maxWaitMs'] ?? 'Infinity') as number,
  };
}

export const rateLimiterKind: LayerKind = {
  type: 'rateLimiter',
  schema: layerOptions<RateLimiterData>('RateLimiterOptions', {
    algorithm: algorithmSchema,
    maxQueued: count,
    maxWaitMs: millisecondsOrInfinity,
    queue: anyKind(
      kindOf<AsData<PriorityOptions>, 'priority'>('byPriority', {
        options: 'PriorityOptions',
        needs: ['priority'],
        entries: { priority: named, ageAfterMs: positiveMillisecondsOrInfinity },
      }),
    ),
    keys: objectOf<AsData<PerKeyOptions>, 'key'>({
      options: 'PerKeyOptions',
      needs: ['key'],
      entries: { key: named, maxKeys: positiveInteger },
    }),
    weight: named,
    adaptive: objectOf<AsData<AdaptiveRateOptions>>({
      options: 'AdaptiveRateOptions',
      entries: {
        isThrottled: named,
        decrease: ratio,
        minShare: ratio,
        recoverMs: positiveMilliseconds,
        maxPauseMs: milliseconds,
      },
    }),
  }),
  make(data, workshop) {
    return rateLimiter({
      ...workshop.common,
      ...settings(data, workshop),
      queue: queueOf(data['queue'], workshop),
      keys: keysOf(data['keys'], workshop),
      weight: workshop.reader('weight', data['weight']),
      adaptive: adaptiveOf(data['adaptive'], workshop),
    });
  },
  reconfiguration: {
    fixed: ['queue', 'keys', 'weight', 'adaptive'],
    apply(policy, data, workshop) {
      (policy as RateLimiter).configure(settings(data, workshop));
    },
  },
};
