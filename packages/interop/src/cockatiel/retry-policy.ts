import { invalidOption } from '@holdfast/policy';
import { type BackoffContext, type Retry, retry } from '@holdfast/retry';
import type { IBackoff, IBackoffFactory } from './backoff/backoff.ts';
import { ConstantBackoff } from './backoff/constant-backoff.ts';
import { cancelledBy } from './errors.ts';
import type { Event } from './event.ts';
import { type Executor, FailedCall, isReasonOf, optionsOf, refuseAborted } from './executor.ts';
import { GuardedEmitter } from './guarded-emitter.ts';
import type {
  FailureReason,
  IDefaultPolicyContext,
  IFailureEvent,
  IPolicy,
  ISuccessEvent,
} from './i-policy.ts';
import { retryClock, soon } from './timers.ts';

/** What a function under a retry is called with. */
export interface IRetryContext extends IDefaultPolicyContext {
  /** How many attempts there were before: 0 for the first; to a back-off it tells the coming one. */
  attempt: number;
}

/** What the back-off of a retry is asked with. */
export interface IRetryBackoffContext<R> extends IRetryContext {
  /** How the latest attempt ended. */
  result: FailureReason<R>;
}

/** What a {@link RetryPolicy} is made from. */
export interface IRetryPolicyConfig {
  /** How long to wait between two attempts. */
  backoff: IBackoffFactory<IRetryBackoffContext<unknown>>;
  /** How many attempts follow the first one at most. */
  maxAttempts: number;
  /**
   * Whether a back-off lets the process end.
   *
   * @default false
   */
  unref?: boolean;
}

/** What `onRetry` tells. */
export type RetryEvent = FailureReason<unknown> & {
  /** How long the back-off is, in milliseconds. */
  delay: number;
  /** The number of the coming attempt among the retries, counted from 1. */
  attempt: number;
};

/** What is remembered of one call. */
interface RetryCall {
  attempts: number;
  delay: IBackoff<IRetryBackoffContext<unknown>> | undefined;
  /** How the latest attempt that has ended failed. */
  last: FailedCall | undefined;
}

/** A policy that makes further attempts, made of Holdfast's `retry`. */
export class RetryPolicy implements IPolicy<IRetryContext> {
  /** Never set. */
  declare readonly _altReturn: never;
  /** Tells that a further attempt follows, before the back-off. */
  readonly onRetry: Event<RetryEvent>;
  /** Tells that no attempt follows although the last one failed. */
  readonly onGiveUp: Event<FailureReason<unknown>>;
  private readonly retries = new GuardedEmitter<RetryEvent>('onRetry');
  private readonly endings = new GuardedEmitter<FailureReason<unknown>>('onGiveUp');
  private readonly options: Readonly<IRetryPolicyConfig>;
  private readonly executor: Executor;
  private readonly policy: Retry;
  private isHearing = false;

  /** @throws `RangeError` when `maxAttempts` is NaN. */
  constructor(options: Readonly<IRetryPolicyConfig>, executor: Executor) {
    const { maxAttempts } = options;
    if (Number.isNaN(maxAttempts)) {
      throw invalidOption('maxAttempts', 'a number', maxAttempts, RangeError);
    }
    this.options = { ...options };
    this.executor = executor;
    this.onRetry = (listener) => {
      this.hearRetries();
      return this.retries.addListener(listener);
    };
    this.onGiveUp = this.endings.addListener;
    const factory = options.backoff ?? new ConstantBackoff(0);
    this.policy = retry({
      name: 'cockatiel',
      maxAttempts: Math.max(0, Math.ceil(maxAttempts) || 0) + 1,
      shouldRetry: (outcome) => failedCall(outcome)?.handled === true,
      backoff: Object.assign((context: BackoffContext) => delayOf(context, factory), {
        // A back-off with a description needs no time of entry.
        description: { kind: 'cockatiel' },
      }),
      clock: retryClock(options.unref === true),
    });
  }

  /** A policy without listeners makes no events: it is heard from the first listener on. */
  private hearRetries(): void {
    if (this.isHearing) return;
    this.isHearing = true;
    this.policy.on('retried', ({ outcome, attempt }) => {
      const failed = failedCall(outcome) as FailedCall;
      const delay = (failed.call.memory as RetryCall).delay?.duration ?? 0;
      this.retries.emit({ ...failed.reason, delay, attempt });
    });
  }

  /** Tells each attempt that succeeded. */
  get onSuccess(): Event<ISuccessEvent> {
    return this.executor.onSuccess;
  }

  /** Tells each attempt that failed. */
  get onFailure(): Event<IFailureEvent> {
    return this.executor.onFailure;
  }

  /** The same policy, but without listeners, and its back-offs let the process end. */
  dangerouslyUnref(): RetryPolicy {
    return new RetryPolicy({ ...this.options, unref: true }, this.executor.clone());
  }

  /**
   * Calls the function until it succeeds, fails in a way that is not handled, or there are no attempts
   * left. A caller that gives up during a back-off gets the last error, or value, at once.
   *
   * @throws The last error; {@link TaskCancelledError} if the signal is aborted already.
   */
  async execute<T>(
    fn: (context: IRetryContext) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T> {
    refuseAborted(signal);
    const call: RetryCall = { attempts: 0, delay: undefined, last: undefined };
    try {
      return await this.policy.execute(
        (context) => this.attempt(call, fn, signal ?? context.signal),
        optionsOf(signal),
      );
    } catch (error) {
      const failed = isReasonOf(signal, error) ? call.last : error;
      if (!(failed instanceof FailedCall)) throw failed ?? cancelledBy(signal as AbortSignal);
      if (failed.handled) this.endings.emit(failed.reason);
      return failed.answer() as T;
    }
  }

  private async attempt<T>(
    call: RetryCall,
    fn: (context: IRetryContext) => PromiseLike<T> | T,
    signal: AbortSignal,
  ): Promise<T> {
    const attempt = call.attempts++;
    try {
      return await this.executor.invoke(() => fn({ attempt, signal }), { signal, memory: call });
    } catch (error) {
      if (error instanceof FailedCall) call.last = error;
      throw error;
    }
  }
}

function failedCall(outcome: {
  readonly ok: boolean;
  readonly error?: unknown;
}): FailedCall | undefined {
  return outcome.error instanceof FailedCall ? outcome.error : undefined;
}

/** Asks the chain of delays of the call. What it throws is what the call rejects with. */
function delayOf(
  { outcome, attempt }: BackoffContext,
  factory: IBackoffFactory<IRetryBackoffContext<unknown>>,
): number {
  const { reason, call: invocation } = failedCall(outcome) as FailedCall;
  const call = invocation.memory as RetryCall;
  const signal = invocation.signal as AbortSignal;
  call.delay = (call.delay ?? factory).next({ attempt, signal, result: reason });
  const { duration } = call.delay;
  // As `setTimeout` has it: without a delay, the event loop still gets its turn.
  return duration > 0 ? duration : soon;
}
