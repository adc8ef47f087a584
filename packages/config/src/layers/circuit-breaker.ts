import {
  type CircuitBreaker,
  circuitBreaker,
  type CircuitBreakerOptions,
  type CircuitConfigureOptions,
  type RampOptions,
  restoreSnapshot,
  takeSnapshot,
  type WaitForProbeOptions,
} from '@holdfast/circuit-breaker';
import type { AsData, AsPartialData, LayerCommon } from '../format/as-data.ts';
import { layerOptions } from '../format/objects.ts';
import { named, oneOf, positiveInteger, positiveMilliseconds, ratio } from '../format/values.ts';
import {
  type BreakDurationData,
  breakOf,
  breakSchema,
  type HealthProbeData,
  healthProbeOf,
  healthProbeSchema,
  rampOf,
  rampSchema,
  whenProbingOf,
  whenProbingSchema,
} from './circuit-extras.ts';
import { type TripData, tripSchema, tripsOf } from './circuit-trips.ts';
import type { LayerData, LayerKind } from './layer-kind.ts';
import type { Workshop } from './workshop.ts';

/** A circuit breaker; see `circuitBreaker` of `@holdfast/circuit-breaker`. */
export type CircuitBreakerData = LayerCommon<'circuitBreaker'> &
  AsPartialData<
    CircuitBreakerOptions,
    {
      /** When to open, in place of `failureRatio`, `windowMs` and `minimumCalls`. */
      readonly trip?: TripData | readonly TripData[] | undefined;
      /**
       * How long an open circuit lets no call in: milliseconds, `growing` or `retryAfter`, or the name of
       * a function.
       *
       * @default 5_000
       */
      readonly halfOpenAfterMs?: number | BreakDurationData | string | undefined;
      /** Lets the calls beyond the probes wait for their decision; the options of `waitForProbe`. */
      readonly whenProbing?: AsData<WaitForProbeOptions> | undefined;
      /** Lets in a rising share of the calls after the probes; the options of `ramp`. */
      readonly ramp?: AsData<RampOptions> | undefined;
      /** Looks after the health of what is called while the circuit is open; as `healthProbe` does. */
      readonly healthProbe?: HealthProbeData | undefined;
    }
  >;

/** What lives on in a breaker that is given other options. */
function settings(data: LayerData, workshop: Workshop): CircuitConfigureOptions {
  return {
    failureRatio: data['failureRatio'] as number,
    windowMs: data['windowMs'] as number,
    minimumCalls: data['minimumCalls'] as number,
    trip: tripsOf(data['trip'], workshop),
    isFailure: workshop.function('isFailure', data['isFailure']),
    halfOpenAfterMs: breakOf('halfOpenAfterMs', data['halfOpenAfterMs'], workshop),
    halfOpenCalls: data['halfOpenCalls'] as number,
    halfOpenSuccesses: data['halfOpenSuccesses'] as number,
    probeTimeoutMs: data['probeTimeoutMs'] as number,
    mode: data['mode'] as CircuitConfigureOptions['mode'],
  };
}

export const circuitBreakerKind: LayerKind = {
  type: 'circuitBreaker',
  schema: layerOptions<CircuitBreakerData>('CircuitBreakerOptions', {
    failureRatio: ratio,
    windowMs: positiveMilliseconds,
    minimumCalls: positiveInteger,
    trip: tripSchema,
    isFailure: named,
    halfOpenAfterMs: breakSchema,
    halfOpenCalls: positiveInteger,
    halfOpenSuccesses: positiveInteger,
    probeTimeoutMs: positiveMilliseconds,
    mode: oneOf('enforce', 'shadow', 'disabled'),
    whenProbing: whenProbingSchema,
    ramp: rampSchema,
    healthProbe: healthProbeSchema,
  }),
  alternatives: [['trip'], ['failureRatio', 'windowMs', 'minimumCalls']],
  make(data, workshop) {
    return circuitBreaker({
      ...workshop.common,
      ...settings(data, workshop),
      whenProbing: whenProbingOf(data['whenProbing'], workshop),
      ramp: rampOf(data['ramp'], workshop),
      healthProbe: healthProbeOf(data['healthProbe'], workshop),
    });
  },
  reconfiguration: {
    fixed: ['whenProbing', 'ramp', 'healthProbe'],
    apply(policy, data, workshop) {
      const breaker = policy as CircuitBreaker<never>;
      breaker.configure(settings(data, workshop), { others: 'default' });
    },
  },
  succeed(former, next) {
    const [before, after] = [former as CircuitBreaker<never>, next as CircuitBreaker<never>];
    restoreSnapshot(after, takeSnapshot(before));
    if (before.state === 'isolated') isolateAlong(before, after);
  },
  // The checks of a health probe.
  retire: (policy) => (policy as Partial<Disposable>)[Symbol.dispose]?.(),
};

/** Whoever has isolated the former breaker has a handle of that one: it is to hold this one as well. */
function isolateAlong(former: CircuitBreaker<never>, next: CircuitBreaker<never>): void {
  const isolation = next.isolate();
  const end = former.on('released', ({ isolations }) => {
    if (isolations > 0) return;
    end();
    isolation.release();
  });
}
