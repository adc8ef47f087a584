import { noop as plain } from '@holdfast/policy';
import type { Event } from './event.ts';
import { ExecuteWrapper, FailedCall, optionsOf, refuseAborted } from './executor.ts';
import type { IDefaultPolicyContext, IFailureEvent, IPolicy, ISuccessEvent } from './i-policy.ts';

/** A policy that does nothing but tell its events, made of Holdfast's `noop`. */
export class NoopPolicy implements IPolicy {
  /** Never set. */
  declare readonly _altReturn: never;
  /** Tells each call that succeeded. */
  readonly onSuccess: Event<ISuccessEvent>;
  /** Tells each call that failed. */
  readonly onFailure: Event<IFailureEvent>;
  private readonly executor = new ExecuteWrapper();

  constructor() {
    this.onSuccess = this.executor.onSuccess;
    this.onFailure = this.executor.onFailure;
  }

  /** Calls the function. */
  async execute<T>(
    fn: (context: IDefaultPolicyContext) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T> {
    refuseAborted(signal);
    try {
      return await plain.execute((context) => {
        const own = signal ?? context.signal;
        return this.executor.invoke(() => fn({ signal: own }));
      }, optionsOf(signal));
    } catch (error) {
      if (error instanceof FailedCall) return error.answer() as T;
      throw error;
    }
  }
}

/** A policy that does nothing. */
export const noop: NoopPolicy = /* @__PURE__ */ new NoopPolicy();
