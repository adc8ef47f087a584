import * as v from 'valibot';
import { layerOptions, type ObjectSchema, tellApart, withOptions } from '../format/objects.ts';
import {
  listOf,
  named,
  positiveInteger,
  positiveMillisecondsOrInfinity,
  type Schema,
  text,
} from '../format/values.ts';
import { type KeyedData, keyedKind } from '../live/keyed.ts';
import { adaptiveThrottleKind } from './adaptive-throttle.ts';
import { bulkheadKind } from './bulkhead.ts';
import { chaosKind } from './chaos.ts';
import { circuitBreakerKind } from './circuit-breaker.ts';
import { fallbackKind } from './fallback.ts';
import { hedgeKind } from './hedge.ts';
import type { LayerKind } from './layer-kind.ts';
import { rateLimiterKind } from './rate-limiter.ts';
import { retryKind } from './retry.ts';
import { timeoutKind } from './timeout.ts';

const plainKinds: readonly LayerKind[] = [
  adaptiveThrottleKind,
  bulkheadKind,
  chaosKind,
  circuitBreakerKind,
  fallbackKind,
  hedgeKind,
  rateLimiterKind,
  retryKind,
  timeoutKind,
];

/** The layers that may stand inside a keyed one. */
export const plainLayer: Schema = tellApart(
  'type',
  plainKinds.map(({ type, schema }) =>
    withOptions(
      { type: v.literal(type), name: v.optional(text), extends: v.optional(text) },
      schema,
    ),
  ),
);

const keyedLayer = keyedKind(
  layerOptions<KeyedData>('KeyedOptions', {
    key: named,
    maxKeys: positiveInteger,
    idleMs: positiveMillisecondsOrInfinity,
    layers: listOf(plainLayer, 'a list of layers, not empty'),
  }),
);

/** Every kind of layer. */
const kinds: readonly LayerKind[] = [...plainKinds, keyedLayer];

/** Any layer of a pipeline. */
export const namedLayer: Schema = tellApart('type', [
  plainLayer,
  withOptions(
    { type: v.literal('keyed'), name: v.optional(text), extends: v.optional(text) },
    keyedLayer.schema,
  ),
]);

/** Any layer that has its name from elsewhere: a template, or one that is shared. */
export const unnamedLayer: Schema = tellApart(
  'type',
  kinds.map(({ type, schema }) =>
    withOptions({ type: v.literal(type), extends: v.optional(text) }, schema),
  ),
);

const byType: ReadonlyMap<string, LayerKind> = new Map(kinds.map((kind) => [kind.type, kind]));

/** The kind of a layer whose data has been checked. */
export function kindNamed(type: string): LayerKind {
  return byType.get(type) as LayerKind;
}

/** The options of each type, for the defaults. */
export function defaultsSchema(): ObjectSchema {
  const entries = kinds.map(({ type, schema }) => [type, v.optional(withOptions({}, schema))]);
  return v.strictObject(Object.fromEntries(entries), 'an object');
}
