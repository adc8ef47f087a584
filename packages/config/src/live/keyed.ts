import { type AnyPolicy, type Keyed, keyed, type KeyedOptions } from '@holdfast/policy';
import type { AsPartialData, LayerCommon } from '../format/as-data.ts';
import type { LayerData, LayerKind } from '../layers/layer-kind.ts';
import type { ResolvedLayer } from '../layers/resolved-layer.ts';
import type { Workshop } from '../layers/workshop.ts';
import { LivePolicy } from './live-policy.ts';
import { LayerSet, type Supplies } from './pipeline.ts';
import { takeSteps } from './steps.ts';

/** A pipeline of its own for each key; see `keyed` of `@holdfast/policy`. */
export type KeyedData<Inside = unknown> = LayerCommon<'keyed'> &
  AsPartialData<
    KeyedOptions,
    {
      /** To whom a call belongs: the name of a context key, or of a function of the context. */
      readonly key?: string | undefined;
      /** The layers of each key, outermost first. */
      readonly layers?: readonly Inside[] | undefined;
    }
  >;

const noLayers: LiveParts = { policies: [], shared: new Set() };
type LiveParts = Parameters<LivePolicy['set']>[0];

/** The pipeline of one key. */
class KeyPipeline {
  readonly policy: LivePolicy;
  private readonly layers = new LayerSet();

  constructor(name: string, layers: readonly ResolvedLayer[], supplies: Supplies) {
    this.policy = new LivePolicy(name, supplies.registry.clock);
    this.change(layers, supplies);
  }

  change(layers: readonly ResolvedLayer[], supplies: Supplies): void {
    const prepared = this.layers.prepare(layers, supplies);
    this.layers.adopt(prepared);
    this.policy.set({ ...noLayers, policies: this.layers.policies });
    const problem = takeSteps(prepared.steps);
    if (problem !== undefined) throw new Error(`${problem.path}: ${problem.message}`);
  }

  retire(): void {
    this.layers.retire();
  }
}

/** The pipelines of all keys: they change together. */
class KeyPipelines {
  private readonly name: string;
  private readonly living = new Map<string | undefined, KeyPipeline>();
  private layers: readonly ResolvedLayer[];
  private supplies: Supplies;

  constructor(workshop: Workshop) {
    const { name, inside } = workshop.options;
    this.name = name;
    this.layers = inside;
    this.supplies = workshop.options;
  }

  make(key: string | undefined): AnyPolicy {
    const pipeline = new KeyPipeline(this.name, this.layers, this.supplies);
    this.living.set(key, pipeline);
    return pipeline.policy;
  }

  forget(key: string | undefined): void {
    this.living.get(key)?.retire();
    this.living.delete(key);
  }

  change(workshop: Workshop): void {
    this.layers = workshop.options.inside;
    this.supplies = workshop.options;
    for (const pipeline of this.living.values()) pipeline.change(this.layers, this.supplies);
  }

  retire(): void {
    for (const pipeline of this.living.values()) pipeline.retire();
  }
}

const pipelinesOf = new WeakMap<AnyPolicy, KeyPipelines>();
const samples = new WeakMap<AnyPolicy, readonly AnyPolicy[]>();

/** What is inside a keyed policy that nobody has called yet. */
export function sampleOf(policy: AnyPolicy): readonly AnyPolicy[] | undefined {
  return samples.get(policy);
}

/** Makes the layers of a key that does not exist, to see that it can be done. */
function trial(workshop: Workshop): readonly AnyPolicy[] {
  const { inside } = workshop.options;
  const { problems, standings, trials } = new LayerSet().prepare(inside, workshop.options);
  workshop.problems.push(...problems);
  for (const [id, { workshop: inner }] of standings) {
    for (const [option, part] of inner.parts) {
      if (typeof part.data === 'string') workshop.parts.set(`layers.${id}.${option}`, part);
    }
  }
  return [...trials.values()];
}

/** The kind of a keyed layer; its schema is made where that of the others is known. */
export function keyedKind(schema: LayerKind['schema']): LayerKind {
  return {
    type: 'keyed',
    schema,
    make(data: LayerData, workshop) {
      const sample = trial(workshop);
      const pipelines = new KeyPipelines(workshop);
      const policy: Keyed = keyed((key: string | undefined) => pipelines.make(key), {
        ...workshop.common,
        key: workshop.reader('key', data['key']) as KeyedOptions['key'],
        maxKeys: data['maxKeys'] as number,
        idleMs: (data['idleMs'] === 'Infinity' ? Infinity : data['idleMs']) as number,
      });
      policy.on('forgotten', ({ key }) => pipelines.forget(key));
      pipelinesOf.set(policy, pipelines);
      samples.set(policy, sample);
      return policy;
    },
    reconfiguration: {
      fixed: ['key', 'maxKeys', 'idleMs'],
      apply: (policy, _data, workshop) => pipelinesOf.get(policy)?.change(workshop),
    },
    retire: (policy) => pipelinesOf.get(policy)?.retire(),
  };
}
