import {
  admitted,
  type Clock,
  deadlineHeap,
  type EnterVerdict,
  type EventSource,
  type ExecutionContext,
  type ExitVerdict,
  held,
  LayeredPolicy,
  parked,
  pass,
  type Policy,
  refused,
  type Run,
  systemClock,
  TimeoutError,
  type TimeoutErrorOptions,
  withoutStack,
} from '@holdfast/policy';
import { LimiterRejectedError } from './errors.ts';
import { type LimiterEvents, topics } from './events.ts';
import { Turn, type TurnKeeper } from './turn.ts';

/** A policy that lets calls start when a limiter of another library says so. */
export interface LimiterPolicy
  extends Policy<never, unknown, LimiterEvents>,
    EventSource<LimiterEvents> {}

/** A call as a job of a limiter. */
interface Job {
  /** For how many milliseconds it may run, if the limiter bounds that. */
  readonly expiresMs?: number | undefined;
  /** Hands it to the limiter. */
  schedule(turn: Turn): PromiseLike<unknown>;
}

/** A limiter of another library. */
export interface ForeignLimiter {
  /** Of which one, for `describe()`. */
  readonly library: string;
  /** Whether it wants to know that an operation has failed, and may ask for a further attempt. */
  readonly hearsFailures: boolean;
  /** Whether it may end a job that runs. */
  readonly expires: boolean;
  /** Reads out of the context of a call how its job is to be. Throws what the user's functions throw. */
  jobOf(context: ExecutionContext): Job;
}

export interface LimiterPolicyOptions {
  readonly name: string;
  readonly clock: Clock | undefined;
}

/**
 * Each call is a job of the limiter that ends when the operation's work has ended. The call is parked
 * until the limiter runs the job, so that it goes on in the async context of its own caller.
 */
export class ForeignLimiterPolicy
  extends LayeredPolicy<never, unknown, LimiterEvents>
  implements LimiterPolicy, TurnKeeper
{
  readonly kind: string = 'limiter';
  override readonly clock: Clock;
  private readonly limiter: ForeignLimiter;

  constructor(limiter: ForeignLimiter, options: LimiterPolicyOptions) {
    super(options.name);
    this.clock = options.clock ?? systemClock;
    this.limiter = limiter;
  }

  override get detaches(): boolean {
    return this.limiter.expires;
  }

  override get aborts(): boolean {
    return this.limiter.expires;
  }

  override get reruns(): boolean {
    return this.limiter.hearsFailures;
  }

  enter(run: Run, at: number): EnterVerdict {
    const turn = new Turn(run, at, this);
    run.tickets[at] = turn;
    const { deadline } = run;
    if (deadline !== undefined && this.begin(turn) >= deadline) return this.refuseOverdue(turn);
    if (!this.schedule(turn)) return refused;
    if (deadline !== undefined && !isCutOutside(run, at)) {
      deadlineHeap(this.clock).add(turn, deadline);
    }
    return parked;
  }

  private begin(turn: Turn): number {
    turn.since = this.clock.now();
    return turn.since;
  }

  private schedule(turn: Turn): boolean {
    let job: Job;
    try {
      job = this.limiter.jobOf(turn.run);
    } catch (error) {
      turn.run.answer(false, error);
      return false;
    }
    turn.expiresMs = job.expiresMs;
    try {
      job.schedule(turn).then(() => turn.ended(), turn.ended);
      return true;
    } catch (error) {
      turn.cause = error;
      this.reject(turn);
      return false;
    }
  }

  // --- What the limiter does ----------------------------------------------------------------------

  called(turn: Turn): void {
    const { state } = turn;
    if (state === 'waiting') this.goOn(turn, 'called');
    else if (state === 'failed') {
      turn.state = 'called';
      turn.run.again(turn.at).resume();
    } else if (state === 'working') {
      // The job has expired, and somebody wants it retried: the first attempt still runs.
      this.expire(turn, undefined);
    }
  }

  ended(turn: Turn, cause: unknown): void {
    const { state } = turn;
    if (state === 'waiting' || state === 'called') {
      turn.cause = cause;
      this.goOn(turn, 'rejected');
    } else if (state === 'failed') {
      turn.state = 'over';
      turn.run.settle(turn.at, false, turn.error);
    } else if (state === 'working') this.expire(turn, cause);
  }

  overdue(turn: Turn): void {
    if (turn.state === 'waiting') this.goOn(turn, 'overdue');
  }

  private goOn(turn: Turn, state: 'called' | 'rejected' | 'overdue'): void {
    turn.state = state;
    deadlineHeap(this.clock).remove(turn);
    turn.run.resume();
  }

  private expire(turn: Turn, cause: unknown): void {
    if (!this.limiter.expires) return;
    turn.release();
    const { expiresMs: timeoutMs = 0, run, at } = turn;
    const message = `the limiter let the job expire after ${timeoutMs} ms`;
    run.cut(at, this.timeoutError(message, { timeoutMs, started: true, cause }));
  }

  // --- What becomes of the call -------------------------------------------------------------------

  woken(run: Run, at: number): 0 | 2 {
    const turn = run.tickets[at] as Turn;
    if (turn.state === 'rejected') return this.reject(turn);
    const { deadline } = run;
    const isOverdue = deadline !== undefined && deadline <= this.clock.now();
    if (isOverdue || turn.state === 'overdue') return this.refuseOverdue(turn);
    turn.state = 'working';
    return admitted;
  }

  private reject(turn: Turn): typeof refused {
    const { cause, run } = turn;
    turn.release();
    if (this.isHeard(topics.rejected)) this.tell(topics.rejected, { cause });
    const message = 'the limiter has not let the call start';
    const options = { policy: this.name, cause };
    run.answer(
      false,
      withoutStack(() => new LimiterRejectedError(message, options)),
    );
    return refused;
  }

  private refuseOverdue(turn: Turn): typeof refused {
    const { run } = turn;
    turn.release();
    const message = 'the deadline passed before the limiter let the call start';
    const timeoutMs = this.clock.now() - turn.since;
    run.answer(false, this.timeoutError(message, { timeoutMs, started: run.ranBefore }));
    return refused;
  }

  private timeoutError(message: string, options: TimeoutErrorOptions): TimeoutError {
    return withoutStack(() => new TimeoutError(message, { ...options, policy: this.name }));
  }

  success(run: Run, at: number, _value?: unknown): ExitVerdict {
    if (run.openWork > 0) run.holdUntilIdle(at);
    else (run.tickets[at] as Turn).release();
    return pass;
  }

  failure(run: Run, at: number, error: unknown): ExitVerdict {
    const isFinal = run.isCut || run.callerGaveUp || run.openWork > 0;
    if (isFinal || !this.limiter.hearsFailures) return this.success(run, at);
    (run.tickets[at] as Turn).fail(error);
    return held;
  }

  idle(run: Run, at: number): void {
    (run.tickets[at] as Turn).release();
  }

  moved(run: Run, at: number): void {
    (run.tickets[at] as Turn).run = run;
  }

  unpark(run: Run, at: number): void {
    const turn = run.tickets[at] as Turn;
    deadlineHeap(this.clock).remove(turn);
    turn.release();
    if (this.isHeard(topics.abandoned)) this.tell(topics.abandoned, {});
  }

  protected described(): Readonly<Record<string, unknown>> {
    return { library: this.limiter.library };
  }
}

/** Whether a layer outside cuts the call at its deadline: it is for that one to say so then. */
function isCutOutside(run: Run, at: number): boolean {
  return run.plan.layers.slice(0, at).some((layer) => layer.aborts);
}
