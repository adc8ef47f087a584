import { isDeepStrictEqual } from 'node:util';
import type { AnyPolicy, RetryBudget } from '@holdfast/policy';
import { didYouMean } from '../check/did-you-mean.ts';
import { problemOf } from '../check/problem.ts';
import { type ResolvedConfig, resolve } from '../check/resolve.ts';
import type { ConfigProblem } from '../errors.ts';
import type { ConfigFinding, PolicyChange } from '../events.ts';
import type { PoliciesConfig } from '../format/policies-config.ts';
import { makeBudget } from '../layers/budgets.ts';
import { isShared, type PipelineEntry, type ResolvedLayer } from '../layers/resolved-layer.ts';
import type { Registry } from '../layers/workshop.ts';
import { findingsIn } from './findings.ts';
import { LivePolicy } from './live-policy.ts';
import { LayerSet, type PreparedChange, type Supplies } from './pipeline.ts';
import { changeOf } from './policy-changes.ts';
import { takeSteps } from './steps.ts';

/** A pipeline at work. */
interface LivePipeline {
  readonly policy: LivePolicy;
  readonly layers: LayerSet;
  /** In the order of the configuration. */
  entries: readonly PipelineEntry[];
  /** Whether the configuration has it; one that it has no more goes on for whoever holds it. */
  isPresent: boolean;
}

interface Budget {
  readonly data: unknown;
  readonly budget: RetryBudget;
}

/** A whole change that has been checked, and not been made yet. */
export interface ConfigChange {
  readonly problems: readonly ConfigProblem[];
  readonly findings: readonly ConfigFinding[];
  readonly changes: readonly PolicyChange[];
  /** Makes the change; returns a problem where it fails after all, and then nothing has changed. */
  commit(): ConfigProblem | undefined;
}

/** A pipeline, and what becomes of it. */
export interface PreparedPipeline {
  readonly name: string;
  readonly pipeline: LivePipeline;
  readonly entries: readonly PipelineEntry[];
  readonly change: PreparedChange;
}

/** All pipelines of a configuration, and what they share. */
export class LiveConfig {
  private readonly registry: Registry;
  private readonly pipelines = new Map<string, LivePipeline>();
  private readonly shared = new LayerSet();
  private budgets: ReadonlyMap<string, Budget> = new Map();

  constructor(registry: Registry) {
    this.registry = registry;
  }

  get names(): readonly string[] {
    return [...this.pipelines].flatMap(([name, { isPresent }]) => (isPresent ? [name] : []));
  }

  has(name: string): boolean {
    return this.pipelines.get(name)?.isPresent === true;
  }

  get(name: string): LivePolicy {
    const pipeline = this.pipelines.get(name);
    if (pipeline?.isPresent === true) return pipeline.policy;
    const meant = didYouMean(name, this.names);
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    throw new TypeError(
      `There is no policy "${name}" (those known: ${this.names.join(', ')})${hint}`,
    );
  }

  layer(name: string, id: string): AnyPolicy {
    this.get(name);
    const { layers, entries } = this.pipelines.get(name) as LivePipeline;
    const found = layers.policy(id) ?? this.sharedIn(entries, id);
    if (found !== undefined) return found;
    const known = entries.map((entry) => (isShared(entry) ? entry.shared : entry.id));
    throw new TypeError(`"${name}" has no layer "${id}" (those known: ${known.join(', ')}).`);
  }

  private sharedIn(entries: readonly PipelineEntry[], id: string): AnyPolicy | undefined {
    const stands = entries.some((entry) => isShared(entry) && entry.shared === id);
    return stands ? this.shared.policy(id) : undefined;
  }

  /** Thinks a change through; changes nothing. */
  prepare(config: PoliciesConfig): ConfigChange {
    const resolved = resolve(config);
    const problems = [...resolved.problems];
    const budgets = this.prepareBudgets(config.budgets ?? {}, problems);
    const supplies: Supplies = {
      registry: this.registry,
      budgets: new Map([...budgets].map(([name, { budget }]) => [name, budget])),
    };
    const shared = this.shared.prepare(resolved.shared, supplies);
    const pipelines = this.preparePipelines(resolved, supplies);
    for (const change of [shared, ...pipelines.map((each) => each.change)]) {
      problems.push(...change.problems);
    }
    return {
      problems,
      findings: problems.length > 0 ? [] : findingsIn(pipelines, shared, resolved),
      changes: this.changes(pipelines, shared),
      commit: () => this.commit(pipelines, shared, budgets),
    };
  }

  private prepareBudgets(
    given: Readonly<Record<string, unknown>>,
    problems: ConfigProblem[],
  ): ReadonlyMap<string, Budget> {
    const budgets = new Map<string, Budget>();
    for (const [name, data] of Object.entries(given)) {
      const former = this.budgets.get(name);
      try {
        const isKept = former !== undefined && isDeepStrictEqual(former.data, data);
        budgets.set(
          name,
          isKept ? former : { data, budget: makeBudget(data, this.registry.clock) },
        );
      } catch (error) {
        problems.push(problemOf(['budgets', name], error));
      }
    }
    return budgets;
  }

  private preparePipelines(
    { policies }: ResolvedConfig,
    supplies: Supplies,
  ): readonly PreparedPipeline[] {
    return [...policies].map(([name, entries]) => {
      const pipeline = this.pipelines.get(name) ?? {
        policy: new LivePolicy(name, this.registry.clock),
        layers: new LayerSet(),
        entries: [],
        isPresent: false,
      };
      const own = entries.filter((entry) => !isShared(entry)) as readonly ResolvedLayer[];
      return { name, pipeline, entries, change: pipeline.layers.prepare(own, supplies) };
    });
  }

  private changes(
    pipelines: readonly PreparedPipeline[],
    shared: PreparedChange,
  ): readonly PolicyChange[] {
    const present = new Set(pipelines.map(({ name }) => name));
    const removed = this.names.filter((name) => !present.has(name));
    const ofShared = { policy: undefined, change: 'changed', layers: shared.changes } as const;
    return [
      ...(shared.changes.length === 0 ? [] : [{ ...ofShared, reordered: false }]),
      ...pipelines.flatMap(changeOf),
      ...removed.map((policy) => ({
        policy,
        change: 'removed' as const,
        layers: [],
        reordered: false,
      })),
    ];
  }

  /** First all of the layers, then what they do by themselves: that may call whatever listens. */
  private commit(
    pipelines: readonly PreparedPipeline[],
    shared: PreparedChange,
    budgets: ReadonlyMap<string, Budget>,
  ): ConfigProblem | undefined {
    const undo = [this.restoring(), this.shared.adopt(shared)];
    this.budgets = budgets;
    for (const pipeline of this.pipelines.values()) pipeline.isPresent = false;
    for (const { name, pipeline, entries, change } of pipelines) {
      this.pipelines.delete(name);
      this.pipelines.set(name, pipeline);
      pipeline.isPresent = true;
      pipeline.entries = entries;
      undo.push(pipeline.layers.adopt(change));
      undo.push(pipeline.policy.set(this.standing(pipeline)));
    }
    const problem = takeSteps(
      [shared, ...pipelines.map(({ change }) => change)].flatMap((c) => c.steps),
    );

    if (problem !== undefined) for (const each of undo) each();
    return problem;
  }

  /** The way back to the pipelines and the budgets that there are now. */
  private restoring(): () => void {
    const { budgets } = this;
    const before = [...this.pipelines].map(([name, pipeline]) => {
      const { entries, isPresent } = pipeline;
      return { name, pipeline, entries, isPresent };
    });
    return () => {
      this.budgets = budgets;
      this.pipelines.clear();
      for (const { name, pipeline, ...former } of before) {
        this.pipelines.set(name, Object.assign(pipeline, former));
      }
    };
  }

  private standing({ layers, entries }: LivePipeline): Parameters<LivePolicy['set']>[0] {
    const policies = entries.map((entry) =>
      isShared(entry) ? this.shared.policy(entry.shared) : layers.policy(entry.id),
    ) as readonly AnyPolicy[];
    return { policies, shared: new Set(this.shared.policies) };
  }

  /** Ends what the layers do by themselves; calls go on. */
  retire(): void {
    this.shared.retire();
    for (const { layers } of this.pipelines.values()) layers.retire();
  }
}
