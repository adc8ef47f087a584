import type { ContextEntry, ContextKey } from './context-key.ts';
import type { Layer, LayerDescription } from './layer.ts';
import type { Outcome } from './outcome.ts';
import type { RetryBudget } from './retry-budget.ts';

/** What a single call may bring along. Every policy takes the same. */
export interface ExecuteOptions {
  /**
   * Abort it to give the call up. If it is aborted already, the operation is not called. A call that
   * waits (in a queue, in a back-off, for a probe) rejects at once with `signal.reason`. Once the
   * operation runs, a pipeline with an aggressive timeout or a hedge rejects at once as well; any
   * other one waits for the operation, which has the signal, since its result may matter.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * The moment, in milliseconds of the policy's clock (`performance.now()`), at which the answer is
   * of no use any more. No policy starts or waits for work that cannot finish by then; to be cut off
   * at that moment as well, the pipeline needs a `timeout`.
   */
  readonly deadline?: number | undefined;
  /** What the retries of this call have to share with other calls; see {@link RetryBudget}. */
  readonly retryBudget?: RetryBudget | undefined;
  /** Typed properties, each made by a {@link ContextKey}. */
  readonly properties?: readonly ContextEntry[] | undefined;
}

/**
 * What an operation is called with. It is valid as the options of a nested `execute`, so that the
 * signal, the deadline, the budget and the properties cross: `inner.execute(operation, context)`.
 */
export interface ExecutionContext extends ExecuteOptions {
  /**
   * Aborted when the caller gives up or a timeout strikes; the reason is the caller's own or a
   * `TimeoutError`. Never aborted after a success. Made when it is first read.
   */
  readonly signal: AbortSignal;
  /** Which attempt this is, counted from 1. */
  readonly attempt: number;
  /** The moment, in milliseconds of the policy's clock, at which this attempt is cut off, if any. */
  readonly deadline: number | undefined;
  /** The value of a typed property, or undefined. */
  get<T>(key: ContextKey<T>): T | undefined;
  /**
   * Says that the work goes on although the operation's promise settles: the places of a bulkhead
   * are held until `work` has settled too. Its result and its error are ignored.
   *
   * @throws `TypeError` when the operation has settled already.
   */
  waitUntil(work: PromiseLike<unknown>): void;
}

/** What a policy runs: any function that takes the context and returns a value or a promise. */
export type Operation<T> = (context: ExecutionContext) => T | PromiseLike<T>;

/** Carries the types of a policy; no value ever has it. */
export interface PolicyTypes<out Alternative, in Accepts, out Events> {
  /** What it may answer in place of the operation's own value. */
  readonly alternative: () => Alternative;
  /** The results that its predicates understand. */
  readonly accepts: (value: Accepts) => void;
  /** Its events, by name. */
  readonly events: () => Events;
}

/** What {@link Policy.describe} tells. */
export interface PolicyDescription {
  /** The name of the policy or of the pipeline. */
  readonly name: string;
  /** The layers, outermost first. */
  readonly layers: readonly LayerDescription[];
}

/**
 * A way to run an operation: a single policy, or a pipeline that `compose` made of several.
 *
 * @typeParam Alternative - What the policy may answer in place of the operation's own value.
 * @typeParam Accepts - The results that its predicates understand.
 * @typeParam Events - The events that it has, by name.
 */
export interface Policy<out Alternative = never, in Accepts = unknown, out Events = unknown> {
  /** The name that errors and events carry. */
  readonly name: string;
  /** The layers, outermost first: what `compose` concatenates. */
  readonly layers: readonly Layer[];
  /** Carries the types; never set. */
  readonly types?: PolicyTypes<Alternative, Accepts, Events> | undefined;
  /**
   * Runs the operation. Its value, or the very error it threw, comes back untouched; a synchronous
   * throw becomes a rejection.
   *
   * @throws The operation's own error; `signal.reason` when the caller gave up; or an error of the
   * policy, such as `TimeoutError` or `CircuitOpenError`.
   */
  execute<T extends Accepts>(
    operation: Operation<T>,
    options?: ExecuteOptions,
  ): Promise<T | Alternative>;
  /** Runs the operation as {@link Policy.execute} does, and never rejects: the error is in the outcome. */
  outcome<T extends Accepts>(
    operation: Operation<T>,
    options?: ExecuteOptions,
  ): Promise<Outcome<T | Alternative>>;
  /** Returns a function with the parameters and the `this` of `fn` that runs it under this policy. */
  wrap<This, Args extends unknown[], T extends Accepts>(
    fn: (this: This, ...args: Args) => T | PromiseLike<T>,
  ): (this: This, ...args: Args) => Promise<T | Alternative>;
  /** Tells the layers and their options, for tests, logs and dashboards. */
  describe(): PolicyDescription;
}

type TypesOf<P> = P extends { readonly types?: infer T | undefined } ? NonNullable<T> : never;
type AcceptsFunction<P> = P extends unknown
  ? TypesOf<P> extends { readonly accepts: infer F }
    ? F
    : never
  : never;

type AlternativeFunction<P> = P extends unknown
  ? TypesOf<P> extends { readonly alternative: infer F }
    ? F
    : never
  : never;

/** What any of the policies `P` may answer in place of the operation's own value. */
export type AlternativeOf<P> = [AlternativeFunction<P>] extends [never]
  ? never
  : AlternativeFunction<P> extends () => infer A
    ? A
    : never;

/** The results that all of the policies `P` understand. */
export type AcceptsOf<P> = [AcceptsFunction<P>] extends [(value: infer V) => void] ? V : never;

/** Policy by policy: in a union with the `unknown` of a policy without events all would be lost. */
type EventsOfOne<P> = TypesOf<P> extends { readonly events: () => infer E } ? E : never;
type EventNames<P> = P extends unknown ? keyof EventsOfOne<P> : never;
type EventNamed<P, Name extends PropertyKey> = P extends unknown
  ? EventsOfOne<P> extends { readonly [N in Name]: infer E }
    ? E
    : never
  : never;

/** The events of all of the policies `P`, by name; where two have one of the same name, either. */
export type EventsOf<P> = { readonly [Name in EventNames<P>]: EventNamed<P, Name> };
