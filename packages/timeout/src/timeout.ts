import {
  admitted,
  type Clock,
  deadlineHeap,
  DeadlineQueue,
  type EnterVerdict,
  type EventSource,
  type ExitVerdict,
  runGuarded,
  LayeredPolicy,
  milliseconds,
  pass,
  type Policy,
  refused,
  replaced,
  type Run,
  systemClock,
  TimeoutError,
  withoutStack,
} from '@holdfast/policy';
import { type TimeoutEvents, topics } from './events.ts';
import { checkOptions, type TimeoutMode, type TimeoutOptions } from './options.ts';
import { type Expiry, OwnTimeTicket, TimeoutTicket } from './ticket.ts';

const defaultAfterMs = 30_000;

/**
 * A policy that bounds the time of a call; made by {@link timeout}.
 *
 * @typeParam R - The results that `onLateResult` can close.
 */
export interface Timeout<in R = unknown>
  extends Policy<never, R, TimeoutEvents>,
    EventSource<TimeoutEvents> {}

/** Undefined for a call without a limit, the error once a cooperative timeout has struck. */
type Ticket = TimeoutTicket | TimeoutError | undefined;

class TimeoutPolicy<R> extends LayeredPolicy<never, R, TimeoutEvents> implements Expiry {
  override readonly clock: Clock;
  readonly kind: string = 'timeout';
  private readonly afterMs: number;
  private readonly durationOf: Exclude<TimeoutOptions['afterMs'], number>;
  private readonly mode: TimeoutMode;
  private readonly onLateResult: TimeoutOptions<R>['onLateResult'];
  /** The deadlines of calls that get the constant duration. */
  private readonly queue: DeadlineQueue;

  constructor(options: TimeoutOptions<R>) {
    super(options.name ?? 'timeout');
    const { afterMs = defaultAfterMs } = options;
    this.clock = options.clock ?? systemClock;
    this.afterMs = typeof afterMs === 'number' ? afterMs : Number.POSITIVE_INFINITY;
    this.durationOf = typeof afterMs === 'number' ? undefined : afterMs;
    this.mode = options.mode ?? 'aggressive';
    this.onLateResult = options.onLateResult;
    this.queue = new DeadlineQueue(this.clock, this.afterMs);
  }

  override get detaches(): boolean {
    return this.mode === 'aggressive';
  }

  override get aborts(): boolean {
    return true;
  }

  enter(run: Run, at: number): EnterVerdict {
    if (this.durationOf !== undefined) return this.enterByFunction(run, at);
    if (run.options?.deadline !== undefined)
      return this.enterBounded(run, at, run.options.deadline);
    const ticket = new TimeoutTicket(run, at, this);
    run.tickets[at] = ticket;
    this.queue.add(ticket);
    return admitted;
  }

  /** The call has brought a deadline along: the tighter one counts. */
  private enterBounded(run: Run, at: number, deadline: number): EnterVerdict {
    const now = run.time(this.clock);
    return this.enterUntil(run, at, now, Math.min(now + this.afterMs, deadline));
  }

  private enterByFunction(run: Run, at: number): EnterVerdict {
    let afterMs: number;
    try {
      afterMs = this.durationOf?.(run) ?? Number.POSITIVE_INFINITY;
      if (afterMs !== Number.POSITIVE_INFINITY) milliseconds('afterMs', afterMs);
    } catch (error) {
      run.answer(false, error);
      return refused;
    }
    const now = run.time(this.clock);
    const due = Math.min(now + afterMs, run.options?.deadline ?? Number.POSITIVE_INFINITY);
    if (due !== Number.POSITIVE_INFINITY) return this.enterUntil(run, at, now, due);
    run.tickets[at] = undefined;
    return admitted;
  }

  /** Any deadline but that of the constant duration has its place in the heap. */
  private enterUntil(run: Run, at: number, now: number, due: number): EnterVerdict {
    const timeoutMs = Math.max(0, due - now);
    if (timeoutMs === 0) {
      run.answer(false, this.strike(run, 0));
      return refused;
    }
    const ticket = new OwnTimeTicket(run, at, this, timeoutMs);
    run.tickets[at] = ticket;
    deadlineHeap(this.clock).add(ticket, due);
    return admitted;
  }

  success(run: Run, at: number): ExitVerdict {
    this.forget(run.tickets[at] as Ticket);
    return pass;
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    const ticket = run.tickets[at] as Ticket;
    this.forget(ticket);
    if (!(ticket instanceof TimeoutError) || !isAbort(error)) return pass;
    // The operation obeyed its signal in its own words: tell the caller why it was aborted.
    run.answer(false, ticket);
    return replaced;
  }

  cut(run: Run, at: number): void {
    this.success(run, at);
  }

  moved(run: Run, at: number): void {
    const ticket = run.tickets[at];
    if (ticket instanceof TimeoutTicket) ticket.run = run;
  }

  deadlineOf(ticket: unknown): number | undefined {
    if (ticket instanceof OwnTimeTicket) return ticket.due;
    // A cooperative timeout that has struck only waits for what is at work already.
    if (ticket instanceof TimeoutError) return Number.NEGATIVE_INFINITY;
    return ticket instanceof TimeoutTicket ? this.queue.dueOf(ticket) : undefined;
  }

  late(_run: Run, _at: number, ok: boolean, value: unknown): void {
    const { onLateResult } = this;
    if (this.isHeard(topics['late-result'])) this.tell(topics['late-result'], { ok, value });
    if (!ok || onLateResult === undefined) return;
    runGuarded(() => onLateResult(value as R), {
      kind: this.kind,
      event: 'onLateResult',
      policy: this.name,
    });
  }

  expired(ticket: TimeoutTicket, timeoutMs: number = this.afterMs): void {
    const { run, at } = ticket;
    const error = this.strike(run, timeoutMs);
    if (this.mode === 'aggressive') run.cut(at, error);
    else {
      run.tickets[at] = error;
      run.abortSignal(at, error);
    }
  }

  private strike(run: Run, timeoutMs: number): TimeoutError {
    const started = run.started || run.ranBefore;
    const message = `timed out after ${Math.round(timeoutMs)} ms${started ? '' : ', before the operation was called'}`;
    const options = { timeoutMs, started, policy: this.name };
    if (this.isHeard(topics['timed-out'])) {
      this.tell(topics['timed-out'], { timeoutMs, started, attempt: run.attempt });
    }
    return withoutStack(() => new TimeoutError(message, options));
  }

  private forget(ticket: Ticket): void {
    const queued = ticket as TimeoutTicket | undefined;
    if (queued?.next) this.queue.remove(queued);
    else if (ticket instanceof OwnTimeTicket) deadlineHeap(this.clock).remove(ticket);
  }

  protected described(): Readonly<Record<string, unknown>> {
    const afterMs = this.durationOf === undefined ? { afterMs: this.afterMs } : {};
    return { ...afterMs, mode: this.mode };
  }
}

function isAbort(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  try {
    return 'name' in error && error.name === 'AbortError';
  } catch {
    return false;
  }
}

/**
 * Bounds the time of a call. When it is over, the operation's signal is aborted with a
 * {@link TimeoutError} and, unless `mode` is `'cooperative'`, the call rejects with the same error
 * at once. It is never early and, on an idle event loop, at most 2 ms late.
 *
 * An abort by the caller is not a timeout: the call rejects with the caller's own reason.
 *
 * @typeParam R - What the operations return, as `onLateResult` sees it.
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const quick = timeout({ afterMs: 2_000 });
 *
 * const response = await quick.execute(({ signal }) => fetch('http://localhost:8080/', { signal }));
 * ```
 */
export function timeout<R = unknown>(options: TimeoutOptions<R> = {}): Timeout<R> {
  checkOptions(options);
  return new TimeoutPolicy<R>(options);
}
