/**
 * What the retries of many calls have to share, so that they cannot multiply the load of a
 * dependency that is failing already. `retry` takes one as its option `budget`; one that comes with
 * the call, as `retryBudget`, counts instead.
 */
export interface RetryBudget {
  /** A call begins: its first attempt pays into the budget. */
  begin(): void;
  /** A call that {@link RetryBudget.begin} announced has been answered. */
  end(): void;
  /** Takes one retry out of the budget; false when there is none left. */
  tryRetry(): boolean;
  /** A retry that {@link RetryBudget.tryRetry} granted has been answered. */
  retryEnded(): void;
}
