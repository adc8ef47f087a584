import { AsyncResource } from 'node:async_hooks';
import { admitted, type EnterVerdict, expanded, type Layer, parked, refused } from '../layer.ts';
import type { Run } from '../run.ts';
import type { Expansion } from './expansion.ts';
import { promiseOf } from './promise-of.ts';
import { wakeSoon } from './wake-soon.ts';
import { RunAnswer } from './run-answer.ts';
import { entering, notCut, over, taken, waiting } from './run-record.ts';
import { notAborted } from './run-signals.ts';

/** How a call comes in: through the layers, perhaps with a wait at one of them, to the operation. */
export abstract class RunEntry extends RunAnswer {
  abstract cut(at: number, reason: unknown): void;
  abstract abortSignal(at: number, reason: unknown): void;

  /** Remembers the async context of the caller. */
  keepContext(): void {
    this.scope = new AsyncResource('holdfast', ownLife);
  }

  /** Ends a call before it begins. */
  refuse(error: unknown): void {
    this.phase = over;
    this.answer(false, error);
  }

  /** Enters the layers from `from` on and calls the operation; the answer goes out by itself. */
  goInwards(from: number): void {
    if (from === 0 ? this.enterAll() : this.enterLayers(from)) this.invoke();
    else if (this.phase === over && this.successor === undefined) this.deliver();
  }

  /** Enters all layers, as {@link Attempt.enterLayers} does. */
  enterAll(): boolean {
    if (this.options !== undefined) return this.enterLayers(0);
    const { activeLayers, active } = this.plan;
    for (let i = 0; i < activeLayers.length; i++) {
      const at = active[i] as number;
      const layer = activeLayers[i] as Layer;
      const verdict = layer.enter(this as unknown as Run, at);
      if (verdict !== admitted) return this.stopAt(at, verdict);
    }
    return this.cutAt === notCut || this.endEntered();
  }

  /** Enters the layers from `from` on. False when the operation is not to be called now. */
  enterLayers(from: number): boolean {
    const { layers } = this.plan;
    for (let at = from; at < layers.length; at++) {
      const verdict = (layers[at] as (typeof layers)[0]).enter(this as unknown as Run, at);
      if (verdict !== admitted) return this.stopAt(at, verdict);
    }
    return (this.cutAt === notCut && !this.callerGaveUp) || this.endEntered();
  }

  /** Somebody has stopped waiting while the layers were being entered: the operation is not called. */
  private endEntered(): false {
    this.at = this.plan.size;
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
    if (plan.keepsContext && this.scope === undefined) this.keepContext();
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

  protected takeCut(): unknown {
    const signals = this.ownSignals();
    const reason = signals.abortReason;
    this.cutAt = notCut;
    signals.abortReason = notAborted;
    return reason;
  }

  protected park(at: number): void {
    this.at = at;
    this.phase = waiting;
    if (this.scope === undefined) this.keepContext();
    this.watchWhileWaiting();
    if (this.extras?.isWokenEarly) wakeSoon(this);
  }

  /** Parks at layer `at` for no longer than it takes to get out of the hook that wants it. */
  protected pause(at: number): void {
    this.at = at;
    this.phase = waiting;
    // A reaction runs in the async context in which it was made: the caller's.
    void resolved.then(woken.bind(this));
    this.watchWhileWaiting();
  }

  /** Lets a parked call go on, in the async context in which it was parked. */
  resume(): void {
    if (this.phase === entering) this.more().isWokenEarly = true;
    else if (this.phase === waiting) wakeSoon(this);
  }

  /** Goes on after a wait at layer `at`, if it still waits there. */
  wake(at: number): void {
    if (this.isHeldAt(at)) this.scope?.runInAsyncScope(woken, this);
  }

  /** Goes on after a wait. */
  woken(): void {
    const { at } = this;
    if (!this.isHeldAt(at)) return;
    this.phase = entering;
    if (this.extras !== undefined) this.extras.isWokenEarly = false;
    this.endPass();
    const verdict = this.plan.layers[at]?.woken?.(this as unknown as Run, at);
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
      promise.then(ended.bind(this), failed.bind(this));
    }
  }
}

/** Nobody is to be told when it is collected: that makes it four times as fast to make. */
const ownLife = { requireManualDestroy: true };

const resolved: Promise<void> = Promise.resolve();

function woken(this: RunEntry): void {
  this.woken();
}

/** Bound to its record, a function costs less than a closure, and its optimized code lives on. */
function ended(this: RunEntry, value: unknown): void {
  this.finish(true, value);
}

function failed(this: RunEntry, error: unknown): void {
  this.finish(false, error);
}
