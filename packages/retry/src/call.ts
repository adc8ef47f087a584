import {
  type ClockTimer,
  type EventDetails,
  isRejectedError,
  type Outcome,
  type RejectedError,
  type RetryBudget,
  runGuarded,
} from '@holdfast/policy';
import type { RecoveredEvent } from './events.ts';
import { type AttemptSummary, historySize } from './history.ts';

/** What a retry remembers of one call; most calls succeed at once and need none. */
export class RetryCall {
  /** When the call came in, if anybody wants to know. */
  readonly enteredAt: number | undefined;
  /** The attempts begun. */
  attempts = 1;
  /** How the latest attempt ended, until it is discarded. */
  outcome: Outcome<unknown> | undefined = undefined;
  /** What the back-off answered last. */
  previousDelayMs: number | undefined = undefined;
  /** The last outcome of an attempt that ran and can still be handed out. */
  lastRan: Outcome<unknown> | undefined = undefined;
  /** The error with which the latest attempt was not let in. */
  refusal: RejectedError | undefined = undefined;
  /** An async `shouldRetry` is being asked. */
  isAsking = false;
  /** What ends the back-off. */
  timer: ClockTimer | undefined = undefined;
  /** It has been answered, or nobody waits for it any more. */
  isOver = false;
  /** How long the latest back-off was to be. */
  delayMs = 0;
  /** When the latest attempt began, if anybody wants to know. */
  startedAt: number | undefined;
  /** The latest attempts, if anybody wants to know. */
  history: AttemptSummary[] | undefined = undefined;
  private readonly budget: RetryBudget | undefined;
  private isSpending = false;

  constructor(enteredAt: number | undefined, budget: RetryBudget | undefined) {
    this.enteredAt = enteredAt;
    this.startedAt = enteredAt;
    this.budget = budget;
  }

  /** Takes a retry out of the budget, if there is one. */
  mayRetry(): boolean {
    if (this.budget === undefined) return true;
    this.isSpending = this.budget.tryRetry();
    return this.isSpending;
  }

  /** The latest attempt has been answered with `outcome`. */
  attemptEnded(outcome: Outcome<unknown>): void {
    this.releaseRetry();
    this.outcome = outcome;
    this.refusal = !outcome.ok && isRejectedError(outcome.error) ? outcome.error : undefined;
  }

  /** Adds the latest attempt to the history. */
  record(outcome: Outcome<unknown>, now: number): void {
    const { attempts: attempt, delayMs, startedAt } = this;
    const durationMs = startedAt === undefined ? undefined : now - startedAt;
    const history = (this.history ??= []);
    if (history.push({ attempt, outcome, delayMs, durationMs }) > historySize) history.shift();
  }

  /** What the last event of the call tells of its attempts. */
  told(): EventDetails<RecoveredEvent> {
    const { attempts, history = [] } = this;
    return { attempts, history, omitted: attempts - history.length };
  }

  /** To be called once the call has been answered, or nobody waits for it any more. */
  ended(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.releaseRetry();
    const { budget } = this;
    if (budget !== undefined) spared(() => budget.end());
  }

  private releaseRetry(): void {
    const { budget, isSpending } = this;
    if (!isSpending || budget === undefined) return;
    this.isSpending = false;
    spared(() => budget.retryEnded());
  }
}

/** A budget of the user's own may throw; a call must not notice. */
function spared(callback: () => void): void {
  runGuarded(callback, { kind: 'retry', event: 'budget', policy: 'retry' });
}
