import {
  type AdaptiveThrottle,
  adaptiveThrottle,
  type AdaptiveThrottleOptions,
  type ThrottleConfigureOptions,
} from '@holdfast/circuit-breaker';
import type { AsPartialData, LayerCommon } from '../format/as-data.ts';
import { layerOptions } from '../format/objects.ts';
import { count, named, numberFrom, positiveMilliseconds } from '../format/values.ts';
import { numberIn } from './budgets.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** An adaptive throttle; see `adaptiveThrottle` of `@holdfast/circuit-breaker`. */
export type AdaptiveThrottleData = LayerCommon<'adaptiveThrottle'> &
  AsPartialData<AdaptiveThrottleOptions>;

const mostK = 1_000_000;

function settings(data: LayerData, workshop: Workshop): ThrottleConfigureOptions {
  return {
    k: data['k'] as number,
    windowMs: data['windowMs'] as number,
    minimumCalls: numberIn(data['minimumCalls']) as number,
    maxProbability: data['maxProbability'] as number,
    isFailure: workshop.function('isFailure', data['isFailure']),
  };
}

export const adaptiveThrottleKind: LayerKind = {
  type: 'adaptiveThrottle',
  schema: layerOptions<AdaptiveThrottleData>('AdaptiveThrottleOptions', {
    k: numberFrom(1, mostK),
    windowMs: positiveMilliseconds,
    minimumCalls: count,
    maxProbability: numberFrom(0, 1),
    isFailure: named,
  }),
  make(data, workshop) {
    return adaptiveThrottle({ ...workshop.common, ...settings(data, workshop) });
  },
  reconfiguration: {
    fixed: [],
    apply(policy, data, workshop) {
      const throttle = policy as AdaptiveThrottle<never>;
      throttle.configure(settings(data, workshop), { others: 'default' });
    },
  },
};
