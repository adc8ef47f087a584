import type { ExecutionContext } from '@holdfast/policy';
import type { Bulkhead } from '../bulkhead.ts';
import type { BulkheadOptions } from '../options.ts';

/**
 * In which order waiting calls start, and how many places each takes. It is a description without
 * state, so that several bulkheads may be made from one. Ready-made: {@link priorityQueue},
 * {@link fairQueue} and {@link fifoQueue}.
 */
export interface QueueOrder {
  /** Which order this is. */
  readonly order: 'fifo' | 'priority' | 'fair';
  /** Its options, defaults included, for `describe()`; functions are left out. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Makes a bulkhead that keeps this order: for {@link bulkhead} itself. */
  makeBulkhead(options: BulkheadOptions): Bulkhead;
}

/** What every {@link QueueOrder} can be told. */
export interface QueueOrderOptions {
  /**
   * How many places a call takes: an integer from 1 to `maxConcurrent`. A call of any other weight
   * rejects with a `RangeError`. It is asked once for each call, as the call comes in; a call for
   * which it throws rejects with that very error.
   *
   * The call whose turn it is waits until there are places enough for it, and nobody whose turn
   * comes later goes before it meanwhile: so heavy calls do not starve, but places may stand empty.
   *
   * @default undefined (1 place each)
   */
  readonly weight?: ((context: ExecutionContext) => number) | undefined;
}
