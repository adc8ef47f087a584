import {
  type BreakDuration,
  type CircuitExtra,
  growing,
  type GrowingOptions,
  healthProbe,
  type HealthProbeOptions,
  ramp,
  type RampOptions,
  retryAfter,
  type RetryAfterOptions,
  waitForProbe,
  type WaitForProbeOptions,
} from '@holdfast/circuit-breaker';
import * as v from 'valibot';
import type { AsData, OfKind } from '../format/as-data.ts';
import { anyKind, kindOf, objectOf } from '../format/objects.ts';
import {
  milliseconds,
  named,
  numberFrom,
  positiveCount,
  positiveMilliseconds,
  ratio,
  type Schema,
} from '../format/values.ts';
import { numbersIn } from './budgets.ts';
import { withoutKind } from './circuit-trips.ts';
import type { Workshop } from './workshop.ts';

/** Breaks that grow; see `growing` of `@holdfast/circuit-breaker`. */
export type GrowingData = AsData<GrowingOptions, OfKind<'growing'>>;

/** How long a circuit stays open: `kind` is the function that makes it in code. */
export type BreakDurationData =
  | GrowingData
  | AsData<
      RetryAfterOptions,
      OfKind<'retryAfter'> & {
        /**
         * The break when the failure tells none: milliseconds, growing breaks, or the name of a function.
         *
         * @default 5_000
         */
        readonly otherwiseMs?: number | GrowingData | string | undefined;
      }
    >;

/** A health probe, and the function that looks. */
export type HealthProbeData = AsData<
  HealthProbeOptions,
  {
    /** The name of the function that looks whether what is called is well again. */
    readonly check: string;
  }
>;

const growingSchema = kindOf<AsData<GrowingOptions>>('growing', {
  options: 'GrowingOptions',
  entries: {
    initialMs: milliseconds,
    factor: numberFrom(1, 1_000),
    maxMs: milliseconds,
    jitter: numberFrom(0, 1),
  },
});

export const breakSchema: Schema = v.union(
  [
    milliseconds,
    named,
    anyKind(
      growingSchema,
      kindOf<AsData<RetryAfterOptions>>('retryAfter', {
        options: 'RetryAfterOptions',
        entries: {
          otherwiseMs: v.union(
            [milliseconds, named, anyKind(growingSchema)],
            'a number of milliseconds from 0 up, growing breaks, or the name of a function',
          ),
          maxMs: milliseconds,
          read: named,
        },
      }),
    ),
  ],
  'a number of milliseconds from 0 up, growing or retryAfter, or the name of a function',
);

export const whenProbingSchema: Schema = objectOf<AsData<WaitForProbeOptions>>({
  options: 'WaitForProbeOptions',
  entries: { maxQueued: positiveCount, maxWaitMs: positiveMilliseconds },
});
export const rampSchema: Schema = objectOf<AsData<RampOptions>>({
  options: 'RampOptions',
  entries: { durationMs: positiveMilliseconds, initialShare: ratio },
});
export const healthProbeSchema: Schema = objectOf<HealthProbeData, 'check'>({
  options: 'HealthProbeOptions',
  needs: ['check'],
  entries: {
    check: named,
    initialMs: positiveMilliseconds,
    factor: numberFrom(1, 1_000),
    maxMs: milliseconds,
    jitter: numberFrom(0, 1),
    timeoutMs: positiveMilliseconds,
  },
});

/** The break as the maker takes it. */
export function breakOf(
  option: string,
  data: unknown,
  workshop: Workshop,
): number | BreakDuration | undefined {
  if (typeof data === 'string') return workshop.function(option, data);
  if (typeof data !== 'object') return data as number | undefined;
  const given = data as BreakDurationData;
  return workshop.at(option, () => {
    if (given.kind === 'growing') return growing(withoutKind(given));
    return retryAfter({
      otherwiseMs: breakOf('otherwiseMs', given.otherwiseMs, workshop),
      maxMs: given.maxMs as number,
      read: workshop.function(`${option}.read`, given.read),
    });
  });
}

export function whenProbingOf(
  data: unknown,
  workshop: Workshop,
): CircuitExtra<'whenProbing'> | undefined {
  if (data === undefined) return undefined;
  return workshop.at('whenProbing', () => waitForProbe(numbersIn(data as WaitForProbeOptions)));
}

export function rampOf(data: unknown, workshop: Workshop): CircuitExtra<'ramp'> | undefined {
  return data === undefined ? undefined : workshop.at('ramp', () => ramp(data as RampOptions));
}

export function healthProbeOf(
  data: unknown,
  workshop: Workshop,
): CircuitExtra<'healthProbe'> | undefined {
  if (data === undefined) return undefined;
  const { check, ...options } = data as HealthProbeData;
  const look = workshop.function<() => unknown>('healthProbe.check', check) ?? (() => true);
  return workshop.at('healthProbe', () => healthProbe(look, options as HealthProbeOptions));
}
