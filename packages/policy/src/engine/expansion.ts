import type { Layer } from '../layer.ts';
import { Plan } from './plan.ts';

/** For how many pipelines the plans are kept: they are made anew where there are more. */
const maxPlans = 8;

/**
 * Layers that a layer puts inside itself for some of its calls; see `Run.expand`. Make one for each set
 * of layers and keep it: the plans that it makes are for all of its calls.
 */
export class Expansion {
  private readonly layers: readonly Layer[];
  /** The plan that was asked for last: nearly always there is only one pipeline. */
  private plan: Plan | undefined = undefined;
  private others: Plan[] | undefined = undefined;

  constructor(layers: readonly Layer[]) {
    this.layers = layers;
  }

  /** The plan `base` with these layers inside its layer `at`. */
  planIn(base: Plan, at: number): Plan {
    const { plan } = this;
    if (plan !== undefined && plan.base === base && plan.expandedAt === at) return plan;
    return this.otherPlan(base, at);
  }

  private otherPlan(base: Plan, at: number): Plan {
    const { plan, others = [] } = this;
    const known = others.findIndex((each) => each.base === base && each.expandedAt === at);
    this.plan = others[known] ?? this.makePlan(base, at);
    if (plan === undefined) return this.plan;
    // The one of before takes the place of this one, or of the oldest.
    others.splice(
      known === -1 && others.length < maxPlans - 1 ? others.length : Math.max(0, known),
      1,
    );
    others.push(plan);
    this.others = others;
    return this.plan;
  }

  private makePlan(base: Plan, at: number): Plan {
    const layers = [...base.layers];
    layers.splice(at + 1, 0, ...this.layers);
    return new Plan(layers, base, at);
  }
}
