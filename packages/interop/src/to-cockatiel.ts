import {
  type ExecutionContext,
  invalidOption,
  isPolicyError,
  type Policy,
  systemClock,
} from '@holdfast/policy';
import { GuardedEmitter } from './cockatiel/guarded-emitter.ts';

/** What a function under {@link toCockatiel} is called with. */
export interface CockatielContext {
  /** Aborted when the caller gives up, or a timeout strikes. */
  signal: AbortSignal;
  /** How many attempts there were before, where the policy makes attempts: 0 for the first. */
  attempt?: number;
}

/** Subscribes a listener; `dispose` of what it returns ends that. */
export type CockatielEvent<Data> = (listener: (data: Data) => void) => {
  /** Ends the subscription. */
  dispose(): void;
};

/** How a call was answered with a value. */
export interface CockatielSuccess {
  /** How long it took, in milliseconds. */
  duration: number;
}

/** How a call was answered with an error. */
export interface CockatielFailure {
  /** How long it took, in milliseconds. */
  duration: number;
  /** Whether a policy made the error; false for one of the function. */
  handled: boolean;
  /** The error. */
  reason: {
    /** The error that came out. */
    error: unknown;
  };
}

/** A policy of ours with the surface of cockatiel's `IPolicy`; made by {@link toCockatiel}. */
export interface AsCockatiel<out AltReturn = never> {
  /** Carries a type; never set. */
  readonly _altReturn: AltReturn;
  /** Tells each call that was answered with a value. */
  readonly onSuccess: CockatielEvent<CockatielSuccess>;
  /** Tells each call that was answered with an error. */
  readonly onFailure: CockatielEvent<CockatielFailure>;
  /** Runs a function under the policy. */
  execute<T>(
    fn: (context: CockatielContext) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T | AltReturn>;
}

/** The context is spread by `wrap` of cockatiel: it has to be a plain object. */
function contextOf({ signal, attempt }: ExecutionContext, retries: boolean): CockatielContext {
  return retries ? { signal, attempt: attempt - 1 } : { signal };
}

/**
 * Gives a policy of ours the surface of cockatiel's `IPolicy`: for its `wrap` and `usePolicy`, and for
 * code that takes one. What comes out is as from the policy itself, abort and errors included.
 *
 * `onSuccess` and `onFailure` tell how each call was answered.
 *
 * @throws `TypeError` when `policy` is not a policy.
 *
 * @example
 * ```ts
 * const limited = toCockatiel(rateLimiter({ limit: 100, perMs: 1_000 }));
 *
 * const policy = wrap(limited, cockatielBreaker);
 * ```
 */
export function toCockatiel<Alternative>(policy: Policy<Alternative>): AsCockatiel<Alternative> {
  if (typeof policy?.execute !== 'function' || !Array.isArray(policy.layers)) {
    throw invalidOption('policy', 'a policy of Holdfast', policy, TypeError);
  }
  const retries = policy.layers.some(({ kind }) => kind === 'retry');
  const successes = new GuardedEmitter<CockatielSuccess>('onSuccess');
  const failures = new GuardedEmitter<CockatielFailure>('onFailure');
  const surface: Omit<AsCockatiel<Alternative>, '_altReturn'> = {
    onSuccess: successes.addListener,
    onFailure: failures.addListener,
    async execute(fn, signal) {
      const startedAt = systemClock.now();
      const outcome = await policy.outcome(
        (context) => fn(contextOf(context, retries)),
        signal && { signal },
      );
      const duration = systemClock.now() - startedAt;
      if (outcome.ok) {
        successes.emit({ duration });
        return outcome.value;
      }
      const { error } = outcome;
      failures.emit({ duration, handled: isPolicyError(error), reason: { error } });
      throw error;
    },
  };
  // `_altReturn` is never there: it only carries a type.
  return surface as AsCockatiel<Alternative>;
}
