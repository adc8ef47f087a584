import { unwatch, watch } from './caller-signal.ts';
import type { ExecuteOptions, Operation } from '../policy.ts';
import type { Run } from '../run.ts';
import { keepShape } from '../keep-shape.ts';
import { Plan } from './plan.ts';
import { RunCuts } from './run-cuts.ts';
import { emptyTickets, entering, firstRecord, notCut, over, taken } from './run-record.ts';

/**
 * One attempt of one call: the operation's context, the tickets of all layers and the state machine
 * at once. A further attempt, and what goes on after somebody stopped waiting, get a record of
 * their own, to which the tickets of the outer layers move.
 *
 * Two things end a record's part in a call: a *cut* (somebody stops waiting for it) and the *end* (its
 * work has settled). After a cut at layer `k`, a record keeps the layers inside `k` until the end.
 */
export class Attempt extends RunCuts implements Run {
  constructor(
    plan: Plan,
    operation: Operation<unknown>,
    options: ExecuteOptions | undefined,
    asOutcome: boolean,
  ) {
    super();
    this.plan = plan;
    this.operation = operation;
    this.options = options;
    this.asOutcome = asOutcome;
    this.tickets = emptyTickets(plan.size);
    this.attempt = 1;
    this.phase = entering;
    this.at = 0;
    this.floor = 0;
    this.cutAt = notCut;
    this.started = false;
    this.ok = false;
    this.value = undefined;
    this.resolve = undefined;
    this.signals = undefined;
    this.successor = undefined;
    this.scope = undefined;
    this.ranTo = firstRecord;
    this.extras = undefined;
  }

  /**
   * Starts a further attempt of the inside of layer `at`: a new record, parked there until
   * {@link Attempt.resume}. The layer answers `held`.
   */
  again(at: number): Attempt {
    const next = this.forkAgain(at);
    next.park(at);
    return next;
  }

  /** Does the same, but the new record goes on by itself, in a microtask. */
  againNow(at: number): Attempt {
    const next = this.forkAgain(at);
    next.pause(at);
    return next;
  }

  private forkAgain(at: number): Attempt {
    const next = this.fork(at);
    this.phase = over;
    next.attempt = this.attempt + 1;
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
    branch.scope = this.scope;
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
    // Layers that came in with this call may stop waiting, although none in the plan around it can.
    if (latest.plan.detaches && latest.callerGaveUp) latest.cut(latest.floor - 1, reason);
    else latest.abortSignal(latest.floor - 1, reason);
  }

  /** Makes the record that goes on in place of this one, for layer `at` and all outside it. */
  protected fork(at: number): Attempt {
    const next = new Attempt(this.plan.inside(at), this.operation, this.options, this.asOutcome);
    next.attempt = this.attempt;
    next.floor = this.floor;
    next.resolve = this.resolve;
    this.passWorkTo(next, at);
    this.successor = next;
    next.scope = this.scope;
    for (let i = 0; i <= at; i++) {
      next.tickets[i] = this.tickets[i];
      if (i >= this.floor) this.plan.layers[i]?.moved?.(next, i);
    }
    const signal = this.options?.signal;
    if (signal !== undefined && this.isWatching) {
      unwatch(this.ownSignals());
      watch(signal, next.ownSignals());
    }
    return next;
  }
}

keepShape(new Attempt(new Plan([]), () => undefined, undefined, false));
