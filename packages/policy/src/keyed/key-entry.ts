import type { AnyPolicy } from '../compose.ts';
import { Expansion } from '../engine/expansion.ts';
import type { EventOwner, PolicyEvent } from '../events.ts';

/** Whom the policies of all keys tell their events. */
export interface KeyedAudience {
  readonly isListenedTo: boolean;
  forward(event: PolicyEvent): void;
}

/** One key and its policy. */
export class KeyEntry implements EventOwner {
  readonly key: string | undefined;
  readonly policy: AnyPolicy;
  /** The layers of the policy, as they stand inside the keyed one. */
  readonly expansion: Expansion;
  /** How many of its calls have not ended yet. */
  inFlight = 0;
  /** It is not among the keys any more: its calls go on to their ends. */
  isForgotten = false;
  /** Since when nobody has called, in milliseconds of the clock of the keyed policy. */
  idleSince = 0;
  /** Whoever has been idle for longer, and for less long; both undefined while calls are in flight. */
  older: KeyEntry | undefined = undefined;
  newer: KeyEntry | undefined = undefined;
  private readonly audience: KeyedAudience;

  constructor(key: string | undefined, policy: AnyPolicy, audience: KeyedAudience) {
    this.key = key;
    this.policy = policy;
    this.audience = audience;
    this.expansion = new Expansion(policy.layers);
    for (const layer of policy.layers) layer.belongTo?.(this);
  }

  get isListenedTo(): boolean {
    return this.audience.isListenedTo;
  }

  tell(event: PolicyEvent & { readonly key?: unknown }): void {
    if (!this.isListenedTo) return;
    const { key } = this;
    this.audience.forward(event.key === key ? event : ({ ...event, key } as PolicyEvent));
  }

  /** For how many milliseconds what the policy remembers matters although nobody calls. */
  mattersForMs(): number {
    let longest = 0;
    for (const layer of this.policy.layers) {
      longest = Math.max(longest, layer.mattersForMs?.() ?? 0);
    }
    return longest;
  }
}
