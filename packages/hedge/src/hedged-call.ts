import { AsyncResource } from 'node:async_hooks';
import type { HeapedDeadline, Outcome, QueuedDeadline, Run } from '@holdfast/policy';
import type { HedgedReason } from './events.ts';
import type { HedgeAccount } from './hedge-account.ts';

/** Nobody is to be told when it is collected: that makes it four times as fast to make. */
const ownLife = { requireManualDestroy: true };

/** What a hedged call wants of its policy. */
export interface Hedger {
  readonly maxHedges: number;
  /** Why no signal is worth waiting for: another attempt has won. */
  readonly lost: unknown;
  isBad(outcome: Outcome<unknown>): boolean;
  /** Lets the call be told when the answer is slow. */
  arm(call: HedgedCall): void;
  disarm(call: HedgedCall): void;
  /** Whether the next hedge may start. */
  grants(call: HedgedCall): boolean;
  started(call: HedgedCall, reason: HedgedReason): void;
  /** The first attempt has given its answer, or has lost. */
  measured(call: HedgedCall): void;
  /** The call has its answer, by the attempt of that number, or nobody waits for it any more. */
  ended(call: HedgedCall, by: number | undefined, outcome?: Outcome<unknown>): void;
  discard(outcome: Outcome<unknown>): void;
}

/** One of the attempts of a call: the ticket of its branch. */
export class HedgeAttempt {
  readonly call: HedgedCall;
  /** 0 is the first attempt, then the hedges. */
  readonly number: number;
  branch: Run | undefined = undefined;

  constructor(call: HedgedCall, number: number) {
    this.call = call;
    this.number = number;
  }
}

/** A call with one attempt or several on their way; it stands among the deadlines for the next one. */
export class HedgedCall implements QueuedDeadline, HeapedDeadline {
  // Its places among the deadlines.
  due: number | undefined = undefined;
  previous: QueuedDeadline | null = null;
  next: QueuedDeadline | null = null;
  place = -1;

  readonly run: Run;
  readonly at: number;
  /** What it has to spend, if that is limited. */
  account: HedgeAccount | undefined = undefined;
  /** When the first attempt began; NaN when nobody wants to know. */
  beganAt: number = Number.NaN;
  /** How many hedges have started. */
  hedges = 0;
  private readonly hedger: Hedger;
  /** The attempts on their way. */
  private readonly open: HedgeAttempt[] = [];
  private isEntering = true;
  /** What has come out while the layer was still being entered. */
  private early: Outcome<unknown> | undefined = undefined;
  /** It has its answer, or nobody waits for one any more. */
  isOver = false;
  /** No further attempt is to begin. */
  private isEnding = false;
  /** The bad outcome that came last: what the caller gets if no other comes. */
  private worst: Outcome<unknown> | undefined = undefined;
  /** Hedges start by a timer, and have to be in the async context of the caller. */
  private readonly scope: AsyncResource = new AsyncResource('holdfast', ownLife);

  constructor(hedger: Hedger, run: Run, at: number) {
    this.hedger = hedger;
    this.run = run;
    this.at = at;
  }

  /** Begins the first attempt; returns the outcome if there is one at once. */
  begin(): Outcome<unknown> | undefined {
    this.beginAttempt();
    this.isEntering = false;
    return this.early;
  }

  private beginAttempt(): void {
    const number = this.hedges;
    const attempt = new HedgeAttempt(this, number);
    const branch = this.run.branch(this.at, attempt);
    attempt.branch = branch;
    this.open.push(attempt);
    branch.begin();
    // An attempt that has failed at once has begun the next one already, which waits for its own.
    if (this.hedges === number) this.armNext();
  }

  /** Waits for the time of the next hedge, if there is to be one. */
  private armNext(): void {
    if (this.isOver || this.isEnding || this.hedges >= this.hedger.maxHedges) return;
    try {
      this.hedger.arm(this);
    } catch (error) {
      if (!this.isOver) this.settle(undefined, { ok: false, error });
    }
  }

  /** The answer is slow. */
  expire(): void {
    this.scope.runInAsyncScope(() => this.hedge('slow'));
  }

  private hedge(reason: HedgedReason): boolean {
    if (this.isOver || this.isEnding || this.run.callerGaveUp) return false;
    if (this.hedges >= this.hedger.maxHedges || !this.hedger.grants(this)) {
      this.isEnding = true;
      return false;
    }
    this.hedges++;
    this.hedger.started(this, reason);
    if (this.isOver) return false;
    this.beginAttempt();
    return true;
  }

  /** An attempt has ended. */
  attemptEnded(attempt: HedgeAttempt, outcome: Outcome<unknown>): void {
    const { open } = this;
    if (open.at(-1) === attempt) open.pop();
    else if (open.includes(attempt)) open.splice(open.indexOf(attempt), 1);
    else return;
    let isBad = false;
    let answer = outcome;
    try {
      isBad = this.hedger.isBad(outcome);
    } catch (error) {
      answer = { ok: false, error };
    }
    // The user's function may have made the caller give up.
    if (this.isOver || answer !== outcome) this.hedger.discard(outcome);
    if (this.isOver) return;
    if (isBad) {
      this.failed(attempt, outcome);
      return;
    }
    if (attempt.number === 0 && answer === outcome) this.hedger.measured(this);
    this.settle(attempt.number, answer);
  }

  private failed(attempt: HedgeAttempt, outcome: Outcome<unknown>): void {
    const former = this.worst;
    this.worst = outcome;
    if (former !== undefined) this.hedger.discard(former);
    this.hedger.disarm(this);
    const isHedged = this.hedge('failed');
    if (!isHedged && !this.isOver && this.open.length === 0) this.settle(attempt.number, outcome);
  }

  private settle(winner: number | undefined, outcome: Outcome<unknown>): void {
    this.close(this.hedger.lost, outcome);
    this.hedger.ended(this, winner, outcome);
    if (!this.run.isHeldAt(this.at)) this.hedger.discard(outcome);
    else if (this.isEntering) this.early = outcome;
    else this.run.settle(this.at, outcome.ok, outcome.ok ? outcome.value : outcome.error);
  }

  /** Nobody waits for an answer any more. */
  drop(reason: unknown): void {
    if (this.isOver) return;
    this.close(reason);
    this.hedger.ended(this, undefined);
  }

  /** The caller has given up, and is told so at once. */
  giveUp(reason: unknown): void {
    if (this.isOver) return;
    this.drop(reason);
    this.run.settle(this.at, false, reason);
  }

  /** All are to end, and somebody waits until they have. */
  abort(reason: unknown): void {
    this.isEnding = true;
    this.hedger.disarm(this);
    const open = this.open.slice();
    for (const { branch } of open) branch?.abortBranch(reason);
  }

  private close(reason: unknown, answer?: Outcome<unknown>): void {
    const { hedger, open, worst } = this;
    this.isOver = true;
    hedger.disarm(this);
    // A first attempt that has lost took at least as long as it ran; one that nobody waited for long
    // enough to hedge it says nothing.
    if (this.hedges > 0 && open[0]?.number === 0) hedger.measured(this);
    if (open.length > 0) for (const { branch } of open.splice(0)) branch?.drop(reason);
    if (worst !== undefined && worst !== answer) hedger.discard(worst);
  }
}
