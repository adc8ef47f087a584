import type { Clock, Outcome } from '@holdfast/policy';
import { type Backoff, descriptionOf } from './backoff.ts';
import { delays } from './delays.ts';
import { exponential } from './exponential.ts';
import type { RetryOptions } from './options.ts';

/** By what a retry decides, as its options say. */
export interface Rules {
  readonly maxAttempts: number;
  /** Infinity when there is no such limit. */
  readonly maxElapsedMs: number;
  readonly backoff: Backoff;
  readonly fastFirst: boolean;
  readonly delayFrom:
    | ((outcome: Outcome<never>, attempt: number) => number | undefined)
    | undefined;
  readonly clock: Clock;
  /** Calls carry the time of their entry. */
  readonly isTimed: boolean;
}

/** Fills in the defaults. */
export function rulesOf(options: RetryOptions<never>, clock: Clock): Rules {
  const { backoff: given = exponential(), maxElapsedMs = Infinity } = options;
  const backoff: Backoff = typeof given === 'function' ? given : delays(given);
  const { maxAttempts = 3, fastFirst = false, delayFrom } = options;
  const isTimed = maxElapsedMs !== Infinity || descriptionOf(backoff) === undefined;
  return { maxAttempts, maxElapsedMs, backoff, fastFirst, delayFrom, clock, isTimed };
}

/** The rules as `describe()` tells them. */
export function describeRules(rules: Rules): Readonly<Record<string, unknown>> {
  const { maxAttempts, maxElapsedMs, fastFirst } = rules;
  const backoff = descriptionOf(rules.backoff);
  return {
    maxAttempts,
    ...(maxElapsedMs === Infinity ? {} : { maxElapsedMs }),
    ...(backoff === undefined ? {} : { backoff }),
    fastFirst,
  };
}
