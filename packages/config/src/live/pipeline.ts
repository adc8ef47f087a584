import { isDeepStrictEqual } from 'node:util';
import type { AnyPolicy, RetryBudget } from '@holdfast/policy';
import type { ConfigProblem } from '../errors.ts';
import type { LayerChange } from '../events.ts';
import type { LayerData } from '../layers/layer-kind.ts';
import type { ResolvedLayer } from '../layers/resolved-layer.ts';
import { type Parts, type Registry, Workshop } from '../layers/workshop.ts';
import type { Step } from './steps.ts';

/** A layer at work. */
export interface Standing {
  readonly layer: ResolvedLayer;
  readonly policy: AnyPolicy;
  /** Where its present options were made. */
  readonly workshop: Workshop;
}

/** What layers are made with, beside their data. */
export interface Supplies {
  readonly registry: Registry;
  readonly budgets: ReadonlyMap<string, RetryBudget>;
}

/** A change that has been thought through and checked, and not been made yet. */
export interface PreparedChange {
  readonly standings: ReadonlyMap<string, Standing>;
  readonly changes: readonly LayerChange[];
  readonly problems: readonly ConfigProblem[];
  /** Policies with the new options, for a look at them: those that change in place have the old ones yet. */
  readonly trials: ReadonlyMap<string, AnyPolicy>;
  /** What is to be done once the new layers stand. */
  readonly steps: readonly Step[];
}

/** One layer of a {@link PreparedChange}. */
interface PreparedLayer {
  readonly standing: Standing;
  readonly trial: AnyPolicy;
  readonly change: LayerChange['change'] | undefined;
  readonly step?: Omit<Step, 'path'> | undefined;
}

/** Some layers that live, by their ids. */
export class LayerSet {
  private standings: ReadonlyMap<string, Standing> = new Map();

  policy(id: string): AnyPolicy | undefined {
    return this.standings.get(id)?.policy;
  }

  /** The policies in the order of the configuration. */
  get policies(): readonly AnyPolicy[] {
    return [...this.standings.values()].map(({ policy }) => policy);
  }

  ids(): readonly string[] {
    return [...this.standings.keys()];
  }

  /** Thinks through what becomes of the layers; changes nothing. */
  prepare(layers: readonly ResolvedLayer[], supplies: Supplies): PreparedChange {
    const problems: ConfigProblem[] = [];
    const prepared = new Map<string, PreparedLayer>();
    for (const layer of layers) {
      const one = this.prepareLayer(layer, supplies, problems);
      if (one !== undefined) prepared.set(layer.id, one);
    }
    const all = [...prepared];
    return {
      problems,
      standings: new Map(all.map(([id, { standing }]) => [id, standing])),
      trials: new Map(all.map(([id, { trial }]) => [id, trial])),
      changes: [
        ...all.flatMap(([id, { standing, change }]) =>
          change === undefined ? [] : [{ layer: id, type: standing.layer.kind.type, change }],
        ),
        ...this.gone(prepared).map(([id, { layer }]) => ({
          layer: id,
          type: layer.kind.type,
          change: 'removed' as const,
        })),
      ],
      steps: [
        ...all.flatMap(([, { standing, step }]) =>
          step === undefined ? [] : [{ path: standing.layer.path, ...step }],
        ),
        ...this.gone(prepared).map(([, gone]) => ({ path: gone.layer.path, ...retiring(gone) })),
      ],
    };
  }

  private gone(next: ReadonlyMap<string, unknown>): readonly (readonly [string, Standing])[] {
    return [...this.standings].filter(([id]) => !next.has(id));
  }

  private prepareLayer(
    layer: ResolvedLayer,
    supplies: Supplies,
    problems: ConfigProblem[],
  ): PreparedLayer | undefined {
    const found = this.standings.get(layer.id);
    const former = found?.layer.kind === layer.kind ? found : undefined;
    const workshop = workshopFor(layer, supplies, former?.workshop.parts);
    const policy = madeIn(workshop, layer);
    problems.push(...workshop.problems);
    if (policy === undefined || workshop.problems.length > 0) return undefined;
    const fresh = { layer, policy, workshop };
    if (former === undefined) {
      const step = found && retiring(found);
      return { standing: fresh, trial: policy, change: found ? 'replaced' : 'added', step };
    }
    return succession(former, fresh);
  }

  /** Lets the layers of a prepared change stand; its steps are still to be taken. Returns the way back. */
  adopt({ standings }: PreparedChange): () => void {
    const before = this.standings;
    this.standings = standings;
    return () => {
      this.standings = before;
    };
  }

  /** Ends what the policies do by themselves. */
  retire(): void {
    for (const standing of this.standings.values()) retire(standing);
  }
}

/** What becomes of a layer in whose place another one is wanted. */
function succession(former: Standing, fresh: Standing): PreparedLayer {
  const { layer, policy: trial, workshop } = fresh;
  const { kind, data } = layer;
  const isNamedAnew = former.layer.name !== layer.name;
  if (!isNamedAnew && isDeepStrictEqual(former.layer.data, data) && sameParts(former, fresh)) {
    return { standing: { ...former, layer }, trial: former.policy, change: undefined };
  }
  const { reconfiguration } = kind;
  if (reconfiguration === undefined) {
    return { standing: fresh, trial, change: 'remade', step: retiring(former) };
  }
  if (!isNamedAnew && isSame(former.layer.data, data, reconfiguration.fixed)) {
    const { policy } = former;
    const step = {
      configure: (): void => reconfiguration.apply(policy, data, workshop),
      undo: (): void => reconfiguration.apply(policy, former.layer.data, former.workshop),
    };
    return { standing: { layer, policy, workshop }, trial, change: 'configured', step };
  }
  const succeed = (): void => kind.succeed?.(former.policy, trial);
  return { standing: fresh, trial, change: 'replaced', step: { succeed, ...retiring(former) } };
}

function retiring(standing: Standing): Pick<Step, 'retire'> {
  return { retire: () => retire(standing) };
}

function retire({ layer, policy }: Standing): void {
  layer.kind.retire?.(policy);
}

function workshopFor(
  { path, name, inside }: ResolvedLayer,
  { registry, budgets }: Supplies,
  former: Parts | undefined,
): Workshop {
  return new Workshop({ registry, budgets, path, name, former, inside });
}

function madeIn(workshop: Workshop, { kind, data }: ResolvedLayer): AnyPolicy | undefined {
  try {
    return kind.make(data, workshop);
  } catch (error) {
    workshop.failed(error);
    return undefined;
  }
}

function isSame(a: LayerData, b: LayerData, options: readonly string[]): boolean {
  return options.every((option) => isDeepStrictEqual(a[option], b[option]));
}

/** A shared budget may be another one by now, under the same name. */
function sameParts(former: Standing, fresh: Standing): boolean {
  const { parts } = former.workshop;
  return [...fresh.workshop.parts].every(([key, { value }]) => parts.get(key)?.value === value);
}
