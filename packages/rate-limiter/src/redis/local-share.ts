import { invalidOption, knownOptions, positiveInteger, ratio } from '@holdfast/policy';
import type { RateAlgorithm, RateState } from '../algorithm.ts';
import { LeakyBucket } from '../algorithms/leaky-bucket.ts';
import { WindowLog } from '../algorithms/window-log.ts';

/** What {@link localShare} is told: one of the two. */
export interface LocalShareOptions {
  /**
   * How many processes there are: each lets its part of the limit go. An integer from 1 up.
   *
   * @default undefined
   */
  readonly processes?: number | undefined;
  /**
   * Which part of the limit this process lets go: a number above 0 and at most 1.
   *
   * @default undefined
   */
  readonly fraction?: number | undefined;
}

/** A part of the limit for each process, while Redis is away; made by {@link localShare}. */
export interface LocalShare {
  /** Which part of the limit it is. */
  readonly fraction: number;
}

/** In so many steps does a window fill that begins as if it had been used up evenly. */
const steps = 32;

/** A window that has let its limit go evenly, up to `now`. */
function usedUpWindow(limit: number, windowMs: number, now: number): RateState {
  const state = new WindowLog(limit, windowMs);
  const count = Math.min(steps, limit);
  for (let i = 1; i <= count; i++) {
    const units = Math.floor((limit * i) / count) - Math.floor((limit * (i - 1)) / count);
    state.take(now - windowMs + (windowMs * i) / count, units);
  }
  return state;
}

/**
 * The counts of one key in this process alone, with a part of the limit, and as if that were used up at
 * `now`: Redis may have let all of the limit go just before. At least one call at a time can go.
 */
export function localState(
  { kind, limit, windowMs, capacity }: RateAlgorithm,
  fraction: number,
  now: number,
): RateState {
  const part = Math.floor(limit * fraction);
  if (kind === 'sliding-window') {
    return part >= 1
      ? usedUpWindow(part, windowMs, now)
      : usedUpWindow(1, windowMs / (limit * fraction), now);
  }
  const most = Math.max(1, Math.floor(capacity * fraction));
  const state = new LeakyBucket(windowMs / (limit * fraction), most);
  state.take(now, most);
  return state;
}

/**
 * How many units may go at one moment, of a part of the limit.
 */
export function localCapacity({ capacity }: RateAlgorithm, fraction: number): number {
  return Math.max(1, Math.floor(capacity * fraction));
}

/**
 * While Redis is away, lets each process go on with a part of the limit: as a limiter without Redis does,
 * beginning with nothing, since all of the limit may have gone just before.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const whenAway = localShare({ processes: 4 });
 * ```
 */
export function localShare(options: LocalShareOptions): LocalShare {
  const { processes, fraction } = knownOptions(options, ['processes', 'fraction']);
  if (processes !== undefined && fraction !== undefined) {
    throw invalidOption('fraction', 'left out beside `processes`', fraction, TypeError);
  }
  if (processes !== undefined) return { fraction: 1 / positiveInteger('processes', processes) };
  return { fraction: ratio('fraction', fraction as number) };
}
