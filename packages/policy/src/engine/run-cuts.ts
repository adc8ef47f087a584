import type { Run } from '../run.ts';
import { RunEntry } from './run-entry.ts';
import { entering, leaving, over, taken, waiting, working } from './run-record.ts';

/** How somebody stops waiting for a record, or has its signal aborted. */
export abstract class RunCuts extends RunEntry {
  /** Makes the record that goes on in place of this one, for layer `at` and all outside it. */
  protected abstract fork(at: number): RunCuts;

  /** Layer `at` (-1: the caller) stops waiting, and the answer to the outside is `reason`. */
  cut(at: number, reason: unknown): void {
    if (this.phase === over || this.phase === leaving || this.isCut) return;
    if (this.phase === entering) {
      this.cutAt = at;
      this.ownSignals().abortReason = reason;
      return;
    }
    const outer = this.fork(at);
    this.detach(at, reason);
    // A hook may have made somebody further outside stop waiting.
    const answer = outer.isCut ? outer.takeCut() : reason;
    const { scope } = this;
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
  protected detach(at: number, reason: unknown, lateAt: number = at): void {
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
      layers[this.at]?.unpark?.(this as unknown as Run, this.at, reason);
    }
    for (let i = innermost; i > at; i--) layers[i]?.cut?.(this as unknown as Run, i, reason);
    this.floor = at + 1;
    this.abortInside(reason);
    if (isAtWork) return;
    for (let i = innermost; i > at; i--) layers[i]?.failure(this as unknown as Run, i, reason);
    this.phase = over;
    this.stopWatching();
    this.closeIfIdle();
  }

  private abortInside(reason: unknown): void {
    this.abortOwnSignal(reason);
    if (this.phase === taken)
      this.plan.layers[this.at]?.abort?.(this as unknown as Run, this.at, reason);
  }
}
