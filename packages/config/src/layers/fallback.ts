import {
  fallback,
  type FallbackCommonOptions,
  type FallbackStep,
  lastKnownGood,
  type LastKnownGoodOptions,
} from '@holdfast/fallback';
import * as v from 'valibot';
import type { AnyPolicy } from '@holdfast/policy';
import type { AsData, AsPartialData, LayerCommon, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf, layerOptions } from '../format/objects.ts';
import {
  anyValue,
  listOf,
  named,
  positiveInteger,
  positiveMilliseconds,
} from '../format/values.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** The name of a function, or a memory of good values; its `key` names a context key or a function. */
export type FallbackStepData = string | AsData<LastKnownGoodOptions, OfKind<'lastKnownGood'>>;

/** A fallback; see `fallback` of `@holdfast/fallback`. */
export type FallbackData = LayerCommon<'fallback'> &
  AsPartialData<
    FallbackCommonOptions<never>,
    {
      /** What the caller gets: this very value. Only one of `value`, `use` and `chain` can be given. */
      readonly value?: unknown;
      /** Makes the alternative: the name of a function, or `lastKnownGood`. */
      readonly use?: FallbackStepData | undefined;
      /** Tried in turn until one does not throw. */
      readonly chain?: readonly FallbackStepData[] | undefined;
    }
  >;

const stepSchema = v.union(
  [
    named,
    anyKind(
      kindOf<AsData<LastKnownGoodOptions>, 'maxAgeMs'>('lastKnownGood', {
        options: 'LastKnownGoodOptions',
        needs: ['maxAgeMs'],
        entries: {
          maxAgeMs: positiveMilliseconds,
          key: named,
          maxKeys: positiveInteger,
          clone: named,
        },
      }),
    ),
  ],
  'the name of a function, or lastKnownGood',
);

type Step = FallbackStep<unknown>;

function stepOf(option: string, data: unknown, workshop: Workshop): Step {
  if (typeof data === 'string') return workshop.function<Step>(option, data) as Step;
  const { maxAgeMs, maxKeys, key, clone } = data as Exclude<FallbackStepData, string>;
  const options = {
    maxAgeMs: maxAgeMs as number,
    maxKeys: maxKeys as number,
    key: workshop.reader(`${option}.key`, key),
    clone: workshop.function<(value: unknown) => unknown>(`${option}.clone`, clone),
  };
  return workshop.part(option, data, () => lastKnownGood(options));
}

export const fallbackKind: LayerKind = {
  type: 'fallback',
  schema: layerOptions<FallbackData>('FallbackCommonOptions', {
    value: anyValue,
    use: stepSchema,
    chain: listOf(stepSchema, 'a list of functions, not empty'),
    when: named,
  }),
  alternatives: [['value'], ['use'], ['chain']],
  make(data: LayerData, workshop): AnyPolicy {
    const { use, chain, when } = data;
    const steps = chain as readonly FallbackStepData[] | undefined;
    const options = {
      ...workshop.common,
      when: workshop.function('when', when),
      ...(Object.hasOwn(data, 'value') ? { value: data['value'] } : {}),
      ...(use === undefined ? {} : { use: stepOf('use', use, workshop) }),
      ...(steps === undefined
        ? {}
        : { chain: steps.map((each, i) => stepOf(`chain.${i}`, each, workshop)) }),
    };
    return fallback(options as never);
  },
};
