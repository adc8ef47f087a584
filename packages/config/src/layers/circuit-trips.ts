import {
  consecutiveFailures,
  countWindow,
  type CountWindowOptions,
  failureRatio,
  type FailureRatioOptions,
  failuresWithin,
  type FailuresWithinOptions,
  slowCalls,
  type SlowCallsOptions,
  type Trip,
} from '@holdfast/circuit-breaker';
import * as v from 'valibot';
import type { AsData, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf } from '../format/objects.ts';
import {
  listOf,
  positiveInteger,
  positiveMilliseconds,
  ratio,
  type Schema,
} from '../format/values.ts';
import type { Workshop } from './workshop.ts';

/** When to open a circuit: `kind` is the function that makes it in code. */
export type TripData =
  | (OfKind<'consecutiveFailures'> & {
      /** How many failures in a row open the circuit. */
      readonly failures: number;
    })
  | AsData<CountWindowOptions, OfKind<'countWindow'>>
  | AsData<FailureRatioOptions, OfKind<'failureRatio'>>
  | AsData<FailuresWithinOptions, OfKind<'failuresWithin'>>
  | AsData<SlowCallsOptions, OfKind<'slowCalls'>>;

/** A single trip. */
export const trip: Schema = anyKind(
  kindOf<{ readonly failures: number }, 'failures'>('consecutiveFailures', {
    options: 'ConsecutiveFailures',
    needs: ['failures'],
    entries: { failures: positiveInteger },
  }),
  kindOf<AsData<CountWindowOptions>, 'failures' | 'size'>('countWindow', {
    options: 'CountWindowOptions',
    needs: ['failures', 'size'],
    entries: { failures: positiveInteger, size: positiveInteger, minimumCalls: positiveInteger },
  }),
  kindOf<AsData<FailureRatioOptions>>('failureRatio', {
    options: 'FailureRatioOptions',
    entries: {
      failureRatio: ratio,
      windowMs: positiveMilliseconds,
      minimumCalls: positiveInteger,
    },
  }),
  kindOf<AsData<FailuresWithinOptions>, 'failures' | 'windowMs'>('failuresWithin', {
    options: 'FailuresWithinOptions',
    needs: ['failures', 'windowMs'],
    entries: { failures: positiveInteger, windowMs: positiveMilliseconds },
  }),
  kindOf<AsData<SlowCallsOptions>, 'slowCallMs'>('slowCalls', {
    options: 'SlowCallsOptions',
    needs: ['slowCallMs'],
    entries: {
      slowCallMs: positiveMilliseconds,
      slowCallRatio: ratio,
      windowMs: positiveMilliseconds,
      minimumCalls: positiveInteger,
    },
  }),
);

/** One trip, or several of which any opens the circuit. */
export const tripSchema: Schema = v.union(
  [trip, listOf(trip, 'a list of trips, not empty')],
  'a trip, or a list of trips',
);

function makeTrip(data: TripData): Trip {
  const { kind } = data;
  if (kind === 'consecutiveFailures') return consecutiveFailures(data.failures);
  const options = withoutKind(data);
  if (kind === 'countWindow') return countWindow(options as CountWindowOptions);
  if (kind === 'failureRatio') return failureRatio(options);
  if (kind === 'failuresWithin') return failuresWithin(options as FailuresWithinOptions);
  return slowCalls(options as SlowCallsOptions);
}

/** The options alone. */
export function withoutKind(data: { readonly kind: string }): object {
  const { kind: _kind, ...options } = data;
  return options;
}

export function tripsOf(data: unknown, workshop: Workshop): readonly Trip[] | undefined {
  if (data === undefined) return undefined;
  const isList = Array.isArray(data);
  const list = (isList ? data : [data]) as readonly TripData[];
  return workshop.at('trip', () =>
    list.map((each, i) => (isList ? workshop.at(i, () => makeTrip(each)) : makeTrip(each))),
  );
}
