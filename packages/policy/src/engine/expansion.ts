import type { Layer } from '../layer.ts';
import { Plan } from './plan.ts';

/**
 * Layers that a layer puts inside itself for some of its calls; see `Run.expand`. Make one for each set
 * of layers and keep it: the plans that it makes are for all of its calls.
 */
export class Expansion {
  private readonly layers: readonly Layer[];
  /** Nearly always there is only one pipeline that it expands. */
  private plan: Plan | undefined = undefined;
  private others: WeakMap<Plan, Plan> | undefined = undefined;

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
    const known = this.others?.get(base);
    if (known?.expandedAt === at) return known;
    const { layers } = base;
    const inside = at + 1;
    const plan = new Plan(
      [...layers.slice(0, inside), ...this.layers, ...layers.slice(inside)],
      base,
      at,
    );
    if (this.plan === undefined) this.plan = plan;
    else {
      this.others ??= new WeakMap();
      this.others.set(base, plan);
    }
    return plan;
  }
}
