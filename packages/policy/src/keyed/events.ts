import type { AnyPolicy } from '../compose.ts';
import { defineTopics, type PolicyEvent, type Topic } from '../events.ts';
import type { EventsOf } from '../policy.ts';

/** What the events of a keyed policy tell beside their own. */
export interface WithKey {
  /** The key whose policy it was. */
  readonly key: string | undefined;
}

/** A key was forgotten, and with it the state of its policy. */
export interface ForgottenEvent extends PolicyEvent, WithKey {
  /** Always `'forgotten'`. */
  readonly event: 'forgotten';
  /** Whether it had been idle for too long, or had to make room for another key. */
  readonly reason: 'idle' | 'full';
  /** How many keys are left. */
  readonly size: number;
}

/** A key came in beyond `maxKeys`, since none could be forgotten: all have calls in flight. */
export interface CrowdedEvent extends PolicyEvent, WithKey {
  /** Always `'crowded'`. */
  readonly event: 'crowded';
  /** How many keys there are now. */
  readonly size: number;
}

/** The events of a keyed policy's own, by name. */
export interface KeyedOwnEvents {
  /** See {@link ForgottenEvent}. */
  readonly forgotten: ForgottenEvent;
  /** See {@link CrowdedEvent}. */
  readonly crowded: CrowdedEvent;
}

/** The events of a keyed policy, by name: its own and those of its policies, all of which tell the key. */
export type KeyedEvents<P extends AnyPolicy = never> = KeyedOwnEvents & {
  readonly [Name in keyof EventsOf<P>]: EventsOf<P>[Name] & WithKey;
};

export const topics: Readonly<Record<keyof KeyedOwnEvents, Topic>> = /* @__PURE__ */ defineTopics(
  'keyed',
  ['forgotten', 'crowded'],
);
