import { held, pass } from '../layer.ts';
import type { ExecuteOptions, Operation } from '../policy.ts';
import { type SignalWatcher, unwatch, watch } from './caller-signal.ts';
import type { Plan } from './plan.ts';
import { RunWork } from './run-work.ts';

/** Layers are being entered, or the operation is at work. */
export const active = 0;
/** A layer has parked, held or taken the call. */
export const waiting = 1;

/** How an answer goes outwards through the layers and reaches whoever waits for it. */
export abstract class RunAnswer extends RunWork implements SignalWatcher {
  /** What the layers remember of this call, by position. */
  declare readonly tickets: unknown[];
  /** What `answer` has set; in the end the final answer. */
  declare ok: boolean;
  declare value: unknown;
  /** Somebody has stopped waiting for this record. */
  declare isCut: boolean;
  declare resolve: ((value: unknown) => void) | undefined;
  declare reject: ((error: unknown) => void) | undefined;
  declare previous: SignalWatcher['previous'];
  declare next: SignalWatcher['next'];
  declare listens: boolean;
  declare protected phase: 0 | 1;
  /** The layer that the call has reached; the number of layers while the operation is at work. */
  declare protected at: number;
  /** The layer at `at` runs the inside by branches. */
  declare protected isTaken: boolean;
  /** The outermost layer that belongs to this record. */
  declare protected floor: number;
  /** The layer that stopped waiting; -1 for the caller. */
  declare protected cutAt: number;
  /** The record that took over from this one. */
  declare protected successor: RunAnswer | undefined;
  declare protected readonly asOutcome: boolean;

  constructor(
    plan: Plan,
    operation: Operation<unknown>,
    options: ExecuteOptions | undefined,
    asOutcome: boolean,
  ) {
    super(plan, operation, options);
    this.tickets = [];
    this.ok = false;
    this.value = undefined;
    this.isCut = false;
    this.resolve = undefined;
    this.reject = undefined;
    this.previous = null;
    this.next = null;
    this.listens = false;
    this.phase = active;
    this.at = 0;
    this.isTaken = false;
    this.floor = 0;
    this.cutAt = -1;
    this.successor = undefined;
    this.asOutcome = asOutcome;
  }

  abstract callerAborted(signal: AbortSignal): void;

  /** The caller's signal was aborted, and this record listens to it itself. */
  handleEvent(event: Event): void {
    const signal = event.target as AbortSignal;
    unwatch(signal, this);
    this.callerAborted(signal);
  }

  /** Sets the answer that goes on outwards; for layers that answer `refused` or `replaced`. */
  answer(ok: boolean, value: unknown): void {
    this.ok = ok;
    this.value = value;
  }

  /** Whether layer `at` still holds this call: false once somebody outside has stopped waiting. */
  isHeldAt(at: number): boolean {
    return this.phase === waiting && !this.isOver && this.at === at;
  }

  /** Hands on the answer of a call that layer `at` holds or has taken. Ignored if nobody waits. */
  settle(at: number, ok: boolean, value: unknown): void {
    if (!this.isHeldAt(at)) return;
    this.isTaken = false;
    this.leave(at - 1, ok, value);
  }

  /** Hands an answer outwards from layer `at` and gives it to whoever waits, if it comes out. */
  protected leave(at: number, ok: boolean, value: unknown): void {
    if (this.unwind(at, ok, value)) this.deliver();
  }

  /** Hands an answer outwards from layer `at`. True when it came out, false when a layer holds it. */
  protected unwind(at: number, ok: boolean, value: unknown): boolean {
    const { layers } = this.plan;
    const { floor } = this;
    for (let i = at; i >= floor; i--) {
      const layer = layers[i] as (typeof layers)[0];
      const verdict = ok
        ? layer.success(this as never, i, value)
        : layer.failure(this as never, i, value);
      if (verdict === pass) continue;
      if (verdict === held) {
        this.holdAt(i);
        return false;
      }
      ok = this.ok;
      value = this.value;
    }
    this.isOver = true;
    this.ok = ok;
    this.value = value;
    return true;
  }

  private holdAt(at: number): void {
    if (this.isOver) return;
    this.at = at;
    this.phase = waiting;
    this.watchWhileWaiting();
  }

  /** Gives the final answer to whoever waits for it. */
  protected deliver(): void {
    const { layers } = this.plan;
    if (this.isCut) {
      const at = this.plan.lateLayer(this.cutAt);
      if (at !== -1) layers[at]?.late?.(this as never, at, this.ok, this.value);
    } else if (this.floor > 0) {
      const at = this.floor - 1;
      layers[at]?.branchEnded?.(this as never, at, this.ok, this.value);
    } else {
      this.stopWatching();
      if (this.asOutcome) this.resolve?.(outcomeOf(this.ok, this.value));
      else if (this.ok) this.resolve?.(this.value);
      else this.reject?.(this.value);
    }
    this.closeIfIdle();
  }

  /** The operation has settled. */
  protected finish(ok: boolean, value: unknown): void {
    this.working = false;
    this.leave(this.plan.layers.length - 1, ok, value);
  }

  /** The same for a plan that cannot cut: what this returns or throws becomes the caller's promise. */
  through(ok: boolean, value: unknown): unknown {
    this.working = false;
    if (!this.unwind(this.plan.layers.length - 1, ok, value)) return this.promise();
    this.closeIfIdle();
    if (this.asOutcome) return outcomeOf(this.ok, this.value);
    if (this.ok) return this.value;
    throw this.value;
  }

  /** The promise of a call that did not come out at once. */
  promise(): Promise<unknown> {
    const latest = this.latest();
    return new Promise((resolve, reject) => {
      latest.resolve = resolve;
      latest.reject = reject;
      if (latest.isOver) latest.deliver();
    });
  }

  /** The record that this one's call has reached by now. */
  protected latest(): RunAnswer {
    let latest: RunAnswer = this;
    while (latest.successor !== undefined) latest = latest.successor;
    return latest;
  }

  /** Watches the caller's signal. */
  startWatching(): void {
    const signal = this.options?.signal;
    if (signal !== undefined) watch(signal, this);
  }

  protected stopWatching(): void {
    const signal = this.options?.signal;
    if (signal !== undefined) unwatch(signal, this);
  }

  /** Where a plan does not watch all the time: an abort ends a wait, never a running operation. */
  protected watchWhileWaiting(): void {
    if (this.plan.watches || this.isTaken || this.isWatching()) return;
    this.startWatching();
  }

  protected isWatching(): boolean {
    return this.listens || this.next !== null;
  }
}

function outcomeOf(ok: boolean, value: unknown): unknown {
  return ok ? { ok, value } : { ok, error: value };
}
