import { type Clock, recentTime } from '../clock.ts';
import type { ContextEntry, ContextKey } from '../context-key.ts';
import { propertyOf } from '../context-key.ts';
import type { ExecuteOptions, ExecutionContext, Operation } from '../policy.ts';
import type { RetryBudget } from '../retry-budget.ts';
import type { Plan } from './plan.ts';

/** The half of a record that the operation sees: its {@link ExecutionContext}. */
export abstract class RunContext implements ExecutionContext {
  declare readonly plan: Plan;
  declare readonly operation: Operation<unknown>;
  declare readonly options: ExecuteOptions | undefined;
  declare attempt: number;
  declare deadline: number | undefined;
  /** The deadline with which the call, or the branch, came in. */
  declare protected firstDeadline: number | undefined;
  /** The operation of this record has been called. */
  declare started: boolean;
  /** The operation's signal is aborted, or would be if somebody had read it. */
  declare signalAborted: boolean;
  declare private signalReason: unknown;
  declare private controller: AbortController | undefined;
  /** The time at which the layers are being entered; NaN until one of them asks. */
  declare protected enteredAt: number;

  constructor(plan: Plan, operation: Operation<unknown>, options: ExecuteOptions | undefined) {
    this.plan = plan;
    this.operation = operation;
    this.options = options;
    this.attempt = 1;
    this.deadline = this.firstDeadline = options === undefined ? undefined : options.deadline;
    this.started = false;
    this.signalAborted = false;
    this.signalReason = undefined;
    this.controller = undefined;
    this.enteredAt = Number.NaN;
  }

  get signal(): AbortSignal {
    if (this.controller !== undefined) return this.controller.signal;
    const callers = this.options?.signal;
    if (callers !== undefined && !this.plan.watches) return callers;
    const controller = new AbortController();
    this.controller = controller;
    if (this.signalAborted) controller.abort(this.signalReason);
    return controller.signal;
  }

  get retryBudget(): RetryBudget | undefined {
    return this.options?.retryBudget;
  }

  get properties(): readonly ContextEntry[] | undefined {
    return this.options?.properties;
  }

  get<T>(key: ContextKey<T>): T | undefined {
    return propertyOf(this.options?.properties, key);
  }

  abstract waitUntil(work: PromiseLike<unknown>): void;

  /** Whether the caller has given up. */
  get callerGaveUp(): boolean {
    return this.options?.signal?.aborted === true;
  }

  /** The time of this pass through the layers: one reading for all of them. */
  time(clock: Clock): number {
    if (clock !== this.plan.clock) return clock.now();
    if (Number.isNaN(this.enteredAt)) this.enteredAt = clock.now();
    return this.enteredAt;
  }

  /** The time for bookkeeping at the end of a call; see {@link recentTime}. */
  endTime(clock: Clock): number {
    return recentTime(clock);
  }

  /** Aborts the operation's signal without ceasing to wait. */
  protected abortOwnSignal(reason: unknown): void {
    if (this.signalAborted) return;
    this.signalAborted = true;
    this.signalReason = reason;
    this.controller?.abort(reason);
  }
}
