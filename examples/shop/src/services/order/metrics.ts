import { dependencies, type Dependency, type OrderMetrics, type PolicyNews } from '../contract.ts';

/** What the order service counts. */
export class Metrics {
  inFlight = 0;
  readonly calls: Record<Dependency, number> = { inventory: 0, payment: 0, notification: 0 };
  readonly opened: Partial<Record<Dependency, number>> = {};
  readonly hedges = { started: 0, won: 0 };
  /** Tells the state of each circuit, where there are circuits. */
  circuitState: ((dependency: Dependency) => string) | undefined;
  outboxSize: () => number = () => 0;
  /** Tells what has become of the file of the policies, where there is one. */
  policyNews: () => PolicyNews | undefined = () => undefined;

  /** Wraps fetch so that every request that is really sent to a dependency is counted. */
  counted(dependency: Dependency): typeof fetch {
    return (input, init) => {
      this.calls[dependency]++;
      return fetch(input, init);
    };
  }

  /** A circuit has opened. */
  circuitOpened(dependency: Dependency): void {
    this.opened[dependency] = (this.opened[dependency] ?? 0) + 1;
  }

  snapshot(): OrderMetrics {
    const { calls, circuitState, hedges, inFlight, opened } = this;
    const circuits =
      circuitState === undefined
        ? {}
        : Object.fromEntries(dependencies.map((name) => [name, circuitState(name)]));
    return {
      inFlight,
      calls: { ...calls },
      circuits,
      opened: { ...opened },
      hedges: { ...hedges },
      outbox: this.outboxSize(),
      policies: this.policyNews(),
    };
  }
}
