/** How a timeout ends a call. */
export const TimeoutStrategy: TimeoutStrategies = {
  Cooperative: 'optimistic',
  Aggressive: 'aggressive',
};

/** How a timeout ends a call. */
export type TimeoutStrategy = TimeoutStrategy.Cooperative | TimeoutStrategy.Aggressive;

/** The type of each strategy, as an enum has it. */
export declare namespace TimeoutStrategy {
  /** Aborts the signal and waits for the function. */
  type Cooperative = 'optimistic';
  /** Aborts the signal and rejects at once. */
  type Aggressive = 'aggressive';
}

/** What {@link TimeoutStrategy} is. */
export interface TimeoutStrategies {
  /** Aborts the signal and waits for the function. */
  readonly Cooperative: 'optimistic';
  /** Aborts the signal and rejects at once. */
  readonly Aggressive: 'aggressive';
}
