import {
  type DelayLearner,
  hedge,
  type HedgeOptions,
  type LearntDelay,
  quantileDelay,
  type QuantileDelayOptions,
} from '@holdfast/hedge';
import * as v from 'valibot';
import type { AsData, AsPartialData, LayerCommon, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf, layerOptions } from '../format/objects.ts';
import {
  milliseconds,
  millisecondsOrInfinity,
  named,
  positiveInteger,
  positiveMilliseconds,
  type Schema,
} from '../format/values.ts';
import { type BudgetData, budgetOrName, makeBudget, numbersIn } from './budgets.ts';
import { withoutKind } from './circuit-trips.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** A delay that is learnt; see `quantileDelay` of `@holdfast/hedge`. */
export type QuantileDelayData = AsData<QuantileDelayOptions, OfKind<'quantileDelay'>>;

/** A hedge; see `hedge` of `@holdfast/hedge`. */
export type HedgeData = LayerCommon<'hedge'> &
  AsPartialData<
    HedgeOptions,
    {
      /** Which operations may run more than once: true for all, or the name of a function. */
      readonly safe?: true | string | undefined;
      /** How long to wait before a further attempt: milliseconds, `quantileDelay`, or a function. */
      readonly afterMs?: number | QuantileDelayData | string | undefined;
      /** What hedges and retries share: the name of a budget, or a budget of this layer's own. */
      readonly budget?: BudgetData | string | undefined;
    }
  >;

const between: Schema = v.pipe(
  v.number('a number above 0 and below 1'),
  v.gtValue(0, 'a number above 0 and below 1'),
  v.ltValue(1, 'a number above 0 and below 1'),
);

/** What has been learnt is kept as long as the options of the delay are the same. */
function learntDelay(data: QuantileDelayData): LearntDelay {
  const delay = quantileDelay(numbersIn(withoutKind(data)));
  let learner: DelayLearner | undefined;
  return { learn: () => (learner ??= delay.learn()) };
}

function delayOf(data: unknown, workshop: Workshop): HedgeOptions['afterMs'] {
  if (data === 'Infinity') return Number.POSITIVE_INFINITY;
  if (typeof data === 'string') return workshop.function('afterMs', data) as () => number;
  if (typeof data !== 'object') return data as number;
  return workshop.part('afterMs', data, () => learntDelay(data as QuantileDelayData));
}

export const hedgeKind: LayerKind = {
  type: 'hedge',
  schema: layerOptions<HedgeData>('HedgeOptions', {
    safe: v.union([v.literal(true), named], 'true, or the name of a function'),
    afterMs: v.union(
      [
        millisecondsOrInfinity,
        named,
        anyKind(
          kindOf<AsData<QuantileDelayOptions>>('quantileDelay', {
            options: 'QuantileDelayOptions',
            entries: {
              quantile: between,
              minimumCalls: positiveInteger,
              initialMs: millisecondsOrInfinity,
              minMs: milliseconds,
              maxMs: positiveMilliseconds,
              windowMs: positiveMilliseconds,
            },
          }),
        ),
      ],
      'a number of milliseconds from 0 up, "Infinity", quantileDelay, or the name of a function',
    ),
    maxHedges: positiveInteger,
    isFailure: named,
    budget: budgetOrName,
    dispose: named,
  }),
  make(data: LayerData, workshop) {
    const { safe, budget } = data;
    return hedge({
      ...workshop.common,
      safe: (typeof safe === 'string' ? workshop.function('safe', safe) : safe) as true,
      afterMs: delayOf(data['afterMs'], workshop),
      maxHedges: data['maxHedges'] as number,
      isFailure: workshop.function('isFailure', data['isFailure']),
      budget: workshop.budget('budget', budget, () => makeBudget(budget, workshop.clock)),
      dispose: workshop.function('dispose', data['dispose']),
    });
  },
};
