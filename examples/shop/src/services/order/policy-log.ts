import type { ConfigInvalidError, PolicyChange } from '@holdfast/config';
import type { PolicyNews } from '../contract.ts';
import type { Circuits } from './circuits.ts';
import type { OrderPolicies } from './policies.ts';

/** Such as "stock: timeout remade; inventory: circuitBreaker configured, timeout remade". */
function shown(changes: readonly PolicyChange[]): string {
  return changes
    .map(({ change, layers, policy = 'layers', reordered }) => {
      const told = layers.map((layer) => `${layer.layer} ${layer.change}`);
      if (reordered) told.push('reordered');
      return `${policy}: ${told.join(', ') || change}`;
    })
    .join('; ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** All that is wrong, each with its path. */
function wrong({ problems }: ConfigInvalidError): string {
  return problems.map(({ message, path }) => `${path}: ${message}`).join('; ');
}

/** Keeps count of what becomes of `policies.json`: nobody else tells that an edit had no effect. */
export class PolicyLog {
  private changed = 0;
  private refused = 0;
  private latest: PolicyNews['latest'];
  private circuits: PolicyNews['circuits'] = { before: [], after: [] };

  constructor(policies: OrderPolicies, circuits: Circuits) {
    policies.on('changed', ({ changes }) => {
      this.changed++;
      this.latest = { kind: 'changed', text: shown(changes) };
      this.circuits = { before: circuits.lastTold, after: circuits.present };
    });
    policies.on('refused', ({ error }) => this.refuse(wrong(error)));
    policies.on('source-failed', ({ error }) => this.refuse(messageOf(error)));
  }

  private refuse(text: string): void {
    this.refused++;
    this.latest = { kind: 'refused', text };
  }

  get news(): PolicyNews {
    const { changed, circuits, latest, refused } = this;
    return { changed, refused, latest, circuits };
  }
}
