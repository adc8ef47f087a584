import {
  abort,
  after,
  type AnyInjection,
  behavior,
  fault,
  hang,
  type HangOptions,
  latency,
  type LatencyOptions,
  oneOf,
  result,
  tamper,
} from '@holdfast/chaos';
import * as v from 'valibot';
import type { OfKind } from '../format/as-data.ts';
import { kindOf, objectOf, tellApart } from '../format/objects.ts';
import {
  anyValue,
  listOf,
  milliseconds,
  named,
  orNamed,
  positiveMillisecondsOrInfinity,
  positiveNumber,
  type Schema,
} from '../format/values.ts';
import { numberIn } from './budgets.ts';
import { numberOrNamed } from './timeout.ts';
import type { Workshop } from './workshop.ts';

/** The call fails; see `fault` of `@holdfast/chaos`. */
export interface FaultData extends OfKind<'fault'> {
  /** The name of the function that makes the error; without it, a `ChaosError`. */
  readonly error?: string | undefined;
}

/** The call is answered without the operation; see `result` of `@holdfast/chaos`. */
export interface ResultData extends OfKind<'result'> {
  /** The value that the call is answered with. */
  readonly value?: unknown;
  /** The name of the function that makes the value. */
  readonly makeValue?: string | undefined;
}

/** The call is delayed; see `latency` of `@holdfast/chaos`. */
export interface LatencyData extends OfKind<'latency'> {
  /** How long, in milliseconds, or the name of a function. */
  readonly delayMs?: number | string | undefined;
  /** How long at least, in milliseconds. */
  readonly minMs?: number | undefined;
  /** How long at most, in milliseconds. */
  readonly maxMs?: number | undefined;
}

/** The call does not come to an end; see `hang` of `@holdfast/chaos`. */
export interface HangData extends OfKind<'hang'> {
  /** After how many milliseconds the call fails at the latest. */
  readonly maxMs?: number | 'Infinity' | undefined;
}

/** The call is aborted; see `abort` of `@holdfast/chaos`. */
export interface AbortData extends OfKind<'abort'> {
  /** After how many milliseconds. */
  readonly afterMs?: number | undefined;
  /** The name of the function that makes the reason; without it, a `ChaosError`. */
  readonly reason?: string | undefined;
}

/** A function is called; see `behavior` of `@holdfast/chaos`. */
export interface BehaviorData extends OfKind<'behavior'> {
  /** The name of the function to call. */
  readonly act: string;
}

/** The value is changed; see `tamper` of `@holdfast/chaos`. */
export interface TamperData extends OfKind<'tamper'> {
  /** The name of the function that changes the value. */
  readonly change: string;
}

/** An injection without others in it. */
export type SimpleInjectionData =
  | FaultData
  | ResultData
  | LatencyData
  | HangData
  | AbortData
  | BehaviorData
  | TamperData;

/** What happens after the operation; see `after` of `@holdfast/chaos`. */
export interface AfterData extends OfKind<'after'> {
  /** What happens when the operation has settled. */
  readonly inject: SimpleInjectionData | readonly SimpleInjectionData[];
}

/** One of the choices of {@link OneOfData}. */
export interface ChoiceData {
  /** How likely it is, compared with the others. */
  readonly weight?: number | undefined;
  /** What happens. */
  readonly inject: SimpleInjectionData | AfterData | readonly (SimpleInjectionData | AfterData)[];
}

/** One of several injections; see `oneOf` of `@holdfast/chaos`. */
export interface OneOfData extends OfKind<'oneOf'> {
  /** What is chosen from. */
  readonly choices: readonly ChoiceData[];
}

/** What happens to a call: `kind` is the function that makes it in code. */
export type InjectionData = SimpleInjectionData | AfterData | OneOfData;

/** An injection without others in it. */
export const simpleInjection: Schema = tellApart('kind', [
  kindOf<FaultData>('fault', { options: 'FaultData', entries: { error: named } }),
  kindOf<ResultData>('result', {
    options: 'ResultData',
    entries: { value: anyValue, makeValue: named },
  }),
  kindOf<LatencyData>('latency', {
    options: 'LatencyData',
    entries: {
      delayMs: orNamed(milliseconds, 'a number of milliseconds from 0 up'),
      minMs: milliseconds,
      maxMs: milliseconds,
    },
  }),
  kindOf<HangData>('hang', {
    options: 'HangData',
    entries: { maxMs: positiveMillisecondsOrInfinity },
  }),
  kindOf<AbortData>('abort', {
    options: 'AbortData',
    entries: { afterMs: milliseconds, reason: named },
  }),
  kindOf<BehaviorData, 'act'>('behavior', {
    options: 'BehaviorData',
    needs: ['act'],
    entries: { act: named },
  }),
  kindOf<TamperData, 'change'>('tamper', {
    options: 'TamperData',
    needs: ['change'],
    entries: { change: named },
  }),
]);

function oneOrMore(one: Schema): Schema {
  return v.union(
    [one, listOf(one, 'a list of injections, not empty')],
    'an injection, or a list of them',
  );
}

const afterSchema = kindOf<AfterData, 'inject'>('after', {
  options: 'AfterData',
  needs: ['inject'],
  entries: { inject: oneOrMore(simpleInjection) },
});

/** An injection without choices in it. */
export const plainInjection: Schema = tellApart('kind', [simpleInjection, afterSchema]);

const choiceSchema = objectOf<ChoiceData, 'inject'>({
  options: 'ChoiceData',
  needs: ['inject'],
  entries: { weight: positiveNumber, inject: oneOrMore(plainInjection) },
});

/** Any injection. */
export const injection: Schema = tellApart('kind', [
  plainInjection,
  kindOf<OneOfData, 'choices'>('oneOf', {
    options: 'OneOfData',
    needs: ['choices'],
    entries: { choices: listOf(choiceSchema, 'a list of choices, not empty') },
  }),
]);

export const injectSchema: Schema = oneOrMore(injection);

type Act = () => unknown;

export function injectionsOf(
  option: string,
  data: unknown,
  workshop: Workshop,
): readonly AnyInjection[] {
  if (!Array.isArray(data)) return [injectionOf(option, data as InjectionData, workshop)];
  return (data as readonly InjectionData[]).map((each, i) =>
    injectionOf(`${option}.${i}`, each, workshop),
  );
}

function injectionOf(option: string, data: InjectionData, workshop: Workshop): AnyInjection {
  return workshop.at(option, () => {
    if (data.kind === 'after') {
      return after(injectionsOf(`${option}.inject`, data.inject, workshop) as never);
    }
    return data.kind === 'oneOf'
      ? chosen(option, data, workshop)
      : simpleInjectionOf(option, data, workshop);
  });
}

function simpleInjectionOf(
  option: string,
  data: SimpleInjectionData,
  workshop: Workshop,
): AnyInjection {
  const call = (name: string, value: unknown): Act | undefined =>
    workshop.function<Act>(`${option}.${name}`, value);
  const { kind } = data;
  if (kind === 'fault') return fault(call('error', data.error));
  if (kind === 'result') return result(call('makeValue', data.makeValue) ?? (() => data.value));
  if (kind === 'latency') return latency(latencyOptions(option, data, workshop));
  if (kind === 'hang') return hang({ maxMs: numberIn(data.maxMs) } as HangOptions);
  if (kind === 'abort') {
    return abort({ afterMs: data.afterMs, reason: call('reason', data.reason) });
  }
  if (kind === 'behavior') return behavior(call('act', data.act) as Act);
  return tamper(call('change', data.change) as Act);
}

function latencyOptions(option: string, data: LatencyData, workshop: Workshop): LatencyOptions {
  const { delayMs, minMs, maxMs } = data;
  const delay = numberOrNamed(workshop, `${option}.delayMs`, delayMs);
  return { delayMs: delay, minMs, maxMs } as LatencyOptions;
}

function chosen(option: string, { choices }: OneOfData, workshop: Workshop): AnyInjection {
  const all = choices.map(({ weight = 1, inject }, i) => ({
    weight,
    inject: injectionsOf(`${option}.choices.${i}.inject`, inject, workshop),
  }));
  return oneOf(all as never);
}
