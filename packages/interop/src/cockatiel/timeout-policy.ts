import { AsyncLocalStorage } from 'node:async_hooks';
import { invalidOption, type Policy as HoldfastPolicy } from '@holdfast/policy';
import { isTimeoutError, timeout } from '@holdfast/timeout';
import { cancelledBy, TaskCancelledError } from './errors.ts';
import type { Event } from './event.ts';
import { type Executor, ExecuteWrapper, FailedCall, optionsOf, refuseAborted } from './executor.ts';
import { GuardedEmitter } from './guarded-emitter.ts';
import type { IFailureEvent, IPolicy, ISuccessEvent } from './i-policy.ts';
import { ReturnSignal } from './return-signal.ts';
import { TimeoutStrategy } from './timeout-strategy.ts';
import { timeoutClock } from './timers.ts';

/** What a function under a timeout is called with. */
export interface ICancellationContext {
  /** Aborted when the time is over or the caller gives up, and when the call has ended. */
  signal: AbortSignal;
}

/** How a timeout is to behave. */
export interface ITimeoutOptions {
  /** How a timeout ends a call. */
  strategy: TimeoutStrategy;
  /**
   * Whether the signal is aborted when the call has ended, whatever came of it.
   *
   * @default true
   */
  abortOnReturn?: boolean;
}

type CancellableFunction<T> = (
  context: ICancellationContext,
  signal: AbortSignal,
) => PromiseLike<T> | T;

/** A policy that bounds the time of a call, made of Holdfast's `timeout`. */
export class TimeoutPolicy implements IPolicy<ICancellationContext> {
  /** Never set. */
  declare readonly _altReturn: never;
  /** Tells that the time of a call is over. */
  readonly onTimeout: Event<void>;
  private readonly timeouts = new GuardedEmitter<void>('onTimeout');
  private readonly duration: number;
  private readonly options: ITimeoutOptions;
  private readonly executor: Executor;
  private readonly policy: HoldfastPolicy;

  /**
   * @throws `RangeError` when `duration` is not a number of milliseconds from 0 up.
   */
  constructor(
    duration: number,
    options: ITimeoutOptions,
    executor: Executor = new ExecuteWrapper(),
    unref = false,
  ) {
    if (!(duration >= 0)) {
      throw invalidOption('duration', 'a number of milliseconds from 0 up', duration, RangeError);
    }
    this.duration = duration;
    this.options = { ...options };
    this.executor = executor;
    const isCooperative = options.strategy === TimeoutStrategy.Cooperative;
    this.policy = timeout({
      name: 'cockatiel',
      // As `setTimeout` has it, no time at all is a millisecond; but no time is too long.
      afterMs: duration === Infinity ? () => undefined : Math.max(1, duration),
      mode: isCooperative ? 'cooperative' : 'aggressive',
      clock: timeoutClock(unref),
    });
    this.onTimeout = this.timeouts.addListener;
  }

  /** Tells each call that failed, be it that its time was over. */
  get onFailure(): Event<IFailureEvent> {
    return this.executor.onFailure;
  }

  /** Tells each call that succeeded. */
  get onSuccess(): Event<ISuccessEvent> {
    return this.executor.onSuccess;
  }

  /** The same policy, without its listeners of `onTimeout`; its timers let the process end. */
  dangerouslyUnref(): TimeoutPolicy {
    return new TimeoutPolicy(this.duration, this.options, this.executor, true);
  }

  /**
   * Calls the function. When the time is over its signal is aborted and, unless the timeout is
   * cooperative, the call rejects at once; so it does when the caller gives up.
   *
   * @throws {@link TaskCancelledError} when the time is over, or the caller gave up.
   */
  async execute<T>(fn: CancellableFunction<T>, signal?: AbortSignal): Promise<T> {
    refuseAborted(signal);
    const own = this.options.abortOnReturn === false ? undefined : new ReturnSignal();
    try {
      return await this.executor.invoke(() => this.run(fn, signal, own), {});
    } catch (error) {
      if (error instanceof FailedCall) return error.answer() as T;
      throw error;
    } finally {
      own?.end();
    }
  }

  private async run<T>(
    fn: CancellableFunction<T>,
    signal: AbortSignal | undefined,
    own: ReturnSignal | undefined,
  ): Promise<T> {
    let given: AbortSignal | undefined;
    let failure: { readonly error: unknown } | undefined;
    try {
      return await this.policy.execute(async (context) => {
        given = this.signalFor(context.signal, signal, own);
        try {
          return await fn({ signal: given }, given);
        } catch (error) {
          failure = { error };
          throw error;
        }
      }, optionsOf(signal));
    } catch (error) {
      const waits = this.options.strategy === TimeoutStrategy.Cooperative || !given?.aborted;
      // What a function makes of its signal is its own affair, as long as somebody waits for it.
      if (waits && failure !== undefined) throw failure.error;
      throw this.cancellation(error, signal);
    }
  }

  /**
   * Returns the signal for the function. A timer is shared by many calls, so the listeners of `onTimeout`
   * and then those of that signal are put into the async context of this one.
   */
  private signalFor(
    inner: AbortSignal,
    outer: AbortSignal | undefined,
    own: ReturnSignal | undefined,
  ): AbortSignal {
    const inOwnContext = AsyncLocalStorage.snapshot();
    const struck = (): void => {
      this.timeouts.emit();
      own?.abort(inner.reason);
    };
    const aborted = (): void => {
      if (outer?.aborted) own?.abort(inner.reason);
      else inOwnContext(struck);
    };
    inner.addEventListener('abort', aborted, { once: true });
    return own?.signal ?? inner;
  }

  /** Says in the words of cockatiel why the policy stopped waiting. */
  private cancellation(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return cancelledBy(signal);
    if (!isTimeoutError(error)) return error;
    return new TaskCancelledError(`Operation timed out after ${this.duration}ms`);
  }
}
