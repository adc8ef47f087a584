import { type ExecuteOptions, systemClock } from '@holdfast/policy';
import { cancelledBy } from './errors.ts';
import type { Event } from './event.ts';
import { GuardedEmitter } from './guarded-emitter.ts';
import type { FailureReason, IFailureEvent, ISuccessEvent } from './i-policy.ts';

/**
 * What a function that has failed rejects with on its way out through a policy of ours. Whatever else
 * comes out is an error that the policy itself has made; and both are there in the events of the policy.
 *
 * @internal
 */
export class FailedCall {
  /** The error or the value, as the events of cockatiel tell it. */
  readonly reason: FailureReason<unknown>;
  /** Whether the policy handles it. */
  readonly handled: boolean;
  /** Whose call it was. */
  readonly call: Invocation;

  constructor(failure: Omit<FailedCall, 'answer'>) {
    this.reason = failure.reason;
    this.handled = failure.handled;
    this.call = failure.call;
  }

  /** Returns the value, or throws the error. */
  answer(): unknown {
    if ('error' in this.reason) throw this.reason.error;
    return this.reason.value;
  }
}

/** What a policy remembers of a call of its function. */
export interface Invocation {
  /** The signal that the function got, where the policy has to know. */
  readonly signal?: AbortSignal;
  /** Whatever else there is. */
  readonly memory?: unknown;
}

type Filter = (value: unknown) => boolean;
const none: Filter = () => false;

/** Throws if the caller has given up already: then nothing is called. */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelledBy(signal);
}

/** Whether a policy of ours rejected because the caller gave up: not what a filter of the user threw. */
export function isReasonOf(signal: AbortSignal | undefined, error: unknown): signal is AbortSignal {
  return signal?.aborted === true && signal.reason === error;
}

/** What a policy of ours is to be told of the caller's signal. */
export function optionsOf(signal: AbortSignal | undefined): ExecuteOptions | undefined {
  return signal === undefined ? undefined : { signal };
}

/** Calls functions, judges by the filters of a policy how they ended, and tells it by events. */
export interface Executor {
  /** Tells each call that succeeded. */
  readonly onSuccess: Event<ISuccessEvent>;
  /** Tells each call that failed. */
  readonly onFailure: Event<IFailureEvent>;
  /** Another one with the same filters and without listeners. */
  clone(): Executor;
  /**
   * Calls the function. When it has failed, or returned a value that is handled, it rejects with a
   * record of that, for the policy alone.
   */
  invoke<R>(fn: () => PromiseLike<R> | R, call?: Invocation): Promise<R>;
}

export class ExecuteWrapper implements Executor {
  readonly onSuccess: Event<ISuccessEvent>;
  readonly onFailure: Event<IFailureEvent>;
  private readonly errorFilter: Filter;
  private readonly resultFilter: Filter;
  private readonly successes = new GuardedEmitter<ISuccessEvent>('onSuccess');
  private readonly failures = new GuardedEmitter<IFailureEvent>('onFailure');

  constructor(errorFilter: Filter = none, resultFilter: Filter = none) {
    this.errorFilter = errorFilter;
    this.resultFilter = resultFilter;
    this.onSuccess = this.successes.addListener;
    this.onFailure = this.failures.addListener;
  }

  clone(): ExecuteWrapper {
    return new ExecuteWrapper(this.errorFilter, this.resultFilter);
  }

  async invoke<R>(fn: () => PromiseLike<R> | R, call: Invocation = {}): Promise<R> {
    const isHeard = this.successes.size > 0 || this.failures.size > 0;
    const startedAt = isHeard ? systemClock.now() : 0;
    const fail = (reason: FailureReason<unknown>, handled: boolean): FailedCall => {
      if (isHeard) {
        const duration = systemClock.now() - startedAt;
        this.failures.emit({ duration, handled, reason });
      }
      return new FailedCall({ reason, handled, call });
    };
    let value: R;
    let isFailure: boolean;
    try {
      value = await fn();
      isFailure = this.resultFilter(value);
    } catch (error) {
      throw fail({ error }, this.errorFilter(error));
    }
    if (isFailure) throw fail({ value }, true);
    if (isHeard) this.successes.emit({ duration: systemClock.now() - startedAt });
    return value;
  }
}
