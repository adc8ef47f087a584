import type { Event } from './event.ts';

/** Why a call failed: an error, or a value that the policy handles as a failure. */
export type FailureReason<ReturnType> =
  | {
      /** What was thrown. */
      error: unknown;
    }
  | {
      /** What was returned. */
      value: ReturnType;
    };

/** What `onFailure` tells. */
export interface IFailureEvent {
  /** How long the call took, in milliseconds. */
  duration: number;
  /** Whether the policy handles this failure. */
  handled: boolean;
  /** The error or the value. */
  reason: FailureReason<unknown>;
}

/** What `onSuccess` tells. */
export interface ISuccessEvent {
  /** How long the call took, in milliseconds. */
  duration: number;
}

/** What every function is called with. */
export interface IDefaultPolicyContext {
  /** Aborted when the caller gives up, or a timeout strikes. */
  signal: AbortSignal;
}

/** What all policies can do. */
export interface IPolicy<
  ContextType extends IDefaultPolicyContext = IDefaultPolicyContext,
  AltReturn = never,
> {
  /**
   * Carries a type; never set.
   *
   * @deprecated It does not exist.
   */
  readonly _altReturn: AltReturn;
  /** Tells each call of the function that succeeded. */
  readonly onSuccess: Event<ISuccessEvent>;
  /** Tells each call of the function that failed. */
  readonly onFailure: Event<IFailureEvent>;
  /** Runs a function under the policy. */
  execute<T>(
    fn: (context: ContextType) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T | AltReturn>;
}

/** A policy of any context. */
type AnyIPolicy = IPolicy<IDefaultPolicyContext, unknown>;

/** Several policies as one; see `wrap`. */
export interface IMergedPolicy<A extends IDefaultPolicyContext, B, W extends AnyIPolicy[]>
  extends IPolicy<A, B> {
  /** The policies, outermost first. */
  readonly wrapped: W;
}

/** Two policies as one: its function gets the contexts of both. */
export type MergePolicies<A, B> =
  A extends IPolicy<infer A1, unknown>
    ? B extends IPolicy<infer B1, unknown>
      ? IMergedPolicy<
          A1 & B1,
          A['_altReturn'] | B['_altReturn'],
          A extends AnyIPolicy ? Wrapped<A, B> : never
        >
      : never
    : never;

/** The policies that `B` is made of, after `A`. */
type Wrapped<A extends AnyIPolicy, B> = B extends { readonly wrapped: infer W extends AnyIPolicy[] }
  ? [A, ...W]
  : B extends AnyIPolicy
    ? [A, B]
    : never;
