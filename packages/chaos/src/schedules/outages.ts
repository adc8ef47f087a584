import { knownOptions, milliseconds, numberBetween, positiveMilliseconds } from '@holdfast/policy';
import type { Schedule } from '../schedule.ts';

/** What {@link outages} can be told. */
export interface OutagesOptions {
  /** How long an outage lasts, in milliseconds. */
  readonly forMs: number;
  /**
   * How long after the policy was made the first one begins, in milliseconds.
   *
   * @default 0
   */
  readonly afterMs?: number | undefined;
  /**
   * How long from the beginning of one to that of the next, in milliseconds. Without it there is one
   * only.
   *
   * @default undefined
   */
  readonly everyMs?: number | undefined;
}

/**
 * Strikes all calls of a stretch of time, once or again and again: what is called is down.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const flapping = outages({ forMs: 10_000, everyMs: 60_000 });
 * ```
 */
export function outages(options: OutagesOptions): Schedule {
  const { forMs, afterMs = 0, everyMs } = knownOptions(options, ['forMs', 'afterMs', 'everyMs']);
  positiveMilliseconds('forMs', forMs);
  milliseconds('afterMs', afterMs);
  if (everyMs !== undefined) numberBetween('everyMs', everyMs, forMs, Number.MAX_VALUE);
  return {
    kind: 'outages',
    start({ clock }) {
      const firstAt = clock.now() + afterMs;
      return () => {
        const sinceMs = clock.now() - firstAt;
        return sinceMs >= 0 && (everyMs === undefined ? sinceMs : sinceMs % everyMs) < forMs;
      };
    },
  };
}
