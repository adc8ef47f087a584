import {
  admitted,
  type Clock,
  deadlineHeap,
  DeadlineQueue,
  discard,
  type Dispose,
  type EnterVerdict,
  type EventSource,
  type ExecutionContext,
  type ExitVerdict,
  LayeredPolicy,
  milliseconds,
  type Outcome,
  pass,
  type Policy,
  recentTime,
  refused,
  type RetryBudget,
  type Run,
  systemClock,
  taken,
} from '@holdfast/policy';
import { hedgeLost } from './errors.ts';
import { type HedgedReason, type HedgeEvents, topics } from './events.ts';
import { HedgeAccount } from './hedge-account.ts';
import { HedgeAttempt, HedgedCall, type Hedger } from './hedged-call.ts';
import { checkOptions, type HedgeOptions } from './options.ts';
import type { DelayLearner } from './quantile-delay.ts';

/**
 * A policy that starts a further attempt when the first is slow; made by {@link hedge}.
 *
 * @typeParam R - The results that its functions understand.
 */
export interface Hedge<in R = unknown>
  extends Policy<never, R, HedgeEvents>,
    EventSource<HedgeEvents> {}

class HedgePolicy<R> extends LayeredPolicy<never, R, HedgeEvents> implements Hedger {
  override readonly clock: Clock;
  readonly kind: string = 'hedge';
  readonly maxHedges: number;
  readonly lost: unknown;
  readonly dispose: Dispose | undefined;
  readonly budget: RetryBudget | undefined;
  private readonly options: HedgeOptions<R>;
  private readonly learner: DelayLearner | undefined;
  /** The calls that get the constant delay; undefined where the delay is another each time. */
  private readonly queue: DeadlineQueue | undefined;

  constructor(options: HedgeOptions<R>) {
    super(options.name ?? 'hedge');
    const { afterMs } = options;
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.maxHedges = options.maxHedges ?? 1;
    this.lost = hedgeLost(this.name);
    this.dispose = options.dispose;
    this.budget = options.budget;
    this.learner = typeof afterMs === 'object' ? afterMs.learn() : undefined;
    const isConstant = typeof afterMs === 'number' && afterMs > 0 && afterMs !== Infinity;
    this.queue = isConstant ? new DeadlineQueue(this.clock, afterMs) : undefined;
  }

  override get reruns(): boolean {
    return true;
  }

  /** A caller who gives up need not wait for what is safe. */
  override get detaches(): boolean {
    return this.options.safe === true;
  }

  /** The signals of those that have lost: each attempt has its own. */
  override get aborts(): boolean {
    return true;
  }

  enter(run: Run, at: number): EnterVerdict {
    let outcome: Outcome<unknown> | undefined;
    try {
      if (!this.isSafe(run)) return admitted;
      const call = new HedgedCall(this, run, at);
      const { budget } = this;
      if (budget !== undefined || run.retryBudget !== undefined) {
        call.account = new HedgeAccount(run, at, budget, this.name);
      }
      if (this.learner !== undefined) call.beganAt = run.time(this.clock);
      run.tickets[at] = call;
      outcome = call.begin();
    } catch (error) {
      outcome = { ok: false, error };
    }
    if (outcome === undefined) return taken;
    run.answer(outcome.ok, outcome.ok ? outcome.value : outcome.error);
    return refused;
  }

  private isSafe(context: ExecutionContext): boolean {
    const { safe } = this.options;
    return safe === true || safe(context);
  }

  // --- What a call wants --------------------------------------------------------------------------

  isBad(outcome: Outcome<unknown>): boolean {
    const { isFailure } = this.options;
    return isFailure === undefined ? !outcome.ok : isFailure(outcome as Outcome<R>);
  }

  arm(call: HedgedCall): void {
    if (this.queue !== undefined) {
      call.due = undefined;
      this.queue.add(call);
      return;
    }
    const delayMs = this.delayMs(call);
    // The user's function may have made the caller give up.
    if (call.isOver) return;
    if (delayMs === 0) call.expire();
    else if (delayMs !== Number.POSITIVE_INFINITY) {
      // The first attempt of a call that is measured has just begun.
      const isTimed = this.learner !== undefined && call.hedges === 0;
      const from = isTimed ? call.beganAt : this.clock.now();
      deadlineHeap(this.clock).add(call, from + delayMs);
    }
  }

  private delayMs(call: HedgedCall): number {
    const { afterMs } = this.options;
    if (typeof afterMs === 'number') return afterMs;
    if (typeof afterMs === 'object') return this.learner?.delayMs() ?? Infinity;
    const delayMs = afterMs(call.run, call.hedges + 1);
    return delayMs === Infinity ? delayMs : milliseconds('afterMs', delayMs);
  }

  disarm(call: HedgedCall): void {
    if (this.queue !== undefined) this.queue.remove(call);
    else deadlineHeap(this.clock).remove(call);
  }

  grants(call: HedgedCall): boolean {
    const reason = this.suppression(call);
    if (reason === undefined) return true;
    if (this.isHeard(topics.suppressed)) {
      this.tell(topics.suppressed, { hedge: call.hedges + 1, reason });
    }
    return false;
  }

  private suppression({ run, at, account }: HedgedCall): 'budget' | 'deadline' | undefined {
    const deadline = run.deadlineOutside(at);
    if (deadline !== undefined && this.clock.now() >= deadline) return 'deadline';
    return account === undefined || account.tryHedge() ? undefined : 'budget';
  }

  started(call: HedgedCall, reason: HedgedReason): void {
    if (this.isHeard(topics.hedged)) this.tell(topics.hedged, { hedge: call.hedges, reason });
  }

  measured(call: HedgedCall): void {
    if (this.learner === undefined) return;
    const now = recentTime(this.clock);
    this.learner.record(now - call.beganAt, now);
  }

  ended({ hedges, account }: HedgedCall, by: number | undefined, outcome?: Outcome<unknown>): void {
    account?.close();
    if (hedges > 0 && by !== undefined && this.isHeard(topics.won)) {
      this.tell(topics.won, { hedge: by, hedges, outcome });
    }
  }

  discard(outcome: Outcome<unknown>): void {
    if (outcome.ok) discard(outcome.value, this);
  }

  // --- What the engine tells ----------------------------------------------------------------------

  branchEnded(branch: Run, at: number, ok: boolean, value: unknown): void {
    const attempt = branch.tickets[at] as HedgeAttempt;
    attempt.call.attemptEnded(attempt, ok ? { ok, value } : { ok, error: value });
  }

  late(_run: Run, _at: number, ok: boolean, value: unknown): void {
    if (ok) discard(value, this);
  }

  unpark(run: Run, at: number, reason: unknown): void {
    (run.tickets[at] as HedgedCall | undefined)?.drop(reason);
  }

  /** A timeout outside that lets what runs come to its end waits for it; a caller does not. */
  abort(run: Run, at: number, reason: unknown): void {
    const call = run.tickets[at] as HedgedCall | undefined;
    if (run.callerGaveUp) call?.giveUp(reason);
    else call?.abort(reason);
  }

  success(): ExitVerdict {
    return pass;
  }

  failure(): ExitVerdict {
    return pass;
  }

  protected described(): Readonly<Record<string, unknown>> {
    const { afterMs } = this.options;
    const delay = typeof afterMs === 'number' ? { afterMs } : {};
    return { ...delay, maxHedges: this.maxHedges };
  }
}

/**
 * Starts a further attempt beside the first one when that is slow, or has failed. The first good
 * answer wins; the signals of the others are aborted, what they bring is closed, and nobody waits for
 * them. If all fail, the call ends as the one that failed last.
 *
 * Only for what may run twice at the same time: see `safe`. {@link hedgeNumber} tells an operation
 * which attempt it is, so that each can go elsewhere.
 *
 * Dean and Barroso, "The Tail at Scale" (2013).
 *
 * @typeParam R - What the operations return, as `isFailure` and `dispose` see it.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const reads = hedge({ safe: true, afterMs: 50 });
 *
 * const stock = await reads.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function hedge<R = unknown>(options: HedgeOptions<R>): Hedge<R> {
  checkOptions(options);
  return new HedgePolicy<R>(options);
}

/**
 * Which attempt of a hedged call the operation with this context is: 0 is the first, then the hedges;
 * 0 where nobody hedges. So that each attempt can go to another replica. Of hedges inside one another,
 * also of nested calls to which the context was passed on, the innermost counts.
 *
 * @example
 * ```ts
 * const replicas = ['http://localhost:8081', 'http://localhost:8082'];
 *
 * await reads.execute((context) => fetch(replicas[hedgeNumber(context) % replicas.length]!, context));
 * ```
 */
export function hedgeNumber(context: ExecutionContext): number {
  for (let each: Partial<Run> | undefined = context; each !== undefined; ) {
    const attempt = each.tickets?.findLast((ticket) => ticket instanceof HedgeAttempt);
    if (attempt instanceof HedgeAttempt) return attempt.number;
    // A nested call has the context of the outer one as its options.
    each = each.options as Partial<Run> | undefined;
  }
  return 0;
}
