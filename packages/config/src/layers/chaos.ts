import {
  type BlastRadiusOptions,
  blastRadius,
  type Chaos,
  chaos,
  type ChaosOptions,
  everyNth,
  nth,
  outages,
  type OutagesOptions,
  rate,
  type Schedule,
} from '@holdfast/chaos';
import * as v from 'valibot';
import type { AnyPolicy } from '@holdfast/policy';
import type { AsData, AsPartialData, LayerCommon, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf, layerOptions, objectOf } from '../format/objects.ts';
import {
  flag,
  listOf,
  milliseconds,
  named,
  numberFrom,
  orNamed,
  positiveInteger,
  positiveMilliseconds,
  ratio,
  type Schema,
  safeInteger,
} from '../format/values.ts';
import { type InjectionData, injectionsOf, injectSchema } from './chaos-injections.ts';
import { withoutKind } from './circuit-trips.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import { numberOrNamed } from './timeout.ts';
import type { Workshop } from './workshop.ts';

/** A share of the calls; see `rate` of `@holdfast/chaos`. */
export interface RateData extends OfKind<'rate'> {
  /** Which share of the calls is struck, from 0 to 1, or the name of the function that tells it. */
  readonly share: number | string;
}

/** Every nth call; see `everyNth` of `@holdfast/chaos`. */
export interface EveryNthData extends OfKind<'everyNth'> {
  /** Each how manyth call is struck. */
  readonly n: number;
}

/** Some calls by their numbers; see `nth` of `@holdfast/chaos`. */
export interface NthData extends OfKind<'nth'> {
  /** The numbers of the calls that are struck, counted from 1. */
  readonly numbers: number | readonly number[];
}

/** Which calls are struck: `kind` is the function that makes it in code, a string names a predicate. */
export type ScheduleData =
  | RateData
  | EveryNthData
  | NthData
  | AsData<OutagesOptions, OfKind<'outages'>>
  | string;

/** Chaos; see `chaos` of `@holdfast/chaos`. */
export type ChaosData = LayerCommon<'chaos'> &
  AsPartialData<
    ChaosOptions,
    {
      /** What happens to a call that is struck: an injection, or several that all happen to it. */
      readonly inject?: InjectionData | readonly InjectionData[] | undefined;
      /** Which calls are struck; of a list, all have to say yes. */
      readonly when?: ScheduleData | readonly ScheduleData[] | undefined;
      /** How many calls may be struck at once, per time, of all and at all. */
      readonly blastRadius?: AsData<BlastRadiusOptions> | undefined;
    }
  >;

/** A single schedule, or a predicate. */
export const schedule: Schema = v.union(
  [
    named,
    anyKind(
      kindOf<RateData, 'share'>('rate', {
        options: 'RateData',
        needs: ['share'],
        entries: { share: orNamed(numberFrom(0, 1), 'a number from 0 to 1') },
      }),
      kindOf<EveryNthData, 'n'>('everyNth', {
        options: 'EveryNthData',
        needs: ['n'],
        entries: { n: positiveInteger },
      }),
      kindOf<NthData, 'numbers'>('nth', {
        options: 'NthData',
        needs: ['numbers'],
        entries: {
          numbers: v.union(
            [positiveInteger, listOf(positiveInteger, 'a list of integers, not empty')],
            'an integer from 1 up, or a list of them',
          ),
        },
      }),
      kindOf<AsData<OutagesOptions>, 'forMs'>('outages', {
        options: 'OutagesOptions',
        needs: ['forMs'],
        entries: { forMs: positiveMilliseconds, afterMs: milliseconds, everyMs: milliseconds },
      }),
    ),
  ],
  'a schedule, or the name of a function',
);

function scheduleOf(
  option: string,
  data: ScheduleData,
  workshop: Workshop,
): Schedule | (() => boolean) {
  if (typeof data === 'string') return workshop.function(option, data) ?? (() => false);
  return workshop.at(option, () => {
    if (data.kind === 'everyNth') return everyNth(data.n);
    if (data.kind === 'nth') return nth(data.numbers);
    if (data.kind === 'outages') return outages(withoutKind(data) as OutagesOptions);
    return rate(numberOrNamed<() => number>(workshop, `${option}.share`, data.share) as number);
  });
}

function whenOf(data: unknown, workshop: Workshop): ChaosOptions['when'] {
  // The maker says what is missing.
  if (data === undefined) return undefined as never;
  if (!Array.isArray(data)) return scheduleOf('when', data as ScheduleData, workshop);
  return (data as readonly ScheduleData[]).map((each, i) =>
    scheduleOf(`when.${i}`, each, workshop),
  );
}

export const chaosKind: LayerKind = {
  type: 'chaos',
  schema: layerOptions<ChaosData>('ChaosOptions', {
    inject: injectSchema,
    when: v.union(
      [schedule, listOf(schedule, 'a list of schedules, not empty')],
      'a schedule, the name of a function, or a list of them',
    ),
    blastRadius: objectOf<AsData<BlastRadiusOptions>>({
      options: 'BlastRadiusOptions',
      entries: {
        maxConcurrent: positiveInteger,
        maxPerWindow: positiveInteger,
        windowMs: positiveMilliseconds,
        maxShare: ratio,
        maxTotal: positiveInteger,
      },
    }),
    seed: safeInteger,
    enabled: flag,
    allowProduction: flag,
  }),
  make(data: LayerData, workshop): AnyPolicy {
    const { inject, when, blastRadius: radius, seed, enabled, allowProduction } = data;
    return chaos({
      ...workshop.common,
      inject: (inject === undefined
        ? undefined
        : injectionsOf('inject', inject, workshop)) as never,
      when: whenOf(when, workshop),
      blastRadius:
        radius === undefined
          ? undefined
          : workshop.part('blastRadius', radius, () => blastRadius(radius as BlastRadiusOptions)),
      seed: seed as number,
      enabled: enabled as boolean,
      allowProduction: allowProduction as boolean,
    });
  },
  reconfiguration: {
    fixed: ['inject', 'when', 'blastRadius', 'seed', 'allowProduction'],
    apply(policy, data) {
      const trouble = policy as Chaos<unknown, never>;
      if (data['enabled'] === false) trouble.disable();
      else trouble.enable();
    },
  },
  // Nobody is to be kept waiting by trouble that is not configured any more.
  retire: (policy) => (policy as Chaos<unknown, never>).disable(),
};
