import { AsyncResource } from 'node:async_hooks';
import { admitted, type EnterVerdict, parked, refused, taken } from '../layer.ts';
import type { ExecuteOptions, Operation } from '../policy.ts';
import { unwatch, watch } from './caller-signal.ts';
import type { Plan } from './plan.ts';
import { active, RunAnswer, waiting } from './run-answer.ts';

/**
 * One attempt of one call: the operation's context, the tickets of all layers and the state machine
 * at once. A further attempt, and what goes on after somebody stopped waiting, get a record of
 * their own, to which the tickets of the outer layers move.
 *
 * Two things end a record's part in a call: a *cut* (somebody stops waiting for it) and the *end* (its
 * work has settled). After a cut at layer `k`, a record keeps the layers inside `k` until the end.
 */
export class Run extends RunAnswer {
  declare private isEntering: boolean;
  declare private cutReason: unknown;
  declare private wake: (() => void) | undefined;
  /** The async context of the caller, where a timer may have to come back to it. */
  declare private scope: AsyncResource | undefined;

  constructor(
    plan: Plan,
    operation: Operation<unknown>,
    options: ExecuteOptions | undefined,
    asOutcome: boolean,
  ) {
    super(plan, operation, options, asOutcome);
    this.isEntering = true;
    this.cutReason = undefined;
    this.wake = undefined;
    this.scope = undefined;
  }

  /** Remembers the async context of the caller. */
  keepContext(): void {
    this.scope = new AsyncResource('holdfast');
  }

  /** Ends a call before it begins. */
  refuse(error: unknown): void {
    this.isOver = true;
    this.answer(false, error);
  }

  // --- Inwards ------------------------------------------------------------------------------------

  /** Enters the layers from `from` on and calls the operation; the answer goes out by itself. */
  goInwards(from: number): void {
    if (this.enterLayers(from)) this.invoke();
    else if (this.isOver && this.successor === undefined) this.deliver();
  }

  /** Enters the layers from `from` on. False when the operation is not to be called now. */
  enterLayers(from: number): boolean {
    const { layers } = this.plan;
    for (let at = from; at < layers.length; at++) {
      const verdict = (layers[at] as (typeof layers)[0]).enter(this, at);
      if (verdict !== admitted) {
        this.stopAt(at, verdict);
        return false;
      }
    }
    this.at = layers.length;
    this.isEntering = false;
    if (!this.isCut) return true;
    this.phase = waiting;
    this.cutNow();
    return false;
  }

  private stopAt(at: number, verdict: EnterVerdict): void {
    this.isEntering = false;
    if (verdict === refused) {
      const { isCut } = this;
      this.isCut = false;
      this.unwind(at - 1, isCut ? false : this.ok, isCut ? this.cutReason : this.value);
      return;
    }
    if (verdict === parked) this.park(at);
    else {
      this.at = at;
      this.phase = waiting;
      this.isTaken = verdict === taken;
    }
    if (this.isCut) this.cutNow();
  }

  /** Makes good a cut that came from a listener while the layers were being entered. */
  private cutNow(): void {
    this.isCut = false;
    this.cut(this.cutAt, this.cutReason);
  }

  private park(at: number): void {
    this.at = at;
    this.phase = waiting;
    // A reaction runs in the async context in which it was made: the caller's.
    void new Promise<void>((wake) => {
      this.wake = wake;
    }).then(() => this.woken());
    this.watchWhileWaiting();
  }

  /** Lets a parked call go on, in the async context in which it was parked. */
  resume(): void {
    this.wake?.();
  }

  private woken(): void {
    const { at } = this;
    if (!this.isHeldAt(at)) return;
    const verdict = this.plan.layers[at]?.woken?.(this, at);
    if (!this.plan.watches) this.stopWatching();
    if (verdict === refused) {
      this.leave(at - 1, this.ok, this.value);
      return;
    }
    this.phase = active;
    this.isEntering = true;
    this.enteredAt = Number.NaN;
    this.goInwards(at + 1);
  }

  /** Calls the operation; its answer goes out by itself. */
  private invoke(): void {
    let result: unknown;
    try {
      result = this.call();
    } catch (error) {
      this.finish(false, error);
      return;
    }
    if (!isThenable(result)) {
      this.finish(true, result);
      return;
    }
    Promise.resolve(result).then(
      (value) => this.finish(true, value),
      (error) => this.finish(false, error),
    );
  }

  // --- Further attempts and branches ---------------------------------------------------------------

  /**
   * Starts a further attempt of the inside of layer `at`: a new record, parked there until
   * {@link Run.resume}. The layer answers `held`.
   */
  again(at: number): Run {
    const next = this.fork(at);
    this.isOver = true;
    next.attempt = this.attempt + 1;
    next.park(at);
    return next;
  }

  /** Makes a record that runs the inside of layer `at` alone; the layer hears `branchEnded`. */
  branch(at: number, ticket: unknown): Run {
    const branch = new Run(this.plan, this.operation, this.options, false);
    branch.attempt = this.attempt;
    branch.deadline = branch.firstDeadline = this.deadline;
    branch.floor = at + 1;
    branch.tickets[at] = ticket;
    branch.scope = this.scope;
    this.own(branch);
    return branch;
  }

  /** Starts a branch. */
  begin(): void {
    this.goInwards(this.floor);
  }

  /** Nobody wants this branch any more; `late` hears of its end. */
  drop(reason: unknown): void {
    const latest = this.latest() as Run;
    if (!latest.isOver && !latest.isCut) latest.detach(latest.floor - 1, reason);
  }

  /** Aborts the signal of a branch whose layer goes on waiting for it. */
  abortBranch(reason: unknown): void {
    const latest = this.latest() as Run;
    latest.abortSignal(latest.floor - 1, reason);
  }

  /** Makes the record that goes on in place of this one, for layer `at` and all outside it. */
  private fork(at: number): Run {
    const next = new Run(this.plan, this.operation, this.options, this.asOutcome);
    next.attempt = this.attempt;
    next.deadline = next.firstDeadline = this.firstDeadline;
    next.floor = this.floor;
    next.resolve = this.resolve;
    next.reject = this.reject;
    next.scope = this.scope;
    next.isEntering = false;
    this.successor = next;
    this.passWorkTo(next);
    if (this.floor > 0) next.tickets[this.floor - 1] = this.tickets[this.floor - 1];
    for (let i = this.floor; i <= at; i++) {
      next.tickets[i] = this.tickets[i];
      this.plan.layers[i]?.moved?.(next, i);
    }
    const signal = this.options?.signal;
    if (signal !== undefined && this.isWatching()) {
      unwatch(signal, this);
      watch(signal, next);
    }
    return next;
  }

  // --- Cuts ---------------------------------------------------------------------------------------

  /** Layer `at` (-1: the caller) stops waiting, and the answer to the outside is `reason`. */
  cut(at: number, reason: unknown): void {
    if (this.isOver || this.isCut) return;
    if (this.isEntering) {
      this.isCut = true;
      this.cutAt = at;
      this.cutReason = reason;
      return;
    }
    const outer = this.fork(at);
    this.detach(at, reason);
    if (this.scope === undefined) outer.leave(at, false, reason);
    else this.scope.runInAsyncScope(outer.leave, outer, at, false, reason);
  }

  /** Aborts the operation's signal and ends a wait, but does not stop waiting for the operation. */
  abortSignal(at: number, reason: unknown): void {
    if (this.isEntering || (this.phase === waiting && !this.isTaken)) this.cut(at, reason);
    else if (!this.isOver) this.abortInside(reason);
  }

  callerAborted(signal: AbortSignal): void {
    if (this.plan.detaches) this.cut(this.floor - 1, signal.reason);
    else this.abortSignal(this.floor - 1, signal.reason);
  }

  /** Leaves this record alone with the layers inside `at`, for which nobody waits any more. */
  private detach(at: number, reason: unknown): void {
    const { layers } = this.plan;
    const wasWaiting = this.phase === waiting;
    const innermost = wasWaiting ? this.at - 1 : layers.length - 1;
    if (wasWaiting) layers[this.at]?.unpark?.(this, this.at, reason);
    this.isTaken = false;
    this.isCut = true;
    this.cutAt = at;
    for (let i = innermost; i > at; i--) layers[i]?.cut?.(this, i, reason);
    this.floor = at + 1;
    this.abortInside(reason);
    if (!wasWaiting) return;
    for (let i = innermost; i > at; i--) layers[i]?.failure(this, i, reason);
    this.isOver = true;
    this.closeIfIdle();
  }

  private abortInside(reason: unknown): void {
    this.abortOwnSignal(reason);
    if (this.isTaken) this.plan.layers[this.at]?.abort?.(this, this.at, reason);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
