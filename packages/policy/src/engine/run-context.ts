import { type Clock, recentTime } from '../clock.ts';
import { type ContextEntry, type ContextKey, propertyOf } from '../context-key.ts';
import type { ExecutionContext } from '../policy.ts';
import type { RetryBudget } from '../retry-budget.ts';
import { listenTo } from './caller-signal.ts';
import { leaving, over, RunRecord, waiting, working } from './run-record.ts';
import { notAborted } from './run-signals.ts';

/** The last reading of a clock while layers were being entered: all layers of one pass share it. */
let passRecord: RunContext | undefined;
let passTime = 0;

/** The side of a record that the operation sees: its {@link ExecutionContext}. */
export abstract class RunContext extends RunRecord implements ExecutionContext {
  get signal(): AbortSignal {
    const { signals } = this;
    if (signals?.controller !== undefined) return signals.controller.signal;
    const callers = this.options?.signal;
    if (callers !== undefined && !this.plan.watches) return callers;
    const controller = new AbortController();
    this.ownSignals().controller = controller;
    if (this.abortReason !== notAborted) controller.abort(this.abortReason);
    else if (callers?.aborted) controller.abort(callers.reason);
    else if (callers !== undefined) listenTo(callers);
    return controller.signal;
  }

  get deadline(): number | undefined {
    const { plan, options } = this;
    if (plan.deadlineLayers.length === 0) return options?.deadline;
    return this.deadlineOutside(plan.size);
  }

  /** The tightest of the caller's deadline and those of the timeouts outside layer `at`. */
  deadlineOutside(at: number): number | undefined {
    let tightest = this.options?.deadline;
    for (const outer of this.plan.deadlineLayers) {
      if (outer >= at) break;
      const due = this.plan.layers[outer]?.deadlineOf?.(this.tickets[outer]);
      if (due !== undefined && (tightest === undefined || due < tightest)) tightest = due;
    }
    return tightest;
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

  waitUntil(work: PromiseLike<unknown>): void {
    if (this.phase === over || this.phase === leaving || this.phase === waiting) {
      throw new TypeError('waitUntil must be called before the operation has settled.');
    }
    this.keepOpen(work);
  }

  /** Counts `work` among what is at work: for a layer that has called the user's code itself. */
  keepOpen(work: PromiseLike<unknown>): void {
    this.more().openWork++;
    const close = (): void => this.closeWork();
    Promise.resolve(work).then(close, close);
  }

  /** Whether the operation, or anything else under this record, is at work: its places are held. */
  get isAtWork(): boolean {
    return this.phase === working || this.openWork > 0;
  }

  /** Whether the caller has given up. */
  get callerGaveUp(): boolean {
    return this.options?.signal?.aborted === true;
  }

  /** The time of this pass through the layers: one reading for all of them. */
  time(clock: Clock): number {
    if (passRecord === this && clock === this.plan.clock) return passTime;
    const now = clock.now();
    if (clock === this.plan.clock) {
      passRecord = this;
      passTime = now;
    }
    return now;
  }

  /** The time for bookkeeping at the end of a call; see {@link recentTime}. */
  endTime(clock: Clock): number {
    return recentTime(clock);
  }

  /** The layers have been entered, or will be anew: the next reading is a fresh one. */
  protected endPass(): void {
    passRecord = undefined;
  }

  /** Aborts the operation's signal without ceasing to wait. */
  protected abortOwnSignal(reason: unknown): void {
    const signals = this.ownSignals();
    if (signals.abortReason !== notAborted) return;
    signals.abortReason = reason;
    signals.controller?.abort(reason);
  }

  /** A piece of work that had outlived the operation has ended. */
  protected abstract closeWork(): void;
}
