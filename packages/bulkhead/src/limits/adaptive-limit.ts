import type { Outcome } from '@holdfast/policy';
import type { Bulkhead } from '../bulkhead.ts';
import type { BulkheadOptions } from '../options.ts';

/**
 * How a bulkhead finds out how many calls may run at once. It is a description without state, so that
 * several bulkheads may be made from one: each has a limit of its own. Ready-made: {@link gradient2},
 * {@link vegas} and {@link aimd}.
 */
export interface AdaptiveLimit {
  /** Which algorithm this is. */
  readonly algorithm: 'aimd' | 'gradient2' | 'vegas';
  /** Its options, defaults included, for `describe()`; functions are left out. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Makes a bulkhead that keeps this limit: for {@link bulkhead} itself. */
  makeBulkhead(options: BulkheadOptions): Bulkhead;
}

/** What every {@link AdaptiveLimit} can be told. */
export interface AdaptiveLimitOptions {
  /**
   * The lowest limit: an integer from 1 up.
   *
   * @default 1
   */
  readonly minLimit?: number | undefined;
  /**
   * The highest limit: an integer from `minLimit` up.
   *
   * @default 200 (as in Netflix's concurrency-limits)
   */
  readonly maxLimit?: number | undefined;
  /**
   * The limit at first: an integer from `minLimit` to `maxLimit`. The default is the nearest to it
   * that these two allow.
   *
   * @default 20 (as in Netflix's concurrency-limits)
   */
  readonly initialLimit?: number | undefined;
  /**
   * What a call tells by its outcome: true, the dependency has too much to do; false, the latency of the
   * call counts; `'ignore'`, neither. It is asked when the operation has settled, and not about calls
   * for which nobody waits any more. A call for which it throws rejects with that error.
   *
   * The default: a `TimeoutError` and a `RejectedError` from inside are drops, other errors are ignored
   * (they may come much sooner than an answer), and the latency of a value counts.
   *
   * @default undefined
   */
  readonly isDrop?: ((outcome: Outcome<unknown>) => boolean | 'ignore') | undefined;
}

/** What an {@link AdaptiveLimit} can be told that goes by the latency. */
export interface LatencyLimitOptions extends AdaptiveLimitOptions {
  /**
   * For how long latencies are averaged before the limit changes, in milliseconds.
   *
   * @default 1_000 (as in Netflix's concurrency-limits)
   */
  readonly windowMs?: number | undefined;
  /**
   * How many calls have to end within a window: it goes on until they have. An integer from 1 up.
   *
   * @default 10 (as in Netflix's concurrency-limits)
   */
  readonly minSamples?: number | undefined;
  /**
   * After how many windows at most the latency without a queue is measured anew, at about half the
   * limit: an integer from 1 up, or Infinity for never. The number is drawn anew each time, from half
   * of it up, so that several clients do not measure in step. Where the calls did not use half the limit
   * anyway, what they measured is taken and the limit not lowered.
   *
   * It takes a window, or as long as some calls do. Where calls that last hold the places, it is given
   * up after several times that, and the next one comes the later.
   *
   * @default 30 (Netflix's VegasLimit)
   */
  readonly probeEvery?: number | undefined;
  /**
   * Where the jitter comes from: a number from 0 up, below 1.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}
