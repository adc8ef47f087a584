import { invalidOption } from '@holdfast/policy';
import type { RateAlgorithm } from '../algorithm.ts';
import { bucketScript } from './bucket-script.ts';
import type { RedisScript } from './redis-script.ts';
import { windowScript } from './window-script.ts';

const microseconds = 1_000;

/** An algorithm as Redis runs it. */
export interface SharedRule {
  readonly algorithm: RateAlgorithm;
  readonly script: RedisScript;
  /** What the script is told of the limit. */
  readonly args: readonly [string, string];
  /** What its keys end with: another kind of data must not be found there. */
  readonly suffix: string;
  /** After how many milliseconds there is room for one more, in the long run. */
  readonly intervalMs: number;
  /** For how long so many units can be held at most, in milliseconds. */
  longestHoldMs(units: number): number;
}

/** How Redis runs `algorithm`; throws a `TypeError` for one that it cannot. */
export function sharedRule(algorithm: RateAlgorithm): SharedRule {
  const { kind, limit, windowMs, capacity } = algorithm;
  const intervalMs = windowMs / limit;
  if (kind === 'sliding-window') {
    const args = [String(limit), String(Math.ceil(windowMs * microseconds))] as const;
    const longestHoldMs = (): number => windowMs / 2;
    return { algorithm, script: windowScript, args, suffix: ':window', intervalMs, longestHoldMs };
  }
  if (kind !== 'gcra' && kind !== 'token-bucket') {
    const expected = 'what gcra, tokenBucket or slidingWindow made';
    throw invalidOption('algorithm', expected, kind, TypeError);
  }
  const args = [
    String(intervalMs * microseconds),
    String(capacity * intervalMs * microseconds),
  ] as const;
  const longestHoldMs = (units: number): number => (capacity - units) * intervalMs;
  return { algorithm, script: bucketScript, args, suffix: '', intervalMs, longestHoldMs };
}
