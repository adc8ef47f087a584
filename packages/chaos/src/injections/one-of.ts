import {
  type AcceptsOf,
  type AlternativeOf,
  invalidOption,
  knownOptions,
  numberBetween,
} from '@holdfast/policy';
import type { AnyInjection, EachOf, Injection, Injections } from '../injection.ts';
import { sequence } from '../sequence.ts';

/** One of the choices of {@link oneOf}. */
export interface WeightedInjections<I extends Injections = Injections> {
  /** How likely it is, compared with the weights of the others: a number above 0. */
  readonly weight: number;
  /** What happens. */
  readonly inject: I;
}

/** What {@link oneOf} chooses from: injections alone have a weight of 1. */
export type InjectionChoice = Injections | WeightedInjections;

/** The injections of a choice. */
export type InjectionsOf<C> = C extends WeightedInjections<infer I> ? EachOf<I> : EachOf<C>;

interface Choice {
  readonly weight: number;
  readonly list: readonly AnyInjection[];
}

function choiceOf(choice: InjectionChoice, index: number): Choice {
  const name = `choices[${index}]`;
  if (typeof choice !== 'object' || choice === null || !('weight' in choice)) {
    return { weight: 1, list: sequence(name, choice) };
  }
  const { weight, inject } = knownOptions(choice, ['weight', 'inject']);
  numberBetween(`${name}.weight`, weight, 0, Number.MAX_VALUE);
  if (weight === 0) throw invalidOption(`${name}.weight`, 'above 0', weight, RangeError);
  return { weight, list: sequence(`${name}.inject`, inject) };
}

/**
 * Chooses one of several for each call: all equally likely, or by weight.
 *
 * @throws `TypeError` or `RangeError` naming the choice that cannot be used.
 *
 * @example
 * ```ts
 * const trouble = oneOf([
 *   { weight: 3, inject: [latency({ delayMs: 1_000 }), fault()] },
 *   { weight: 1, inject: hang() },
 * ]);
 * ```
 */
export function oneOf<const C extends readonly InjectionChoice[]>(
  choices: C,
): Injection<AlternativeOf<InjectionsOf<C[number]>>, AcceptsOf<InjectionsOf<C[number]>>> {
  if (!Array.isArray(choices) || choices.length === 0) {
    throw invalidOption('choices', 'a list of injections, not empty', choices, TypeError);
  }
  const all = choices.map(choiceOf);
  const places = new Set(all.flatMap(({ list }) => list.map(({ place }) => place)));
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  return {
    kind: `one of ${all.map(({ list }) => list.map(({ kind }) => kind).join(' + ')).join(', ')}`,
    place: places.size === 1 ? (places.values().next().value ?? 'either') : 'either',
    isFinal: all.every(({ list }) => list.some(({ isFinal }) => isFinal)),
    aborts: all.some(({ list }) => list.some(({ aborts }) => aborts)),
    write(script, context, random): void {
      let left = random() * total;
      const chosen = all.find(({ weight }) => (left -= weight) < 0) ?? all.at(-1);
      for (const each of chosen?.list ?? []) each.write(script, context, random);
    },
  };
}
