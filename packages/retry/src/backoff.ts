import type { Outcome } from '@holdfast/policy';

/** What a {@link Backoff} is asked with. */
export interface BackoffContext {
  /** The attempt that has just ended, counted from 1. */
  readonly attempt: number;
  /** Which delay this is, counted from 1: the attempt, less one where `fastFirst` took the first. */
  readonly step: number;
  /** How that attempt ended. */
  readonly outcome: Outcome<unknown>;
  /** What this back-off answered last in this call; undefined the first time. */
  readonly previousDelayMs: number | undefined;
  /** How long the call has taken so far, in milliseconds, counted from its entry into `retry`. */
  readonly elapsedMs: number;
}

/**
 * How long to wait before the next attempt, in milliseconds; undefined or Infinity to give up. What
 * is below 0 counts as 0. It is a plain function: write your own, or use {@link exponential},
 * {@link linear}, {@link constant} or {@link delays}.
 *
 * @example
 * ```ts
 * const fibonacci = [1, 1, 2, 3, 5, 8];
 * const backoff: Backoff = ({ step }) => 100 * (fibonacci[step - 1] ?? 13);
 * ```
 */
export type Backoff = (context: BackoffContext) => number | undefined;

/** A back-off that can tell what it is, for `describe()`. */
export interface DescribedBackoff extends Backoff {
  /** Its kind and its options, defaults included. */
  readonly description: Readonly<Record<string, unknown>>;
}

/**
 * Gives a back-off of this package its description. Having one also says that it does not look at
 * `elapsedMs`, so that calls which never fail need not read the clock.
 */
export function described(
  backoff: Backoff,
  description: Readonly<Record<string, unknown>>,
): DescribedBackoff {
  return Object.assign(backoff, { description: Object.freeze(description) });
}

/** The description of a back-off, if it is one of this package. */
export function descriptionOf(backoff: Backoff): DescribedBackoff['description'] | undefined {
  return (backoff as Partial<DescribedBackoff>).description;
}
