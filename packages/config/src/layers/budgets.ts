import {
  type Clock,
  concurrentRetryBudget,
  type ConcurrentRetryBudgetOptions,
  retryBudget,
  type RetryBudget,
  type RetryBudgetOptions,
} from '@holdfast/policy';
import type { AsData, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf } from '../format/objects.ts';
import { count, numberFrom, positiveMilliseconds, type Schema, text } from '../format/values.ts';
import * as v from 'valibot';

/** A retry budget: `kind` is the function that makes it in code. */
export type BudgetData =
  | AsData<RetryBudgetOptions, OfKind<'retryBudget'>>
  | AsData<ConcurrentRetryBudgetOptions, OfKind<'concurrentRetryBudget'>>;

export const budgetSchema: Schema = anyKind(
  kindOf<AsData<RetryBudgetOptions>>('retryBudget', {
    options: 'RetryBudgetOptions',
    entries: {
      ratio: numberFrom(0, 1),
      minPerSecond: numberFrom(0, 1_000_000),
      windowMs: positiveMilliseconds,
    },
  }),
  kindOf<AsData<ConcurrentRetryBudgetOptions>>('concurrentRetryBudget', {
    options: 'ConcurrentRetryBudgetOptions',
    entries: { ratio: numberFrom(0, 1), minConcurrent: count },
  }),
);

/** The name of a shared budget, or one of the layer's own. */
export const budgetOrName: Schema = v.union(
  [text, budgetSchema],
  'the name of a budget, or a budget',
);

export function makeBudget(data: unknown, clock: Clock | undefined): RetryBudget {
  const { kind, ...options } = numbersIn(data as BudgetData);
  return kind === 'retryBudget'
    ? retryBudget({ ...(options as RetryBudgetOptions), clock })
    : concurrentRetryBudget(options as ConcurrentRetryBudgetOptions);
}

/** What data calls "Infinity" as the number that it is; for options that are all plain. */
export function numbersIn<T extends object>(data: T): T {
  const entries = Object.entries(data).map(([name, value]) => [name, numberIn(value)]);
  return Object.fromEntries(entries) as T;
}

/** The number, if it is the name of one. */
export function numberIn(value: unknown): unknown {
  return value === 'Infinity' ? Number.POSITIVE_INFINITY : value;
}
