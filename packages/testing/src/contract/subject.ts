import type { AnyPolicy, Policy } from '@holdfast/policy';
import type { SeededRandom } from '../seeded-random.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/** What a policy under test is to be made with. */
export interface PolicyTools {
  /** To pass as the option `clock` of the policy, and of all its parts. */
  readonly clock: VirtualClock;
  /** To pass as the option `random` of the policy, where it has one. */
  readonly random: SeededRandom;
}

/** Makes a new policy, which shares no state with others that it made. */
export type MakePolicy = (tools: PolicyTools) => AnyPolicy;

/** A policy on which the next call waits; see {@link PolicyContractOptions.waiting}. */
export interface WaitingPolicy {
  /** The policy. */
  readonly policy: AnyPolicy;
  /** Ends the wait: a call that waits goes on to its operation. */
  readonly release: () => void | Promise<void>;
}

/** A policy, and what makes it tell an event; see {@link PolicyContractOptions.events}. */
export interface EventProvocation {
  /** The policy. */
  readonly policy: AnyPolicy;
  /** Makes calls during which the policy tells the event; returns what came out, to compare. */
  readonly provoke: () => Promise<unknown>;
}

/** How `policyContract` is to treat a policy. */
export interface PolicyContractOptions {
  /**
   * Whether the policy leaves values and errors untouched. Set it to false for a policy that exists
   * to change them (a fallback, a cache): the cases that compare results are left out.
   *
   * @default true
   */
  readonly transparent?: boolean | undefined;
  /**
   * Makes a policy on which the next call waits before an attempt: in a full queue, in a back-off (the
   * operation of the contract succeeds: let the policy retry a value), for a token. The contract then
   * checks that such a wait can be given up.
   *
   * @default undefined
   */
  readonly waiting?: ((tools: PolicyTools) => WaitingPolicy | Promise<WaitingPolicy>) | undefined;
  /**
   * For each event, by its name, what makes a policy tell it. The contract checks that a bad listener
   * changes nothing and that the event is published on its channel.
   *
   * @default {}
   */
  readonly events?:
    | Readonly<Record<string, (tools: PolicyTools) => EventProvocation | Promise<EventProvocation>>>
    | undefined;
}

/** What a case works with: one policy of its own, and the means to make another. */
export interface Subject extends PolicyTools {
  readonly policy: Policy<unknown>;
  /** Whether the policy stops waiting for an operation when its caller does. */
  readonly detaches: boolean;
  /** Makes another policy on the same clock. */
  readonly another: () => Policy<unknown>;
}

/** A case runs any operation, whatever the predicates of the policy say that they accept. */
export function asCallable(policy: AnyPolicy): Policy<unknown> {
  return policy as Policy<unknown>;
}

export function subjectOf(make: MakePolicy, tools: PolicyTools): Subject {
  const policy = asCallable(make(tools));
  return {
    ...tools,
    policy,
    detaches: policy.layers.some((layer) => layer.detaches),
    another: () => asCallable(make(tools)),
  };
}
