import { held, type Layer, pass, replaced } from '../layer.ts';
import type { Run } from '../run.ts';
import { listenTo, tellOfAbort, unwatch, watch } from './caller-signal.ts';
import { firstRecord, leaving, over, taken, waiting } from './run-record.ts';
import { Rejection } from './rejection.ts';
import type { AbortHearer } from './run-signals.ts';
import { RunWork } from './run-work.ts';

/** How an answer goes outwards through the layers and reaches whoever waits for it. */
export abstract class RunAnswer extends RunWork implements AbortHearer {
  abstract callerAborted(signal: AbortSignal): void;

  /** Sets the answer that goes on outwards; for layers that answer `refused` or `replaced`. */
  answer(ok: boolean, value: unknown): void {
    this.ok = ok;
    this.value = value;
  }

  /** Whether layer `at` still holds this call: false once somebody outside has stopped waiting. */
  isHeldAt(at: number): boolean {
    return this.at === at && (this.phase === waiting || this.phase === taken);
  }

  /** Hands on the answer of a call that layer `at` holds or has taken. Ignored if nobody waits. */
  settle(at: number, ok: boolean, value: unknown): void {
    if (!this.isHeldAt(at)) return;
    this.leave(at - 1, ok, value);
  }

  /** Hands an answer outwards from layer `at` and gives it to whoever waits, if it comes out. */
  protected leave(at: number, ok: boolean, value: unknown): void {
    if (this.unwind(at, ok, value)) this.deliver();
  }

  /** Hands the answer of the operation outwards; as {@link RunAnswer.unwind}. */
  protected unwindAll(ok: boolean, value: unknown): boolean {
    const { activeLayers, active } = this.plan;
    const isWhole = this.ranTo === firstRecord && this.floor === 0;
    if (!ok || !isWhole || this.options !== undefined) {
      return this.unwind(this.plan.size - 1, ok, value);
    }
    this.phase = leaving;
    for (let i = activeLayers.length - 1; i >= 0; i--) {
      const at = active[i] as number;
      const verdict = (activeLayers[i] as Layer).success(this as unknown as Run, at, value);
      if (verdict === pass) continue;
      if (verdict === replaced) return this.unwind(at - 1, this.ok, this.value);
      this.holdAt(at);
      return false;
    }
    return this.cameOut(true, value);
  }

  /** Hands an answer outwards from layer `at`. True when it came out, false when a layer holds it. */
  protected unwind(at: number, ok: boolean, value: unknown): boolean {
    const { layers } = this.plan;
    const { floor } = this;
    this.phase = leaving;
    for (let i = at; i >= floor; i--) {
      const layer = layers[i] as (typeof layers)[0];
      const verdict = ok
        ? layer.success(this as unknown as Run, i, value)
        : layer.failure(this as unknown as Run, i, value);
      if (verdict === pass) continue;
      if (verdict === held) {
        this.holdAt(i);
        return false;
      }
      ok = this.ok;
      value = this.value;
    }
    return this.cameOut(ok, value);
  }

  private cameOut(ok: boolean, value: unknown): boolean {
    this.phase = over;
    this.ok = ok;
    this.value = value;
    return true;
  }

  private holdAt(at: number): void {
    if (this.phase === over) return;
    this.at = at;
    this.phase = waiting;
    this.watchWhileWaiting();
  }

  /** Gives the final answer to whoever waits for it. */
  protected deliver(): void {
    const { layers } = this.plan;
    this.stopWatching();
    if (this.isCut) {
      const at = this.plan.lateLayer(this.cutAt);
      if (at !== -1) layers[at]?.late?.(this as unknown as Run, at, this.ok, this.value);
    } else if (this.floor > 0) {
      const at = this.floor - 1;
      layers[at]?.branchEnded?.(this as unknown as Run, at, this.ok, this.value);
    } else if (this.asOutcome) this.resolve?.(outcomeOf(this.ok, this.value));
    else this.resolve?.(this.ok ? this.value : new Rejection(this.value));
    this.close();
  }

  /** The answer has gone out: work that is still open must not keep it alive. */
  private close(): void {
    if (this.openWork > 0) {
      this.value = undefined;
      this.resolve = undefined;
    } else this.closeIfIdle();
  }

  /** The operation has settled. */
  protected finish(ok: boolean, value: unknown): void {
    const signal = this.options?.signal;
    // An abort in this very turn, which nobody has heard of yet, came first all the same.
    if (signal?.aborted && !this.isCut) tellOfAbort(signal);
    if (this.unwindAll(ok, value)) this.deliver();
  }

  /** The same for a plan that cannot cut: what this returns resolves the caller's promise. */
  through(ok: boolean, value: unknown): unknown {
    if (!this.unwindAll(ok, value)) return this.promise();
    const answer = this.value;
    const isValue = this.ok;
    if (this.extras !== undefined) this.close();
    if (this.asOutcome) return outcomeOf(isValue, answer);
    return isValue ? answer : new Rejection(answer);
  }

  /** The promise of a call that did not come out at once. */
  promise(): Promise<unknown> {
    if (this.extras?.promise !== undefined) return this.extras.promise;
    const latest = this.latest();
    return new Promise((resolve) => {
      latest.resolve = resolve;
      if (latest.phase === over) latest.deliver();
    });
  }

  /** The record that this one's call has reached by now. */
  protected latest(): RunAnswer {
    let latest: RunAnswer = this;
    for (let next = latest.successor; next !== undefined; next = latest.successor) {
      latest = next as RunAnswer;
    }
    return latest;
  }

  /** Watches the caller's signal. */
  startWatching(): void {
    const signal = this.options?.signal;
    if (signal !== undefined) watch(signal, this.ownSignals());
  }

  protected stopWatching(): void {
    if (this.signals !== undefined) unwatch(this.signals);
  }

  /**
   * An abort is to end a wait at once. A plan that does not watch all the time watches only while it
   * waits: an abort never ends a running operation there.
   */
  protected watchWhileWaiting(): void {
    const signal = this.options?.signal;
    if (signal === undefined || this.phase === taken) return;
    if (signal.aborted) {
      // Nobody has heard of it: it came while an answer was on its way.
      queueMicrotask(() => this.callerAborted(signal));
      return;
    }
    if (!this.plan.watches && !this.isWatching) watch(signal, this.ownSignals());
    listenTo(signal);
  }
}

function outcomeOf(ok: boolean, value: unknown): unknown {
  return ok ? { ok, value } : { ok, error: value };
}
