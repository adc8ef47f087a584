import {
  type Backoff,
  constant,
  delays,
  exponential,
  type ExponentialOptions,
  type JitterOptions,
  linear,
  type LinearOptions,
  retry,
  type RetryOptions,
} from '@holdfast/retry';
import * as v from 'valibot';
import type { AsData, AsPartialData, LayerCommon, OfKind } from '../format/as-data.ts';
import { kindOf, layerOptions, tellApart } from '../format/objects.ts';
import {
  flag,
  listOf,
  milliseconds,
  named,
  numberFrom,
  oneOf,
  positiveCount,
  type Schema,
} from '../format/values.ts';
import { type BudgetData, budgetOrName, makeBudget, numberIn } from './budgets.ts';
import { withoutKind } from './circuit-trips.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** A back-off: `kind` is the function that makes it in code. */
export type BackoffData =
  | AsData<ExponentialOptions, OfKind<'exponential'>>
  | AsData<LinearOptions, OfKind<'linear'>>
  | AsData<
      JitterOptions,
      OfKind<'constant'> & {
        /** How long to wait each time, in milliseconds. */
        readonly delayMs: number;
      }
    >
  | AsData<
      JitterOptions,
      OfKind<'delays'> & {
        /** How long to wait before each attempt from the second on; the last counts for all after it. */
        readonly list: readonly number[];
      }
    >;

/** A retry; see `retry` of `@holdfast/retry`. */
export type RetryData = LayerCommon<'retry'> &
  AsPartialData<
    RetryOptions,
    {
      /**
       * How long to wait between two attempts: a back-off, a list of milliseconds, or the name of a
       * function.
       *
       * @default { "kind": "exponential" }
       */
      readonly backoff?: BackoffData | readonly number[] | string | undefined;
      /** What the retries share: the name of a budget, or a budget of this layer's own. */
      readonly budget?: BudgetData | string | undefined;
    }
  >;

const jitter = oneOf('none', 'full', 'equal');
const listOfDelays = listOf(milliseconds, 'a list of milliseconds, not empty');

export const backoffSchema: Schema = tellApart('kind', [
  kindOf<AsData<ExponentialOptions>>('exponential', {
    options: 'ExponentialOptions',
    entries: {
      initialMs: milliseconds,
      maxMs: milliseconds,
      factor: numberFrom(1, 1_000),
      jitter: oneOf('none', 'full', 'equal', 'decorrelated'),
    },
  }),
  kindOf<AsData<LinearOptions>>('linear', {
    options: 'LinearOptions',
    entries: { initialMs: milliseconds, stepMs: milliseconds, maxMs: milliseconds, jitter },
  }),
  kindOf<AsData<JitterOptions, { readonly delayMs: number }>, 'delayMs'>('constant', {
    options: 'JitterOptions',
    needs: ['delayMs'],
    entries: { delayMs: milliseconds, jitter },
  }),
  kindOf<AsData<JitterOptions, { readonly list: readonly number[] }>, 'list'>('delays', {
    options: 'JitterOptions',
    needs: ['list'],
    entries: { list: listOfDelays, jitter },
  }),
]);

function makeBackoff(data: BackoffData): Backoff {
  const { kind } = data;
  if (kind === 'constant') return constant(data.delayMs, { jitter: data.jitter });
  if (kind === 'delays') return delays(data.list, { jitter: data.jitter });
  const options = withoutKind(data);
  return kind === 'exponential' ? exponential(options) : linear(options);
}

function backoffOf(data: unknown, workshop: Workshop): RetryOptions['backoff'] {
  if (typeof data === 'string') return workshop.function('backoff', data);
  if (data === undefined || Array.isArray(data)) return data as RetryOptions['backoff'];
  return workshop.at('backoff', () => makeBackoff(data as BackoffData));
}

export const retryKind: LayerKind = {
  type: 'retry',
  schema: layerOptions<RetryData>('RetryOptions', {
    maxAttempts: positiveCount,
    maxElapsedMs: milliseconds,
    backoff: v.union(
      [listOfDelays, backoffSchema, named],
      'a back-off, a list of milliseconds, or the name of a function',
    ),
    fastFirst: flag,
    shouldRetry: named,
    delayFrom: named,
    budget: budgetOrName,
    dispose: named,
  }),
  make(data: LayerData, workshop) {
    return retry({
      ...workshop.common,
      maxAttempts: numberIn(data['maxAttempts']) as number,
      maxElapsedMs: data['maxElapsedMs'] as number,
      backoff: backoffOf(data['backoff'], workshop),
      fastFirst: data['fastFirst'] as boolean,
      shouldRetry: workshop.function('shouldRetry', data['shouldRetry']),
      delayFrom: workshop.function('delayFrom', data['delayFrom']),
      budget: workshop.budget('budget', data['budget'], () =>
        makeBudget(data['budget'], workshop.clock),
      ),
      dispose: workshop.function('dispose', data['dispose']),
    });
  },
};
