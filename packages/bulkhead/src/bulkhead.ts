import type { EventSource, Policy } from '@holdfast/policy';
import { BulkheadPolicy } from './admission.ts';
import type { BulkheadEvents } from './events.ts';
import { type BulkheadLimits, type BulkheadOptions, checkOptions } from './options.ts';
import type { Permit } from './permit.ts';

/** A policy that bounds how many calls run at once; made by {@link bulkhead}. */
export interface Bulkhead
  extends Policy<never, unknown, BulkheadEvents>,
    EventSource<BulkheadEvents>,
    AsyncDisposable {
  /** How many places are held: by calls whose work has not ended, each its weight, and by permits. */
  readonly active: number;
  /** How many calls wait for a place. */
  readonly queued: number;
  /** How many calls may run at once; with an adaptive `limit`, at present. */
  readonly maxConcurrent: number;
  /** How many calls may wait. */
  readonly maxQueued: number;
  /**
   * Changes the limits that are given. More places start queued calls at once; fewer let those that
   * run end by themselves. A shorter queue turns newcomers away, and another `maxQueueMs` is for them;
   * whoever waits already may stay, for as long as it was told when it came. An adaptive `limit` goes on from the places that it is given.
   *
   * @throws `TypeError` or `RangeError` naming the limit that cannot be used; with an adaptive `limit`,
   * also places below its `minLimit` or above its `maxLimit`.
   *
   * @example
   * ```ts
   * inventory.resize({ maxConcurrent: 50 });
   * ```
   */
  resize(limits: BulkheadLimits): void;
  /**
   * Starts nothing more: calls queue, as far as `maxQueued` lets them, until {@link Bulkhead.resume}.
   * What runs goes on. While the bulkhead is being drained it does nothing.
   */
  pause(): void;
  /** Ends a {@link Bulkhead.pause} and starts queued calls. */
  resume(): void;
  /** Takes a place by hand, for work that cannot be wrapped in a function; undefined if none is free. */
  tryAcquire(): Permit | undefined;
  /** Resolves as soon as no place is held and nobody waits for one. */
  whenIdle(): Promise<void>;
  /**
   * Turns newcomers away with a {@link BulkheadDrainingError} from now on, lets those that run or
   * wait come to their end (also if the bulkhead was paused), and resolves when they have. There is no way
   * back; `await using` does the same at the end of a block.
   */
  drain(): Promise<void>;
}

/**
 * Bounds how many calls run at once, and how many may wait for their turn: strictly in the order in
 * which they came. A place is held until the work has really ended, also when a timeout or the
 * caller has stopped waiting for it, and for what the operation named by `context.waitUntil`.
 *
 * A caller that gives up while it waits leaves the queue at once. The operation of a call that has
 * waited runs in its own caller's async context.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const inventory = bulkhead({ maxConcurrent: 10, maxQueued: 100, maxQueueMs: 1_000 });
 *
 * const stock = await inventory.execute(({ signal }) => readStock('sku-1', { signal }));
 * ```
 */
export function bulkhead(options: BulkheadOptions = {}): Bulkhead {
  checkOptions(options);
  return (options.limit ?? options.queue)?.makeBulkhead(options) ?? new BulkheadPolicy(options);
}
