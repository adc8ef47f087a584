import type { Run } from '../run.ts';
import { RunContext } from './run-context.ts';
import { over, working } from './run-record.ts';

/**
 * What is still at work under a record: its operation, what `waitUntil` named, its branches, and the
 * attempts that it took over from and that have not ended. Places are held until all of it is done.
 */
export abstract class RunWork extends RunContext {
  /** Calls `idle` of layer `at` once all work under this record has ended. */
  holdUntilIdle(at: number): void {
    const extras = this.more();
    extras.idlePlaces = [...(extras.idlePlaces ?? []), at];
  }

  /** Calls the operation and returns or throws what it does. */
  call(): unknown {
    this.phase = working;
    this.started = true;
    this.endPass();
    if (this.extras !== undefined) this.tellOwners();
    if (this.plan.surrounds) return this.callSurrounded();
    const { operation } = this;
    return operation(this);
  }

  private callSurrounded(): unknown {
    const { layers } = this.plan;
    let call = (): unknown => this.operation(this);
    for (let at = layers.length - 1; at >= 0; at--) {
      const layer = layers[at];
      if (layer?.surround === undefined) continue;
      const inner = call;
      call = () => layer.surround?.(this as unknown as Run, at, inner);
    }
    return call();
  }

  /** The operation has been called on behalf of this call, though not by this record. */
  markStarted(): void {
    this.started = true;
    this.tellOwners();
  }

  private tellOwners(): void {
    let owner = this.extras?.owner as RunWork | undefined;
    for (; owner !== undefined; owner = owner.extras?.owner as RunWork | undefined) {
      owner.started = true;
    }
  }

  protected closeWork(): void {
    this.more().openWork--;
    this.closeIfIdle();
  }

  /**
   * Frees the places, if nothing is at work any more, and tells the owner, if nothing will be. The
   * places are of layers that the answer has left, also while one further outside holds it.
   */
  protected closeIfIdle(): void {
    const { extras } = this;
    if (extras === undefined || extras.openWork > 0) return;
    const { idlePlaces } = extras;
    extras.idlePlaces = undefined;
    for (const at of idlePlaces ?? []) this.plan.layers[at]?.idle?.(this as unknown as Run, at);
    if (this.phase !== over) return;
    const { owner } = extras;
    extras.owner = undefined;
    if (owner !== undefined) (owner as RunWork).closeWork();
  }

  /** Whether the operation has been called since layer `at` was entered. */
  ranInside(at: number): boolean {
    return this.started || at <= this.ranTo;
  }

  /** Lets `next`, which takes over layer `at` and all outside it, answer for the work under this record. */
  protected passWorkTo(next: RunWork, at: number): void {
    next.ranTo = this.started ? at : Math.max(-1, Math.min(at, this.ranTo));
    const { extras } = this;
    if (extras?.owner !== undefined) {
      next.more().owner = extras.owner;
      extras.owner = undefined;
    }
    if (this.phase !== working && this.openWork === 0) return;
    this.more().owner = next;
    next.more().openWork++;
  }

  /** Makes this record answer for the work under `branch`. */
  protected own(branch: RunWork): void {
    const extras = branch.more();
    branch.ranTo = Math.max(-1, this.ranTo);
    extras.owner = this;
    this.more().openWork++;
  }
}
