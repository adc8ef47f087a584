import type { Clock } from './clock.ts';
import type { Refusal } from './refusal.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Run } from './run.ts';
import type { EventListener, EventOwner, Unsubscribe } from './events.ts';

/** What {@link Layer.enter} answers. */
export type EnterVerdict = 0 | 1 | 2 | 3 | 4;
/** The call may go on inwards. */
export const admitted = 0;
/** The call waits here until somebody calls `run.resume()`. */
export const parked = 1;
/** The call is answered here: `run.answer(ok, value)` has been called. */
export const refused = 2;
/** The layer runs the inside itself, by `run.branch()`, and calls `run.settle()` once. */
export const taken = 3;
/** More layers stand inside this one, for this call: what `run.expand()` returns. */
export const expanded = 4;

/** What {@link Layer.success} and {@link Layer.failure} answer. */
export type ExitVerdict = 0 | 1 | 2;
/** The answer goes on outwards as it is. */
export const pass = 0;
/** Another answer goes on outwards: `run.answer(ok, value)` has been called. */
export const replaced = 1;
/** The layer keeps the call: it has called `run.again()`, or will call `run.settle()` later. */
export const held = 2;

/** What `policy.describe()` tells of one layer. */
export interface LayerDescription {
  /** The kind of policy, such as `'retry'`. */
  readonly kind: string;
  /** The name of the policy. */
  readonly name: string;
  /** Its options, defaults included; functions are left out. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * One policy as the engine sees it: hooks that it calls synchronously, for whoever writes a policy.
 * (A policy that wraps a function, as most do, is better made by `definePolicy`.)
 *
 * For each record ({@link Run}) a layer that answered {@link admitted} gets exactly one `success` or
 * `failure`, when the work inside it has ended; before that, at most one `cut`, when somebody outside
 * has stopped waiting. A layer that parked, held or took the call gets `unpark` instead, if somebody
 * outside stops waiting meanwhile. Hooks must not throw, and must make no closure per call where
 * they can help it. What a layer has to remember of a call it keeps in `run.tickets[at]`, since one
 * instance may stand in a pipeline twice.
 */
export interface Layer {
  /** The kind of policy, such as `'retry'`. */
  readonly kind: string;
  /** The name of the policy, for errors and events. */
  readonly name: string;
  /** The clock of the policy, if it has one. */
  readonly clock?: Clock | undefined;
  /**
   * What it spends on further attempts, in a layer that may have such a budget: undefined if it has
   * none of its own. It pays for each call into that and into the one that the call brings along; a
   * layer inside that shares one of them does not pay into it again.
   */
  readonly budget?: RetryBudget | undefined;
  /** Whether it may stop waiting before the work has ended. */
  readonly detaches: boolean;
  /** Whether it may abort the operation's signal. */
  readonly aborts: boolean;
  /** Whether its hooks may run the operation again or call the user's code. */
  readonly reruns: boolean;
  /**
   * Only failures concern it: while it has no ticket for a call that came without options, `enter`
   * would admit that call, and `success` would pass. Then the engine does not ask. Undefined: false.
   */
  readonly isReactive?: boolean | undefined;
  /**
   * Refuses a call outright, before anything has been made for it, or returns undefined to have
   * `enter` decide. Only the outermost layer is asked, and only about calls without options.
   */
  refuse?(): Refusal | undefined;
  /** A call comes in. */
  enter(run: Run, at: number): EnterVerdict;
  /** The inside ended with a value. */
  success(run: Run, at: number, value: unknown): ExitVerdict;
  /** The inside ended with an error. */
  failure(run: Run, at: number, error: unknown): ExitVerdict;
  /**
   * Calls the operation by `call` and returns or throws what that does: for what must surround it,
   * such as an async context. The outermost layer's is the outermost.
   */
  surround?(run: Run, at: number, call: () => unknown): unknown;
  /** A parked call has been resumed: in the async context of its caller, before it goes on. */
  woken?(run: Run, at: number): 0 | 2;
  /** Somebody outside stopped waiting while the call was parked, held or taken here. */
  unpark?(run: Run, at: number, reason: unknown): void;
  /** Somebody outside stopped waiting while the work inside runs on. */
  cut?(run: Run, at: number, reason: unknown): void;
  /** The operation's signal is being aborted, but nobody stops waiting; only while taken. */
  abort?(run: Run, at: number, reason: unknown): void;
  /** The ticket of this layer has moved to another record, which goes on in place of the former. */
  moved?(run: Run, at: number): void;
  /** The moment at which this layer cuts the call that has this ticket, if it has one. */
  deadlineOf?(ticket: unknown): number | undefined;
  /** The work that this layer had stopped waiting for has ended. */
  late?(run: Run, at: number, ok: boolean, value: unknown): void;
  /** A branch that this layer had started has ended. */
  branchEnded?(branch: Run, at: number, ok: boolean, value: unknown): void;
  /** All work under a record that was held open by `run.holdUntilIdle(at)` has ended. */
  idle?(run: Run, at: number): void;
  /** Subscribes to an event; returns the function that ends the subscription. */
  on?(event: string, listener: EventListener): Unsubscribe;
  /** From now on its events are those of `owner` as well, and tell its key. */
  belongTo?(owner: EventOwner): void;
  /**
   * For how many milliseconds what it remembers matters although nobody calls: whoever keeps a policy
   * for each key may forget it after that. Infinity while somebody holds it by hand. Undefined: 0.
   */
  mattersForMs?(): number;
  /** Tells the options, for `policy.describe()`. */
  describeLayer(): LayerDescription;
}
