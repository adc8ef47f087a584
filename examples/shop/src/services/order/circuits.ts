import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import { type Dependency, dependencies } from '../contract.ts';
import { layerNow } from '../policies.ts';
import type { Metrics } from './metrics.ts';
import type { OrderPolicies } from './policies.ts';

/** The pipelines whose circuits guard a dependency: the inventory has two instances. */
const guards = {
  inventory: ['inventory', 'replica'],
  payment: ['payment'],
  notification: ['notification'],
} as const satisfies Record<Dependency, readonly string[]>;

type Guarded = (typeof guards)[Dependency][number];

/** The circuits of the order service. */
export class Circuits {
  private readonly policies: OrderPolicies;
  /** What each circuit has said last. */
  private readonly told = new Map<Guarded, string>();

  constructor(policies: OrderPolicies, metrics: Metrics) {
    this.policies = policies;
    metrics.circuitState = (dependency) => this.worst(dependency);
    for (const dependency of dependencies) {
      for (const name of guards[dependency])
        this.listen(name, () => metrics.circuitOpened(dependency));
    }
  }

  /** What the circuits to the inventories have said last. */
  get lastTold(): string[] {
    return guards.inventory.map((name) => this.told.get(name) ?? 'closed');
  }

  /** The circuits to the inventories as they are. */
  get present(): string[] {
    return guards.inventory.map((name) => this.state(name));
  }

  private listen(name: Guarded, opened: () => void): void {
    const pipeline = this.policies.get(name);
    pipeline.on('opened', opened);
    pipeline.on('opened', () => this.told.set(name, 'open'));
    pipeline.on('half-opened', () => this.told.set(name, 'half-open'));
    pipeline.on('closed', () => this.told.set(name, 'closed'));
  }

  private worst(dependency: Dependency): string {
    const states = guards[dependency].map((name) => this.state(name));
    return states.find((state) => state !== 'closed') ?? 'closed';
  }

  private state(name: Guarded): string {
    return layerNow<CircuitBreaker>(this.policies, name, 'circuitBreaker')?.state ?? 'closed';
  }
}
