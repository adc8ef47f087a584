import { knownOptions, milliseconds, positiveInteger } from '@holdfast/policy';

/** How far {@link VirtualClock.runUntilIdle} and {@link VirtualClock.runUntil} go before they give up. */
export interface RunLimits {
  /**
   * The most timers to fire.
   *
   * @default 10_000
   */
  readonly maxSteps?: number | undefined;
  /**
   * The most milliseconds to let pass; undefined means any number of them.
   *
   * @default undefined
   */
  readonly maxMs?: number | undefined;
}

/** Limits with their defaults filled in. */
export interface CheckedLimits {
  readonly maxSteps: number;
  readonly maxMs: number;
}

/** Checks the limits and fills in the defaults. */
export function checkLimits(limits: RunLimits): CheckedLimits {
  knownOptions(limits, ['maxSteps', 'maxMs']);
  const { maxSteps = 10_000, maxMs } = limits;
  positiveInteger('maxSteps', maxSteps);
  if (maxMs !== undefined) milliseconds('maxMs', maxMs);
  return { maxSteps, maxMs: maxMs ?? Infinity };
}
