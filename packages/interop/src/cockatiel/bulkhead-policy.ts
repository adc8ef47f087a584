import { bulkhead, type Bulkhead, isBulkheadFullError } from '@holdfast/bulkhead';
import { count, positiveCount } from '@holdfast/policy';
import { BulkheadRejectedError, cancelledBy } from './errors.ts';
import type { Event } from './event.ts';
import { ExecuteWrapper, FailedCall, isReasonOf, optionsOf, refuseAborted } from './executor.ts';
import { GuardedEmitter } from './guarded-emitter.ts';
import type { IDefaultPolicyContext, IFailureEvent, IPolicy, ISuccessEvent } from './i-policy.ts';

/** A policy that bounds how many calls run at once, made of Holdfast's `bulkhead`. */
export class BulkheadPolicy implements IPolicy {
  /** Never set. */
  declare readonly _altReturn: never;
  /** Tells each call that succeeded. */
  readonly onSuccess: Event<ISuccessEvent>;
  /** Tells each call that failed; a call that was not let in has not. */
  readonly onFailure: Event<IFailureEvent>;
  /** Tells that a call was not let in. */
  readonly onReject: Event<void>;
  private readonly executor = new ExecuteWrapper();
  private readonly rejections = new GuardedEmitter<void>('onReject');
  private readonly policy: Bulkhead;

  /**
   * @throws `TypeError` or `RangeError` naming the number that cannot be used.
   */
  constructor(capacity: number, queueCapacity: number) {
    positiveCount('limit', capacity);
    count('queue', queueCapacity);
    this.policy = bulkhead({
      name: 'cockatiel',
      maxConcurrent: capacity,
      maxQueued: queueCapacity,
    });
    this.policy.on('rejected', () => this.rejections.emit());
    this.onSuccess = this.executor.onSuccess;
    this.onFailure = this.executor.onFailure;
    this.onReject = this.rejections.addListener;
  }

  /** How many more calls may run now. */
  get executionSlots(): number {
    return this.policy.maxConcurrent - this.policy.active;
  }

  /** How many more calls may wait now. */
  get queueSlots(): number {
    return this.policy.maxQueued - this.policy.queued;
  }

  /**
   * Calls the function, at once or when there is a place. A caller that gives up while it waits leaves
   * the queue at once.
   *
   * @throws {@link BulkheadRejectedError} when there is neither a place nor room in the queue;
   * {@link TaskCancelledError} when the caller gave up before the function was called.
   */
  async execute<T>(
    fn: (context: IDefaultPolicyContext) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<T> {
    refuseAborted(signal);
    try {
      return await this.policy.execute((context) => {
        const own = signal ?? context.signal;
        return this.executor.invoke(() => fn({ signal: own }));
      }, optionsOf(signal));
    } catch (error) {
      if (error instanceof FailedCall) return error.answer() as T;
      if (isBulkheadFullError(error))
        throw new BulkheadRejectedError(error.maxConcurrent, error.maxQueued);
      if (isReasonOf(signal, error)) throw cancelledBy(signal);
      throw error;
    }
  }
}
