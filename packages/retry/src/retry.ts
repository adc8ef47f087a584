import {
  admitted,
  bothBudgets,
  type Clock,
  discard,
  type Dispose,
  type EnterVerdict,
  type EventSource,
  type ExitVerdict,
  held,
  isRejectedError,
  LayeredPolicy,
  type Outcome,
  pass,
  type Policy,
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
import { isRetryable } from './is-retryable.ts';
import { checkOptions, type RetryOptions } from './options.ts';
import { describeRules, type Rules, rulesOf } from './rules.ts';
import { attempted, Thrown } from './thrown.ts';

/** A policy that makes further attempts; made by {@link retry}. */
export interface Retry<R = unknown>
  extends Policy<never, R, RetryEvents>,
    EventSource<RetryEvents> {}

/** An attempt that has ended, and the call that it belongs to. */
interface Ended {
  readonly run: Run;
  readonly at: number;
  readonly call: RetryCall;
  readonly outcome: Outcome<unknown>;
}

type ShouldRetry = NonNullable<RetryOptions<never>['shouldRetry']>;
type Answer = ReturnType<ShouldRetry>;

class RetryPolicy<R> extends LayeredPolicy<never, R, RetryEvents> {
  override readonly clock: Clock;
  readonly kind: string = 'retry';
  private readonly rules: Rules;
  private readonly shouldRetry: ShouldRetry | undefined;
  private readonly budget: RetryBudget | undefined;
  readonly dispose: Dispose | undefined;
  /** A call has a {@link RetryCall} for its ticket from the start. */
  private readonly remembersAll: boolean;

  constructor(options: RetryOptions<never>) {
    super(options.name ?? 'retry');
    this.clock = options.clock ?? systemClock;
    this.rules = rulesOf(options, this.clock);
    this.shouldRetry = options.shouldRetry;
    this.budget = options.budget;
    this.dispose = options.dispose;
    this.remembersAll = this.rules.isTimed || this.budget !== undefined;
  }

  override get reruns(): boolean {
    return true;
  }

  override get isReactive(): boolean {
    return !this.remembersAll && this.shouldRetry === undefined;
  }

  enter(run: Run, at: number): EnterVerdict {
    return this.remembersAll || run.retryBudget !== undefined ? this.remember(run, at) : admitted;
  }

  private remember(run: Run, at: number): EnterVerdict {
    const budget = bothBudgets(run.retryBudget, this.budget);
    try {
      budget?.begin();
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    const enteredAt = this.rules.isTimed ? run.time(this.clock) : Number.NaN;
    run.tickets[at] = new RetryCall({ enteredAt, budget });
    return admitted;
  }

  success(run: Run, at: number, value: unknown): ExitVerdict {
    if (this.shouldRetry === undefined && run.tickets[at] === undefined) return pass;
    return this.ended(run, at, { ok: true, value });
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    return this.ended(run, at, { ok: false, error });
  }

  private ended(run: Run, at: number, outcome: Outcome<unknown>): ExitVerdict {
    // The end of work that nobody waits for any more: `cut` has settled the call.
    if (run.isCut) return pass;
    let call = run.tickets[at] as RetryCall | undefined;
    const wanted = run.callerGaveUp || this.ask(run, at, outcome);
    // Also where the caller gave up in `shouldRetry`.
    if (run.callerGaveUp) {
      call?.ended();
      return pass;
    }
    if (wanted === false && outcome.ok && call === undefined) return pass;
    call ??= rememberNow(run, at);
    call.attemptEnded(outcome);
    return this.judge({ run, at, call, outcome }, wanted);
  }

  private ask(run: Run, at: number, outcome: Outcome<unknown>): Answer | Thrown {
    const { shouldRetry } = this;
    if (shouldRetry === undefined) return this.isWanted(run, at, outcome);
    const call = run.tickets[at] as RetryCall | undefined;
    try {
      return shouldRetry(outcome as Outcome<never>, call?.attempts ?? 1);
    } catch (error) {
      return new Thrown(error);
    }
  }

  private isWanted(run: Run, at: number, outcome: Outcome<unknown>): boolean {
    if (outcome.ok) return false;
    const { error } = outcome;
    if (!isRejectedError(error)) return isRetryable(outcome);
    // Without a limit nobody could say whether to wait for an open circuit is of any use.
    const isLimited =
      this.rules.maxElapsedMs !== Number.POSITIVE_INFINITY || run.deadlineOutside(at) !== undefined;
    return isLimited && error.retryAfterMs !== undefined;
  }

  private judge(ended: Ended, wanted: Answer | Thrown): ExitVerdict {
    if (isPromiseLike(wanted)) return this.hold(ended, wanted);
    const final = this.conclude(ended, wanted);
    if (final === undefined) return held;
    if (final === ended.outcome) return pass;
    ended.run.answer(final.ok, valueOf(final));
    return replaced;
  }

  /** Waits for an async `shouldRetry`; whoever gives up meanwhile comes by {@link RetryPolicy.unpark}. */
  private hold(ended: Ended, answer: PromiseLike<boolean>): ExitVerdict {
    const { run, at, call, outcome } = ended;
    call.pending = outcome;
    const settle = (wanted: boolean | Thrown): void => {
      if (!run.isHeldAt(at)) return;
      call.pending = undefined;
      const final = this.conclude(ended, wanted);
      if (final !== undefined) run.settle(at, final.ok, valueOf(final));
    };
    Promise.resolve(answer).then(settle, (error: unknown) => settle(new Thrown(error)));
    return held;
  }

  /** Returns the final answer, or undefined when a further attempt has been arranged. */
  private conclude(ended: Ended, wanted: boolean | Thrown): Outcome<unknown> | undefined {
    if (wanted instanceof Thrown) return this.fail(ended, wanted.error);
    if (!wanted) return this.accept(ended);
    const decision = attempted(() => this.decide(ended));
    // The caller may have given up in one of the user's functions.
    if (ended.call.isOver) return ended.outcome;
    if (decision instanceof Thrown) return this.fail(ended, decision.error);
    if (typeof decision === 'string') return this.giveUp(ended, decision);
    this.tryAgain(ended, decision);
    return undefined;
  }

  /** The budget comes last, so that no retry is taken from it in vain. */
  private decide({ run, at, call, outcome }: Ended): Decision {
    const decision = decide(this.rules, call, { outcome, deadline: run.deadlineOutside(at) });
    return typeof decision === 'string' || call.mayRetry() ? decision : 'budget';
  }

  private tryAgain({ run, at, call, outcome }: Ended, delayMs: number): void {
    const attempt = call.attempts;
    call.attempts++;
    // From here on the call waits in `next`: what a listener does, even an abort, finds it in order.
    const next = run.again(at);
    if (delayMs === 0) next.resume();
    else call.timer = this.clock.setTimeout(() => next.resume(), delayMs);
    if (this.isHeard(topics.retried)) this.tell(topics.retried, { attempt, delayMs, outcome });
    const isGone = outcome.ok && discard(outcome.value, this);
    if (call.refusal === undefined && !isGone) call.lastRan = outcome;
  }

  /** Timers come late at times: an attempt that cannot finish any more is not begun. */
  woken(run: Run, at: number): 0 | 2 {
    const call = run.tickets[at] as RetryCall;
    call.timer = undefined;
    const { enteredAt } = call;
    const deadline = run.deadlineOutside(at);
    if (deadline === undefined && !this.rules.isTimed) return admitted;
    const reason = limitAt(this.clock.now(), this.rules, { deadline, enteredAt });
    if (reason === undefined) return admitted;
    const outcome = call.lastRan ?? { ok: false, error: call.refusal ?? this.tooLate(call) };
    const final = this.giveUp({ run, at, call, outcome }, reason);
    run.answer(final.ok, valueOf(final));
    return refused;
  }

  /** For a call of which nothing is left but a value that has been disposed. */
  private tooLate({ enteredAt }: RetryCall): TimeoutError {
    const timeoutMs = Math.max(0, this.clock.now() - enteredAt) || 0;
    const options = { timeoutMs, started: true, policy: this.name };
    return withoutStack(() => new TimeoutError('the time was over after a back-off', options));
  }

  unpark(run: Run, at: number): void {
    const call = run.tickets[at] as RetryCall;
    call.timer?.cancel();
    if (call.pending?.ok) discard(call.pending.value, this);
    call.ended();
  }

  cut(run: Run, at: number): void {
    (run.tickets[at] as RetryCall | undefined)?.ended();
  }

  /** The outcome is not worth a further attempt. */
  private accept(ended: Ended): Outcome<unknown> {
    const { call, outcome } = ended;
    const { attempts, refusal } = call;
    if (!outcome.ok) return this.giveUp(ended, refusal === undefined ? 'not-retryable' : 'refused');
    call.ended();
    if (attempts > 1 && this.isHeard(topics.recovered)) this.tell(topics.recovered, { attempts });
    return outcome;
  }

  /** After a refusal, the answer is the last outcome of an attempt that ran. */
  private giveUp({ call, outcome }: Ended, reason: GaveUpReason): Outcome<unknown> {
    call.ended();
    const { attempts, refusal } = call;
    const final = refusal === undefined ? outcome : (call.lastRan ?? outcome);
    if (this.isHeard(topics['gave-up'])) {
      this.tell(topics['gave-up'], { reason, attempts, outcome: final, refusal });
    }
    return final;
  }

  /** A function of the user's threw: a value that came before it reaches nobody. */
  private fail(ended: Ended, error: unknown): Outcome<unknown> {
    const { call, outcome } = ended;
    if (outcome.ok) discard(outcome.value, this);
    call.refusal = undefined;
    return this.giveUp({ ...ended, outcome: { ok: false, error } }, 'callback-threw');
  }

  protected described(): Readonly<Record<string, unknown>> {
    return describeRules(this.rules);
  }
}

/** For a call that there was nothing to remember of so far. */
function rememberNow(run: Run, at: number): RetryCall {
  const call = new RetryCall({ enteredAt: Number.NaN, budget: undefined });
  run.tickets[at] = call;
  return call;
}

function isPromiseLike(wanted: Answer | Thrown): wanted is PromiseLike<boolean> {
  return typeof wanted === 'object' && wanted !== null && 'then' in wanted;
}

function valueOf(outcome: Outcome<unknown>): unknown {
  return outcome.ok ? outcome.value : outcome.error;
}

/**
 * Calls the operation again when it fails, after a back-off. What comes back is the value, or the very
 * error, of the last attempt. It never waits for an attempt that could not begin before the deadline
 * of the call or of a `timeout` outside; then, and when there are no attempts left, it answers at once.
 *
 * The caller's abort ends a back-off at once and is never retried. When a policy inside refuses a
 * later attempt (an open circuit, a full bulkhead), the call rejects with the last error of an attempt
 * that ran; the refusal is on the event `gave-up`.
 *
 * @typeParam R - What the operations return, as `shouldRetry`, `delayFrom` and `dispose` see it.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const patient = retry({ maxAttempts: 5, backoff: exponential({ initialMs: 50, maxMs: 1_000 }) });
 *
 * const stock = await patient.execute(({ signal, attempt }) => readStock('sku-1', { signal, attempt }));
 * ```
 */
export function retry<R = unknown>(options: RetryOptions<R> = {}): Retry<R> {
  checkOptions(options);
  return new RetryPolicy<R>(options);
}
