import { timeout, type TimeoutOptions } from '@holdfast/timeout';
import type { AsPartialData, LayerCommon } from '../format/as-data.ts';
import { layerOptions } from '../format/objects.ts';
import { named, oneOf, orNamed, positiveMilliseconds } from '../format/values.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** A timeout; see `timeout` of `@holdfast/timeout`. */
export type TimeoutData = LayerCommon<'timeout'> &
  AsPartialData<
    TimeoutOptions,
    {
      /**
       * How long a call may take, in milliseconds, or the function that tells it for each call.
       *
       * @default 30_000
       */
      readonly afterMs?: number | string | undefined;
    }
  >;

/** A number, or the function of that name. */
// Only whoever asks knows what is to come.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function numberOrNamed<F>(
  workshop: Workshop,
  option: string,
  value: unknown,
): number | F | undefined {
  return typeof value === 'string' ? workshop.function<F>(option, value) : (value as number);
}

export const timeoutKind: LayerKind = {
  type: 'timeout',
  schema: layerOptions<TimeoutData>('TimeoutOptions', {
    afterMs: orNamed(positiveMilliseconds, 'a number of milliseconds above 0'),
    mode: oneOf('aggressive', 'cooperative'),
    onLateResult: named,
  }),
  make({ afterMs, mode, onLateResult }: LayerData, workshop) {
    return timeout({
      ...workshop.common,
      afterMs: numberOrNamed(workshop, 'afterMs', afterMs),
      mode: mode as TimeoutOptions['mode'],
      onLateResult: workshop.function('onLateResult', onLateResult),
    });
  },
};
