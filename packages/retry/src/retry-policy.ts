import {
  admitted,
  bothBudgets,
  type Clock,
  discard,
  type Dispose,
  type EnterVerdict,
  type ExitVerdict,
  type Failure,
  held,
  isRejectedError,
  LayeredPolicy,
  type Outcome,
  pass,
  refused,
  replaced,
  type RetryBudget,
  type Run,
  systemClock,
  TimeoutError,
  withoutStack,
} from '@holdfast/policy';
import { RetryCall } from './call.ts';
import { decide, type Decision, limitAt } from './decide.ts';
import { type GaveUpReason, type RetryEvents, topics } from './events.ts';
import { isRetryableError } from './is-retryable.ts';
import type { RetryOptions } from './options.ts';
import { describeRules, type Rules, rulesOf } from './rules.ts';
import { stopIn } from './stop.ts';
import { ignore, isPending, type Wanted } from './wanted.ts';

type ShouldRetry = NonNullable<RetryOptions<never>['shouldRetry']>;

/** What is remembered of a call that has not failed: when it came in, or nothing. */
type Ticket = RetryCall | number | undefined;

export class RetryPolicy<R> extends LayeredPolicy<never, R, RetryEvents> {
  override readonly clock: Clock;
  readonly kind: string = 'retry';
  private readonly rules: Rules;
  private readonly shouldRetry: ShouldRetry | undefined;
  readonly budget: RetryBudget | undefined;
  readonly dispose: Dispose | undefined;

  constructor(options: RetryOptions<never>) {
    super(options.name ?? 'retry');
    this.clock = options.clock ?? systemClock;
    this.rules = rulesOf(options, this.clock);
    this.shouldRetry = options.shouldRetry;
    this.budget = options.budget;
    this.dispose = options.dispose;
  }

  override get reruns(): boolean {
    return true;
  }

  /** Whoever listens before the first call hears how long its first attempt took. */
  override get isReactive(): boolean {
    return this.shouldRetry === undefined && this.budget === undefined && !this.wantsTimeOfEntry();
  }

  private wantsTimeOfEntry(): boolean {
    return this.rules.isTimed || this.isHistoryHeard();
  }

  private isHistoryHeard(): boolean {
    return this.isHeard(topics['gave-up']) || this.isHeard(topics.recovered);
  }

  enter(run: Run, at: number): EnterVerdict {
    const enteredAt = this.wantsTimeOfEntry() ? run.time(this.clock) : undefined;
    const budget = bothBudgets(run.retryBudget, this.budget);
    if (budget === undefined) {
      run.tickets[at] = enteredAt;
      return admitted;
    }
    try {
      budget.begin();
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    run.tickets[at] = new RetryCall(enteredAt, budget);
    return admitted;
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    if (this.shouldRetry === undefined && callOf(run, at) === undefined) return pass;
    return this.ended(run, at, { ok: true, value });
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    return this.ended(run, at, { ok: false, error });
  }

  private ended(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict {
    // The end of work that nobody waits for any more. Where an answer was on its way, no `cut` has come.
    if (run.isCut) {
      callOf(run, at)?.ended();
      return pass;
    }
    const last = outcome.ok || run.callerGaveUp ? undefined : stopIn(outcome.error);
    const wanted = last !== undefined ? 'stopped' : run.callerGaveUp || this.ask(run, at, outcome);
    // Also where the caller gave up in `shouldRetry`.
    if (run.callerGaveUp) {
      if (isPending(wanted)) ignore(wanted);
      callOf(run, at)?.ended();
      return pass;
    }
    if (wanted === false && outcome.ok && callOf(run, at) === undefined) return pass;
    const call = callOf(run, at) ?? rememberNow(run, at);
    call.attemptEnded(last ?? outcome);
    if (this.isHistoryHeard()) call.record(last ?? outcome, this.clock.now());
    if (isPending(wanted)) return this.hold(run, at, wanted);
    const final = this.conclude(run, at, wanted);
    return final === undefined ? held : answered(run, final);
  }

  private ask(run: Run, at: number, outcome: Outcome<unknown>): Wanted | PromiseLike<boolean> {
    const { shouldRetry } = this;
    if (shouldRetry === undefined) return this.isWanted(run, at, outcome);
    try {
      const answer: unknown = shouldRetry(
        outcome as Outcome<never>,
        callOf(run, at)?.attempts ?? 1,
      );
      return isPending(answer) ? answer : Boolean(answer);
    } catch (error) {
      return { ok: false, error };
    }
  }

  private isWanted(run: Run, at: number, outcome: Outcome<unknown>): boolean {
    if (outcome.ok) return false;
    const { error } = outcome;
    if (!isRejectedError(error)) return isRetryableError(error);
    // Without a limit nobody could say whether to wait for an open circuit is of any use.
    const isLimited = this.rules.maxElapsedMs !== Infinity || run.deadlineOutside(at) !== undefined;
    return isLimited && error.retryAfterMs !== undefined;
  }

  /** Waits for an async `shouldRetry`; whoever gives up meanwhile comes by {@link RetryPolicy.unpark}. */
  private hold(run: Run, at: number, answer: PromiseLike<boolean>): ExitVerdict {
    const call = run.tickets[at] as RetryCall;
    call.isAsking = true;
    const settle = (wanted: Wanted): void => {
      if (!run.isHeldAt(at)) return;
      call.isAsking = false;
      const final = this.conclude(run, at, wanted);
      if (final !== undefined) run.settle(at, final.ok, valueOf(final));
    };
    Promise.resolve(answer).then(
      (wanted: unknown) => settle(Boolean(wanted)),
      (error: unknown) => settle({ ok: false, error }),
    );
    return held;
  }

  /** Returns the final answer, or undefined when a further attempt has been arranged. */
  private conclude(run: Run, at: number, wanted: Wanted): Outcome<unknown> | undefined {
    const call = run.tickets[at] as RetryCall;
    if (wanted === 'stopped') return this.giveUp(call, wanted);
    if (typeof wanted === 'object') return this.fail(call, wanted);
    if (!wanted) return this.accept(call);
    let decision: Decision;
    try {
      decision = decide(this.rules, call, run.deadlineOutside(at));
      // The budget comes last, so that no retry is taken from it in vain.
      if (typeof decision === 'number' && !call.mayRetry()) decision = 'budget';
    } catch (error) {
      return call.isOver ? call.outcome : this.fail(call, { ok: false, error });
    }
    // The caller may have given up in one of the user's functions.
    if (call.isOver) return call.outcome;
    if (typeof decision === 'string') return this.giveUp(call, decision);
    this.tryAgain(run, at, decision);
    return undefined;
  }

  private tryAgain(run: Run, at: number, delayMs: number): void {
    const call = run.tickets[at] as RetryCall;
    const { attempts: attempt, refusal } = call;
    const outcome = call.outcome as Outcome<unknown>;
    call.attempts++;
    call.delayMs = delayMs;
    // From here on the call waits in a new record: what a listener does, even an abort, finds it in order.
    if (delayMs === 0) run.againNow(at);
    else {
      const next = run.again(at);
      call.timer = this.clock.setTimeout(() => next.resume(), delayMs);
    }
    if (this.isHeard(topics.retried)) this.tell(topics.retried, { attempt, delayMs, outcome });
    // Nothing holds on to a value that is gone for as long as the back-off takes.
    const isGone = outcome.ok && discard(outcome.value, this);
    if (isGone) call.outcome = undefined;
    else if (refusal === undefined) call.lastRan = outcome;
  }

  /** Timers come late at times: an attempt that cannot finish any more is not begun. */
  woken(run: Run, at: number): 0 | 2 {
    const { rules } = this;
    const call = run.tickets[at] as RetryCall;
    call.timer = undefined;
    const deadline = run.deadlineOutside(at);
    const isLimited = deadline !== undefined || rules.isTimed;
    if (!isLimited && call.history === undefined) return admitted;
    const now = this.clock.now();
    call.startedAt = now;
    const reason = isLimited ? limitAt(now, call, { rules, deadline }) : undefined;
    if (reason === undefined) return admitted;
    call.attempts--;
    call.outcome = call.lastRan ?? { ok: false, error: call.refusal ?? this.tooLate(call, now) };
    answered(run, this.giveUp(call, reason));
    return refused;
  }

  /** For a call of which nothing is left but a value that has been disposed. */
  private tooLate({ enteredAt }: RetryCall, now: number): TimeoutError {
    const timeoutMs = Math.max(0, now - (enteredAt ?? now));
    const options = { timeoutMs, started: true, policy: this.name };
    return withoutStack(() => new TimeoutError('the time was over after a back-off', options));
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as RetryCall;
    call.timer?.cancel();
    if (call.isAsking && call.outcome?.ok) discard(call.outcome.value, this);
    call.ended();
  }

  cut(run: Run, at: number): void {
    callOf(run, at)?.ended();
  }

  /** The outcome is not worth a further attempt. */
  private accept(call: RetryCall): Outcome<unknown> {
    const outcome = call.outcome as Outcome<unknown>;
    if (!outcome.ok) {
      return this.giveUp(call, call.refusal === undefined ? 'not-retryable' : 'refused');
    }
    call.ended();
    if (call.attempts > 1 && this.isHeard(topics.recovered)) {
      this.tell(topics.recovered, call.told());
    }
    return outcome;
  }

  /** After a refusal, the answer is the last outcome of an attempt that ran. */
  private giveUp(call: RetryCall, reason: GaveUpReason): Outcome<unknown> {
    call.ended();
    const { refusal } = call;
    const latest = call.outcome as Outcome<unknown>;
    const outcome = refusal === undefined ? latest : (call.lastRan ?? latest);
    if (this.isHeard(topics['gave-up'])) {
      this.tell(topics['gave-up'], { reason, outcome, refusal, ...call.told() });
    }
    return outcome;
  }

  /** A function of the user's threw: a value that came before it reaches nobody. */
  private fail(call: RetryCall, failure: Failure): Outcome<unknown> {
    if (call.outcome?.ok) discard(call.outcome.value, this);
    call.refusal = undefined;
    call.outcome = failure;
    return this.giveUp(call, 'callback-threw');
  }

  protected described(): Readonly<Record<string, unknown>> {
    return describeRules(this.rules);
  }
}

function callOf(run: Run, at: number): RetryCall | undefined {
  const ticket = run.tickets[at] as Ticket;
  return typeof ticket === 'object' ? ticket : undefined;
}

/** For a call of which there was nothing to remember so far, but perhaps when it came in. */
function rememberNow(run: Run, at: number): RetryCall {
  const call = new RetryCall(run.tickets[at] as number | undefined, undefined);
  run.tickets[at] = call;
  return call;
}

function valueOf(outcome: Outcome<unknown>): unknown {
  return outcome.ok ? outcome.value : outcome.error;
}

function answered(run: Run, outcome: Outcome<unknown>): ExitVerdict {
  run.answer(outcome.ok, valueOf(outcome));
  return replaced;
}
