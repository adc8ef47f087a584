import { fallback } from '@holdfast/fallback';
import type { Policy as HoldfastPolicy } from '@holdfast/policy';
import type { Event } from './event.ts';
import { type Executor, FailedCall, refuseAborted } from './executor.ts';
import type { IDefaultPolicyContext, IFailureEvent, IPolicy, ISuccessEvent } from './i-policy.ts';

/** A policy that answers with an alternative, made of Holdfast's `fallback`. */
export class FallbackPolicy<AltReturn> implements IPolicy<IDefaultPolicyContext, AltReturn> {
  /** Never set. */
  declare readonly _altReturn: AltReturn;
  private readonly executor: Executor;
  private readonly policy: HoldfastPolicy<AltReturn>;

  constructor(executor: Executor, value: () => AltReturn | PromiseLike<AltReturn>) {
    this.executor = executor;
    this.policy = fallback({
      name: 'cockatiel',
      when: (outcome) =>
        !outcome.ok && outcome.error instanceof FailedCall && outcome.error.handled,
      use: () => value(),
    });
  }

  /** Tells each call that succeeded. */
  get onSuccess(): Event<ISuccessEvent> {
    return this.executor.onSuccess;
  }

  /** Tells each call that failed, also when there is an alternative. */
  get onFailure(): Event<IFailureEvent> {
    return this.executor.onFailure;
  }

  /** Calls the function; a failure that is handled is answered with the alternative. */
  async execute<T>(
    fn: (context: IDefaultPolicyContext) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T | AltReturn> {
    refuseAborted(signal);
    try {
      // The policy does not hear of the signal: it would let the error of a caller who gave up through.
      return await this.policy.execute((context) => {
        const own = signal ?? context.signal;
        return this.executor.invoke(() => fn({ signal: own }));
      });
    } catch (error) {
      if (error instanceof FailedCall) return error.answer() as T;
      throw error;
    }
  }
}
