import type { Clock } from '../clock.ts';
import {
  commonOptions,
  invalidOption,
  knownOptions,
  positiveInteger,
  positiveMilliseconds,
} from '../options.ts';
import type { ExecutionContext } from '../policy.ts';

/**
 * What {@link keyed} can be told.
 *
 * @typeParam K - The keys.
 */
export interface KeyedOptions<K extends string | undefined = string | undefined> {
  /**
   * To whom a call belongs, such as its host or its tenant. All calls for which it answers undefined
   * share one policy. It is asked at each attempt that comes in; what it throws, the call rejects with.
   */
  readonly key: (context: ExecutionContext) => K;
  /**
   * How many keys are remembered: an integer from 1 up. Beyond it the key that has been idle for
   * longest is forgotten, one whose state does not matter any more before others. A key with calls in
   * flight never is: while all of them have, there are more.
   *
   * @default 10_000
   */
  readonly maxKeys?: number | undefined;
  /**
   * After how many milliseconds without a call a key is forgotten, unless its state still matters (an
   * open circuit before the end of its break); Infinity for never.
   *
   * @default 600_000 (10 minutes)
   */
  readonly idleMs?: number | undefined;
  /**
   * The name for events and `describe()`; errors have the name of the policy of the key.
   *
   * @default 'keyed'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from; the policies of the keys have their own.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const names = ['key', 'maxKeys', 'idleMs', 'name', 'clock'];

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(makePolicy: unknown, options: KeyedOptions): void {
  if (typeof makePolicy !== 'function') {
    throw invalidOption('makePolicy', 'a function', makePolicy, TypeError);
  }
  const { key, maxKeys, idleMs } = knownOptions(options, names);
  if (typeof key !== 'function') throw invalidOption('key', 'a function', key, TypeError);
  if (maxKeys !== undefined) positiveInteger('maxKeys', maxKeys);
  if (idleMs !== undefined && idleMs !== Number.POSITIVE_INFINITY) {
    positiveMilliseconds('idleMs', idleMs);
  }
  commonOptions(options);
}
