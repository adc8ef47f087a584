import { knownOptions, positiveMilliseconds, ratio } from '@holdfast/policy';

/** What {@link prefetch} can be told. */
export interface PrefetchOptions {
  /**
   * How much a process may have in hand for a key: a share of what may go at one moment, above 0 and at
   * most 1.
   *
   * @default 0.1
   */
  readonly maxRatio?: number | undefined;
  /**
   * For how long units may be kept, in milliseconds; what is left then goes back. Less, where the limit
   * would be empty in ten times that.
   *
   * @default 100
   */
  readonly holdMs?: number | undefined;
}

/** How much a process takes ahead of its calls; made by {@link prefetch}. */
export interface Prefetch {
  /** Its options, defaults included, for `describe()`. */
  readonly options: {
    /** How much a process may have in hand: a share of what may go at one moment. */
    readonly maxRatio: number;
    /** For how long units may be kept, in milliseconds. */
    readonly holdMs: number;
  };
}

/**
 * Lets a process take units ahead of its calls, as many as it uses in some milliseconds: then most calls
 * are decided at once, without asking Redis. What is in hand counts against the limit, at the last moment
 * at which it may be used.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const share = prefetch({ maxRatio: 0.02 });
 * ```
 */
export function prefetch(options: PrefetchOptions = {}): Prefetch {
  const { maxRatio = 0.1, holdMs = 100 } = knownOptions(options, ['maxRatio', 'holdMs']);
  ratio('maxRatio', maxRatio);
  positiveMilliseconds('holdMs', holdMs);
  return { options: { maxRatio, holdMs } };
}
