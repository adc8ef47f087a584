import type { LayerCommon } from './as-data.ts';
import type { AdaptiveThrottleData } from '../layers/adaptive-throttle.ts';
import type { BudgetData } from '../layers/budgets.ts';
import type { BulkheadData } from '../layers/bulkhead.ts';
import type { ChaosData } from '../layers/chaos.ts';
import type { CircuitBreakerData } from '../layers/circuit-breaker.ts';
import type { FallbackData } from '../layers/fallback.ts';
import type { HedgeData } from '../layers/hedge.ts';
import type { RateLimiterData } from '../layers/rate-limiter.ts';
import type { RetryData } from '../layers/retry.ts';
import type { TimeoutData } from '../layers/timeout.ts';
import type { KeyedData } from '../live/keyed.ts';

/** A layer that can stand inside a keyed one. */
export type PlainLayerData =
  | AdaptiveThrottleData
  | BulkheadData
  | ChaosData
  | CircuitBreakerData
  | FallbackData
  | HedgeData
  | RateLimiterData
  | RetryData
  | TimeoutData;

/** One layer of a pipeline: `type` says which policy it is. */
export type LayerConfig = PlainLayerData | KeyedData<PlainLayerData>;

/** The layer of a type. */
export type LayerOfType<Type extends string> = Extract<LayerConfig, LayerCommon<Type>>;
/** The options of a layer, without what says which one it is. */
export type LayerOptionsOf<Layer> = Omit<Layer, 'type' | 'name' | 'extends'>;

/** A layer that has its name from elsewhere. */
export type UnnamedLayer<Layer> = Layer extends unknown ? Omit<Layer, 'name'> : never;

/** The options that layers have unless they say otherwise, by type. */
export type LayerDefaults = {
  readonly [Type in LayerConfig['type']]?: LayerOptionsOf<LayerOfType<Type>> | undefined;
};

/** Pipelines as plain data, such as `JSON.parse` gives it. */
export interface PoliciesConfig {
  /** Where the JSON Schema of this format is, for editors; of no meaning otherwise. */
  readonly $schema?: string | undefined;
  /**
   * The version of the format.
   *
   * @default 1
   */
  readonly version?: 1 | undefined;
  /** Options that all layers of a type have unless they say otherwise, by type. */
  readonly defaults?: LayerDefaults | undefined;
  /** Layers to extend, by name: a layer with `"extends": "patient"` has the options of `patient`. */
  readonly templates?: Readonly<Record<string, UnnamedLayer<LayerConfig>>> | undefined;
  /** Retry budgets that several layers share, by name. */
  readonly budgets?: Readonly<Record<string, BudgetData>> | undefined;
  /** Layers that several pipelines share, with their state, by name. */
  readonly layers?: Readonly<Record<string, UnnamedLayer<LayerConfig>>> | undefined;
  /** The pipelines, by name: their layers, the outermost first. A string names a shared layer. */
  readonly policies: Readonly<Record<string, readonly (LayerConfig | string)[]>>;
}
