import {
  type ClockTimer,
  runGuarded,
  isRejectedError,
  type Outcome,
  type RejectedError,
  type RetryBudget,
} from '@holdfast/policy';

/** What a {@link RetryCall} begins with. */
export interface RetryCallStart {
  /** When the call came in; NaN when nobody wants to know. */
  readonly enteredAt: number;
  /** What has been told that the call began. */
  readonly budget: RetryBudget | undefined;
}

/** What a retry remembers of one call; most calls succeed at once and need none. */
export class RetryCall {
  readonly enteredAt: number;
  /** The attempts begun. */
  attempts = 1;
  /** What the back-off answered last. */
  previousDelayMs: number | undefined = undefined;
  /** The last outcome of an attempt that ran and can still be handed out. */
  lastRan: Outcome<unknown> | undefined = undefined;
  /** The error with which the latest attempt was not let in. */
  refusal: RejectedError | undefined = undefined;
  /** The outcome about which an async `shouldRetry` is being asked. */
  pending: Outcome<unknown> | undefined = undefined;
  /** What ends the back-off. */
  timer: ClockTimer | undefined = undefined;
  /** It has been answered, or nobody waits for it any more. */
  isOver = false;
  private readonly budget: RetryBudget | undefined;
  private isSpending = false;

  constructor({ enteredAt, budget }: RetryCallStart) {
    this.enteredAt = enteredAt;
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
    this.refusal = !outcome.ok && isRejectedError(outcome.error) ? outcome.error : undefined;
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
