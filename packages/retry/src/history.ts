import type { Outcome } from '@holdfast/policy';

/** One attempt of a call, as the events `gave-up` and `recovered` tell it. */
export interface AttemptSummary {
  /** Which attempt of this policy it was, counted from 1. */
  readonly attempt: number;
  /** How it ended. A value that was discarded has been disposed. */
  readonly outcome: Outcome<unknown>;
  /** How long the back-off before it was to be, in milliseconds; 0 for the first. */
  readonly delayMs: number;
  /**
   * How long it took, waits in policies inside included, in milliseconds. Undefined where nobody
   * listened yet when it began.
   */
  readonly durationMs: number | undefined;
}

/** How many attempts are remembered of one call. */
export const historySize = 20;
