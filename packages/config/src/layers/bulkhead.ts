import {
  aimd,
  type AimdOptions,
  type Bulkhead,
  bulkhead,
  type BulkheadOptions,
  gradient2,
  type Gradient2Options,
  vegas,
  type VegasOptions,
} from '@holdfast/bulkhead';
import type { AsData, AsPartialData, LayerCommon, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf, layerOptions } from '../format/objects.ts';
import {
  count,
  flag,
  named,
  numberFrom,
  positiveCount,
  positiveInteger,
  positiveMilliseconds,
  positiveMillisecondsOrInfinity,
  ratio,
  type Schema,
} from '../format/values.ts';
import { numberIn, numbersIn } from './budgets.ts';
import { type QueueData, queueOf, queueSchema } from './bulkhead-queues.ts';
import { withoutKind } from './circuit-trips.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** An adaptive limit: `kind` is the function that makes it in code. */
export type AdaptiveLimitData =
  | AsData<Gradient2Options, OfKind<'gradient2'>>
  | AsData<VegasOptions, OfKind<'vegas'>>
  | AsData<AimdOptions, OfKind<'aimd'>>;

/** A bulkhead; see `bulkhead` of `@holdfast/bulkhead`. */
export type BulkheadData = LayerCommon<'bulkhead'> &
  AsPartialData<
    BulkheadOptions,
    {
      /** Finds out how many calls may run at once, in place of a fixed `maxConcurrent`. */
      readonly limit?: AdaptiveLimitData | undefined;
      /** In which order waiting calls start, and how many places each takes. */
      readonly queue?: QueueData | undefined;
    }
  >;

const limits = {
  minLimit: positiveInteger,
  maxLimit: positiveInteger,
  initialLimit: positiveInteger,
  isDrop: named,
};
const byLatency = {
  ...limits,
  windowMs: positiveMilliseconds,
  minSamples: positiveInteger,
  probeEvery: positiveCount,
};

export const limitSchema: Schema = anyKind(
  kindOf<AsData<Gradient2Options>>('gradient2', {
    options: 'Gradient2Options',
    entries: {
      ...byLatency,
      tolerance: numberFrom(1, 10),
      queueSize: count,
      smoothing: ratio,
      longWindow: positiveInteger,
    },
  }),
  kindOf<AsData<VegasOptions>>('vegas', {
    options: 'VegasOptions',
    entries: { ...byLatency, alpha: numberFrom(0, 1_000), beta: numberFrom(0, 1_000) },
  }),
  kindOf<AsData<AimdOptions>>('aimd', {
    options: 'AimdOptions',
    entries: { ...limits, backoffRatio: numberFrom(0.5, 0.99), slowMs: positiveMilliseconds },
  }),
);

function limitOf(data: unknown, workshop: Workshop): BulkheadOptions['limit'] {
  if (data === undefined) return undefined;
  const given = data as AdaptiveLimitData;
  const options = {
    ...numbersIn(withoutKind(given)),
    isDrop: workshop.function('limit.isDrop', given.isDrop),
  };
  return workshop.at('limit', () => {
    if (given.kind === 'gradient2') return gradient2(options as Gradient2Options);
    return given.kind === 'vegas' ? vegas(options as VegasOptions) : aimd(options as AimdOptions);
  });
}

export const bulkheadKind: LayerKind = {
  type: 'bulkhead',
  schema: layerOptions<BulkheadData>('BulkheadOptions', {
    maxConcurrent: positiveCount,
    limit: limitSchema,
    maxQueued: count,
    maxQueueMs: positiveMillisecondsOrInfinity,
    detectReentrancy: flag,
    queue: queueSchema,
  }),
  alternatives: [['maxConcurrent'], ['limit']],
  make(data: LayerData, workshop) {
    return bulkhead({
      ...workshop.common,
      maxConcurrent: numberIn(data['maxConcurrent']) as number,
      limit: limitOf(data['limit'], workshop),
      maxQueued: numberIn(data['maxQueued']) as number,
      maxQueueMs: numberIn(data['maxQueueMs']) as number,
      detectReentrancy: data['detectReentrancy'] as boolean,
      queue: queueOf('queue', data['queue'], workshop),
    });
  },
  reconfiguration: {
    fixed: ['limit', 'queue', 'detectReentrancy'],
    apply(policy, data) {
      const isAdaptive = data['limit'] !== undefined;
      (policy as Bulkhead).resize({
        // The limits of one that adapts are its own affair.
        ...(isAdaptive ? {} : { maxConcurrent: numberIn(data['maxConcurrent'] ?? 25) as number }),
        maxQueued: numberIn(data['maxQueued'] ?? 0) as number,
        maxQueueMs: numberIn(data['maxQueueMs'] ?? 'Infinity') as number,
      });
    },
  },
};
