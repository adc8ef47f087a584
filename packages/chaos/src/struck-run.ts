import type { Clock, ClockTimer, ExecutionContext, Outcome, Run } from '@holdfast/policy';
import type { Script, Step, StruckCall } from './injection.ts';

/** What a struck call wants of its policy. */
export interface Striker {
  readonly clock: Clock;
  readonly name: string;
  /** All steps of its place have been taken, after a wait. */
  arrived(call: StruckRun): void;
  /** A value of the operation is lost. */
  lose(value: unknown): void;
}

const noSteps: readonly Step[] = [];

/** A call on its way through its script: the ticket of its layer. */
export class StruckRun implements StruckCall {
  /** The record of the call; another one takes over now and then. */
  run: Run;
  readonly at: number;
  /** Which call of the policy it is, counted from 1. */
  readonly number: number;
  readonly kinds: readonly string[];
  outcome: Outcome<unknown> | undefined = undefined;
  /** A step has answered the call. */
  isAnswered = false;
  /** It stands between two steps, and waits. */
  isWaiting = false;
  /** Its injections are over. */
  isOver = false;
  /** Its operation has not been called, or runs, or has settled. */
  stage: 'before' | 'running' | 'after' = 'before';
  /** The operation's signal has been aborted. */
  hasAborted = false;
  private readonly striker: Striker;
  /** The steps that are still to be taken in this place. */
  private steps: readonly Step[];
  private taken = 0;
  /** The steps for when the operation has settled. */
  private after: readonly Step[];
  private timer: ClockTimer | undefined = undefined;
  private abortTimer: ClockTimer | undefined = undefined;
  private wake: (() => void) | undefined = undefined;

  constructor(striker: Striker, call: { run: Run; at: number; number: number; script: Script }) {
    const { script } = call;
    this.striker = striker;
    this.run = call.run;
    this.at = call.at;
    this.number = call.number;
    this.kinds = script.kinds;
    this.steps = script.before;
    this.after = script.after;
  }

  get context(): ExecutionContext {
    return this.run;
  }

  get policy(): string {
    return this.striker.name;
  }

  /** Something is still to come once the operation has been called. */
  get isUnfinished(): boolean {
    return this.after.length > 0 || this.abortTimer !== undefined;
  }

  // --- The way through the script -----------------------------------------------------------------

  /** Takes steps until there are no more or one answers. False when one waits. */
  advance(): boolean {
    while (!this.isWaiting && !this.isAnswered && !this.isOver) {
      const step = this.steps[this.taken++];
      if (step === undefined) return true;
      this.guard(() => step(this));
    }
    return !this.isWaiting;
  }

  /** The operation has settled: as {@link StruckRun.advance}, for the steps after it. */
  advanceAfter(outcome: Outcome<unknown>): boolean {
    this.stage = 'after';
    this.stopTimers();
    this.outcome = outcome;
    this.steps = this.after;
    this.taken = 0;
    return this.advance();
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.answer(false, error);
    }
  }

  /** A reaction runs in the async context in which it was made: that of the caller. */
  private pause(): void {
    this.isWaiting = true;
    void new Promise<void>((wake) => (this.wake = wake)).then(() => this.goOn());
  }

  private goOn(): void {
    this.isWaiting = false;
    this.timer = undefined;
    if (this.advance()) this.striker.arrived(this);
  }

  /** Leaves out all that is still to come; true if there was anything. */
  calm(): boolean {
    const wasUnderWay = this.isWaiting || this.isUnfinished || this.taken < this.steps.length;
    this.steps = noSteps;
    this.after = noSteps;
    this.stopTimers();
    this.wake?.();
    return wasUnderWay;
  }

  close(): void {
    this.isOver = true;
    this.stopTimers();
  }

  private stopTimers(): void {
    this.timer?.cancel();
    this.abortTimer?.cancel();
    this.timer = this.abortTimer = undefined;
  }

  // --- What a step can do -------------------------------------------------------------------------

  answer(ok: boolean, value: unknown): void {
    if (this.outcome?.ok) this.striker.lose(this.outcome.value);
    this.outcome = ok ? { ok, value } : { ok, error: value };
    this.isAnswered = true;
  }

  replace(value: unknown): void {
    this.outcome = { ok: true, value };
  }

  waitFor(delayMs: number): void {
    this.pause();
    if (delayMs === Infinity) return;
    this.timer = this.striker.clock.setTimeout(() => this.wake?.(), delayMs);
  }

  waitUntil(value: unknown, use: (value: unknown) => void): void {
    if (!isPromiseLike(value)) {
      use(value);
      return;
    }
    this.pause();
    const { wake, steps } = this;
    const ended = (action: () => void): void => {
      // Nobody may want it any more: given up, or switched off.
      if (!this.isOver && steps === this.steps) this.guard(action);
      wake?.();
    };
    Promise.resolve(value).then(
      (settled) => ended(() => use(settled)),
      (error: unknown) => ended(() => this.answer(false, error)),
    );
  }

  abortAfter(delayMs: number, reason: () => unknown): void {
    this.abortTimer = this.striker.clock.setTimeout(() => {
      this.abortTimer = undefined;
      if (!this.run.callerGaveUp) this.abort(reason);
    }, delayMs);
  }

  private abort(makeReason: () => unknown): void {
    let reason: unknown;
    try {
      reason = makeReason();
    } catch (error) {
      reason = error;
    }
    this.hasAborted = true;
    this.run.abortSignal(this.at, reason);
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return 'then' in value && typeof value.then === 'function';
}
