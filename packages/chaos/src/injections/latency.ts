import {
  type ExecutionContext,
  invalidOption,
  knownOptions,
  milliseconds,
  numberBetween,
} from '@holdfast/policy';
import type { Injection } from '../injection.ts';

/** How long a call is delayed, as a function of its context and of a source of random numbers. */
export type LatencyFunction = (context: ExecutionContext, random: () => number) => number;

/** A latency of one duration, or by a function; see {@link latency}. */
export interface FixedLatencyOptions {
  /** How long, in milliseconds. What a function draws from its second argument is the seed's. */
  readonly delayMs: number | LatencyFunction;
  /** Only for a latency between two bounds. */
  readonly minMs?: undefined;
  /** Only for a latency between two bounds. */
  readonly maxMs?: undefined;
}

/** A latency between two bounds, each duration as likely as any other; see {@link latency}. */
export interface UniformLatencyOptions {
  /** Only for a latency of one duration. */
  readonly delayMs?: undefined;
  /** How long at least, in milliseconds. */
  readonly minMs: number;
  /** How long at most, in milliseconds. */
  readonly maxMs: number;
}

/** How long {@link latency} delays a call. */
export type LatencyOptions = FixedLatencyOptions | UniformLatencyOptions;

function delayOf(options: LatencyOptions): LatencyFunction {
  const { delayMs, minMs, maxMs } = knownOptions(options, ['delayMs', 'minMs', 'maxMs']);
  if (delayMs === undefined) {
    const min = milliseconds('minMs', minMs);
    const span = numberBetween('maxMs', maxMs, min, Number.MAX_VALUE) - min;
    return (_context, random) => min + span * random();
  }
  if (minMs !== undefined || maxMs !== undefined) {
    throw new TypeError('Expected options to have either `delayMs` or `minMs` and `maxMs`.');
  }
  if (typeof delayMs === 'function') return delayMs;
  if (typeof delayMs !== 'number') {
    throw invalidOption('delayMs', 'a number of milliseconds or a function', delayMs, TypeError);
  }
  milliseconds('delayMs', delayMs);
  return () => delayMs;
}

/**
 * Delays the call before its operation is called, or inside `after` when that has settled. The caller's
 * abort ends the wait at once. As a slow dependency, it pays no heed to deadlines.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const slow = latency({ minMs: 200, maxMs: 2_000 });
 * ```
 */
export function latency(options: LatencyOptions): Injection {
  const delay = delayOf(options);
  return {
    kind: 'latency',
    place: 'before',
    isFinal: false,
    aborts: false,
    write(script, context, random): void {
      const delayMs = milliseconds('delayMs', delay(context, random));
      script.kinds.push('latency');
      script.delaysMs.push(delayMs);
      script.before.push((call) => call.waitFor(delayMs));
    },
  };
}
