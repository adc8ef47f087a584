import { AsyncResource } from 'node:async_hooks';
import { admitted, type EnterVerdict, expanded, parked, refused } from '../layer.ts';
import { unwatch, watch } from './caller-signal.ts';
import type { Expansion } from './expansion.ts';
import type { Run } from '../run.ts';
import { RunAnswer } from './run-answer.ts';
import {
  entering,
  leaving,
  notAborted,
  notCut,
  over,
  taken,
  waiting,
  working,
} from './run-record.ts';

/**
 * One attempt of one call: the operation's context, the tickets of all layers and the state machine
 * at once. A further attempt, and what goes on after somebody stopped waiting, get a record of
 * their own, to which the tickets of the outer layers move.
 *
 * Two things end a record's part in a call: a *cut* (somebody stops waiting for it) and the *end* (its
 * work has settled). After a cut at layer `k`, a record keeps the layers inside `k` until the end.
 */
export class Attempt extends RunAnswer implements Run {
  /** Remembers the async context of the caller. */
  keepContext(): void {
    this.more().scope = new AsyncResource('holdfast');
  }

  /** Ends a call before it begins. */
  refuse(error: unknown): void {
    this.phase = over;
    this.answer(false, error);
  }

  // --- Inwards ------------------------------------------------------------------------------------

  /** Enters the layers from `from` on and calls the operation; the answer goes out by itself. */
  goInwards(from: number): void {
    if (from === 0 ? this.enterAll() : this.enterLayers(from)) this.invoke();
    else if (this.phase === over && this.extras?.successor === undefined) this.deliver();
  }

  /** Enters all layers, as {@link Attempt.enterLayers} does. */
  enterAll(): boolean {
    if (this.options !== undefined) return this.enterLayers(0);
    const { layers, active } = this.plan;
    for (let i = 0; i < active.length; i++) {
      const at = active[i] as number;
      const verdict = (layers[at] as (typeof layers)[0]).enter(this, at);
      if (verdict !== admitted) {
        return this.stopAt(at, verdict);
      }
    }
    return this.hasEntered();
  }

  /** Enters the layers from `from` on. False when the operation is not to be called now. */
  enterLayers(from: number): boolean {
    const { layers } = this.plan;
    for (let at = from; at < layers.length; at++) {
      const verdict = (layers[at] as (typeof layers)[0]).enter(this, at);
      if (verdict !== admitted) {
        return this.stopAt(at, verdict);
      }
    }
    return this.hasEntered();
  }

  private hasEntered(): boolean {
    this.at = this.plan.layers.length;
    if (this.cutAt === notCut && !this.callerGaveUp) return true;
    this.phase = waiting;
    if (this.isCut) this.cutNow();
    else this.cut(this.floor - 1, this.options?.signal?.reason);
    return false;
  }

  private stopAt(at: number, verdict: EnterVerdict): boolean {
    if (verdict === expanded) return this.enterExpanded(at);
    this.stop(at, verdict);
    return false;
  }

  private stop(at: number, verdict: EnterVerdict): void {
    // A branch that has begun in `enter` has let somebody outside stop waiting.
    if (this.phase === over) return;
    if (verdict === refused) {
      if (this.isCut) this.answer(false, this.takeCut());
      this.unwind(at - 1, this.ok, this.value);
      return;
    }
    if (verdict === parked) this.park(at);
    else {
      this.at = at;
      this.phase = taken;
    }
    if (this.isCut) this.cutNow();
  }

  /** Lets layer `at` put the layers of `expansion` inside itself, for this call. */
  expand(at: number, expansion: Expansion): EnterVerdict {
    this.plan = expansion.planIn(this.plan, at);
    return expanded;
  }

  /** Goes on with the layers inside `at`, which may be able to do what none in the plan was before. */
  private enterExpanded(at: number): boolean {
    const { plan, resolve } = this;
    if (plan.keepsContext && this.extras?.scope === undefined) this.keepContext();
    const startsWatching = plan.watches && plan.base?.watches === false;
    if (startsWatching) this.startWatching();
    if (!startsWatching || resolve !== undefined || this.floor > 0) return this.enterLayers(at + 1);
    this.more().promise = new Promise((settle) => {
      this.resolve = settle;
    });
    this.goInwards(at + 1);
    return false;
  }

  /** Makes good a cut that came from a listener while the layers were being entered. */
  private cutNow(): void {
    const at = this.cutAt;
    if (this.plan.detaches) this.cut(at, this.takeCut());
    else this.abortSignal(at, this.takeCut());
  }

  private takeCut(): unknown {
    const reason = this.abortReason;
    this.cutAt = notCut;
    this.abortReason = notAborted;
    return reason;
  }

  private park(at: number): void {
    this.at = at;
    this.phase = waiting;
    // A reaction runs in the async context in which it was made: the caller's.
    void new Promise<void>((wake) => {
      const extras = this.more();
      extras.wake = wake;
      if (extras.isWokenEarly) wake();
    }).then(() => this.woken());
    this.watchWhileWaiting();
  }

  /** Lets a parked call go on, in the async context in which it was parked. */
  resume(): void {
    if (this.phase === entering) this.more().isWokenEarly = true;
    else this.extras?.wake?.();
  }

  private woken(): void {
    const { at } = this;
    if (!this.isHeldAt(at)) return;
    this.phase = entering;
    this.more().isWokenEarly = false;
    this.endPass();
    const verdict = this.plan.layers[at]?.woken?.(this, at);
    if (!this.plan.watches) this.stopWatching();
    if (verdict !== refused) this.goInwards(at + 1);
    else {
      if (this.isCut) this.answer(false, this.takeCut());
      this.leave(at - 1, this.ok, this.value);
    }
  }

  /** Calls the operation; its answer goes out by itself. */
  private invoke(): void {
    let result: unknown;
    let promise: Promise<unknown> | undefined;
    try {
      result = this.call();
      promise = promiseOf(result);
    } catch (error) {
      this.finish(false, error);
      return;
    }
    if (promise === undefined) this.finish(true, result);
    else {
      promise.then(
        (value) => this.finish(true, value),
        (error) => this.finish(false, error),
      );
    }
  }

  // --- Further attempts and branches ---------------------------------------------------------------

  /**
   * Starts a further attempt of the inside of layer `at`: a new record, parked there until
   * {@link Attempt.resume}. The layer answers `held`.
   */
  again(at: number): Attempt {
    const next = this.fork(at);
    this.phase = over;
    next.attempt = this.attempt + 1;
    next.park(at);
    return next;
  }

  /** Makes a record that runs the inside of layer `at` alone; the layer hears `branchEnded`. */
  branch(at: number, ticket: unknown): Attempt {
    if (this.phase === entering) {
      // What happens while the branch begins finds the call where it is.
      this.at = at;
      this.phase = taken;
    }
    const branch = new Attempt(this.plan.inside(at), this.operation, this.options, false);
    branch.attempt = this.attempt;
    branch.floor = at + 1;
    for (let i = 0; i < at; i++) branch.tickets[i] = this.tickets[i];
    branch.tickets[at] = ticket;
    this.own(branch);
    branch.more().scope = this.extras?.scope;
    return branch;
  }

  /** Starts a branch. */
  begin(): void {
    this.goInwards(this.floor);
  }

  /** Nobody wants this branch any more; `late` hears of its end. */
  drop(reason: unknown): void {
    const latest = this.latest() as Attempt;
    const at = latest.floor - 1;
    if (latest.phase === entering) latest.cut(at, reason);
    else if (latest.phase !== over && !latest.isCut) {
      // Whoever stopped waiting for the whole call is to hear of the late end.
      const owner = latest.extras?.owner as Attempt | undefined;
      latest.detach(at, reason, owner?.isCut ? owner.cutAt : at);
    }
  }

  /** Aborts the signal of a branch whose layer goes on waiting for it. */
  abortBranch(reason: unknown): void {
    const latest = this.latest() as Attempt;
    latest.abortSignal(latest.floor - 1, reason);
  }

  /** Makes the record that goes on in place of this one, for layer `at` and all outside it. */
  private fork(at: number): Attempt {
    const next = new Attempt(this.plan.inside(at), this.operation, this.options, this.asOutcome);
    next.attempt = this.attempt;
    next.floor = this.floor;
    next.resolve = this.resolve;
    this.passWorkTo(next, at);
    this.more().successor = next;
    next.more().scope = this.more().scope;
    for (let i = 0; i <= at; i++) {
      next.tickets[i] = this.tickets[i];
      if (i >= this.floor) this.plan.layers[i]?.moved?.(next, i);
    }
    const signal = this.options?.signal;
    if (signal !== undefined && this.next !== null) {
      unwatch(this);
      watch(signal, next);
    }
    return next;
  }

  // --- Cuts ---------------------------------------------------------------------------------------

  /** Layer `at` (-1: the caller) stops waiting, and the answer to the outside is `reason`. */
  cut(at: number, reason: unknown): void {
    if (this.phase === over || this.phase === leaving || this.isCut) return;
    if (this.phase === entering) {
      this.cutAt = at;
      this.abortReason = reason;
      return;
    }
    const outer = this.fork(at);
    this.detach(at, reason);
    // A hook may have made somebody further outside stop waiting.
    const answer = outer.isCut ? outer.takeCut() : reason;
    const scope = this.extras?.scope;
    if (scope === undefined) outer.leave(at, false, answer);
    else scope.runInAsyncScope(() => outer.leave(at, false, answer));
  }

  /** Aborts the operation's signal and ends a wait, but does not stop waiting for the operation. */
  abortSignal(at: number, reason: unknown): void {
    if (this.phase === entering || this.phase === waiting) this.cut(at, reason);
    else if (this.phase !== over) this.abortInside(reason);
  }

  callerAborted(signal: AbortSignal): void {
    if (this.plan.detaches) this.cut(this.floor - 1, signal.reason);
    else this.abortSignal(this.floor - 1, signal.reason);
  }

  /** Leaves this record alone with the layers inside `at`, for which nobody waits any more. */
  private detach(at: number, reason: unknown, lateAt: number = at): void {
    const { layers } = this.plan;
    if (this.phase === leaving) {
      // Its answer is on the way already: only nobody takes it.
      this.cutAt = lateAt;
      this.abortOwnSignal(reason);
      return;
    }
    this.cutAt = lateAt;
    const isAtWork = this.phase === working;
    const innermost = isAtWork ? layers.length - 1 : this.at - 1;
    if (!isAtWork) {
      this.phase = leaving;
      layers[this.at]?.unpark?.(this, this.at, reason);
    }
    for (let i = innermost; i > at; i--) layers[i]?.cut?.(this, i, reason);
    this.floor = at + 1;
    this.abortInside(reason);
    if (isAtWork) return;
    for (let i = innermost; i > at; i--) layers[i]?.failure(this, i, reason);
    this.phase = over;
    this.stopWatching();
    this.closeIfIdle();
  }

  private abortInside(reason: unknown): void {
    this.abortOwnSignal(reason);
    if (this.phase === taken) this.plan.layers[this.at]?.abort?.(this, this.at, reason);
  }
}

const ownThen: unknown = Reflect.get(Promise.prototype, 'then');

/**
 * The promise of what an operation returned, or undefined if it returned a plain value. A `then` that
 * is not that of the language may do anything: it is left to a promise, which settles once whatever
 * comes.
 */
export function promiseOf(result: unknown): Promise<unknown> | undefined {
  if (result instanceof Promise && result.then === ownThen) return result;
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    return undefined;
  }
  if (!('then' in result) || typeof result.then !== 'function') return undefined;
  return new Promise((resolve) => resolve(result));
}
