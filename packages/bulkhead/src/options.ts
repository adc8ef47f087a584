import {
  type Clock,
  commonOptions,
  count,
  invalidOption,
  knownOptions,
  positiveCount,
  positiveMilliseconds,
} from '@holdfast/policy';
import type { AdaptiveLimit } from './limits/adaptive-limit.ts';
import type { QueueOrder } from './queues/queue-order.ts';

/** What {@link bulkhead} can be told. */
export interface BulkheadOptions {
  /**
   * How many calls may run at once: an integer from 1 up, or Infinity.
   *
   * @default 25 (as in resilience4j)
   */
  readonly maxConcurrent?: number | undefined;
  /**
   * Finds out how many calls may run at once, in place of a fixed `maxConcurrent`: by
   * {@link gradient2}, {@link vegas} or {@link aimd}.
   *
   * @default undefined (`maxConcurrent` is fixed)
   */
  readonly limit?: AdaptiveLimit | undefined;
  /**
   * How many calls may wait for a place: an integer from 0 up, or Infinity. Whoever finds the queue
   * full is rejected at once.
   *
   * @default 0 (nobody waits)
   */
  readonly maxQueued?: number | undefined;
  /**
   * How long a call may wait for a place, in milliseconds; Infinity for no limit. The time in which the operation runs does
   * not count: that is what `timeout` is for. Without it a call waits until it gets its place, its
   * caller gives up, or its deadline has passed.
   *
   * @default undefined
   */
  readonly maxQueueMs?: number | undefined;
  /**
   * Rejects a call that would have to queue although an operation around it holds a place here: the
   * two may wait for each other for ever. Costs each call an `AsyncLocalStorage.run`. Where the
   * context of the outer call is passed to the inner one, it is detected without this option.
   *
   * @default false
   */
  readonly detectReentrancy?: boolean | undefined;
  /**
   * In which order waiting calls start, and how many places each takes: by {@link priorityQueue},
   * {@link fairQueue} or {@link fifoQueue}.
   *
   * @default undefined (first come, first served, 1 place each)
   */
  readonly queue?: QueueOrder | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'bulkhead'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/** How many calls a bulkhead lets run and wait, and for how long they may; see `resize`. */
export type BulkheadLimits = Pick<BulkheadOptions, 'maxConcurrent' | 'maxQueued' | 'maxQueueMs'>;

const limitNames = ['maxConcurrent', 'maxQueued', 'maxQueueMs'];
const names = [...limitNames, 'limit', 'detectReentrancy', 'queue', 'name', 'clock'];

/** Throws an error that names the first limit that cannot be used. */
export function checkLimits(limits: BulkheadLimits): void {
  knownOptions(limits, limitNames);
  checkCounts(limits);
}

function checkCounts({ maxConcurrent, maxQueued, maxQueueMs }: BulkheadLimits): void {
  if (maxConcurrent !== undefined) positiveCount('maxConcurrent', maxConcurrent);
  if (maxQueued !== undefined) count('maxQueued', maxQueued);
  if (maxQueueMs !== undefined && maxQueueMs !== Number.POSITIVE_INFINITY) {
    positiveMilliseconds('maxQueueMs', maxQueueMs);
  }
}

/** Throws an error that names the first option that cannot be used. */
export function checkOptions(options: BulkheadOptions): void {
  const { detectReentrancy } = knownOptions(options, names);
  checkCounts(options);
  if (detectReentrancy !== undefined && typeof detectReentrancy !== 'boolean') {
    throw invalidOption('detectReentrancy', 'a boolean', detectReentrancy, TypeError);
  }
  checkMade('queue', options.queue, 'priorityQueue, fairQueue or fifoQueue');
  checkMade('limit', options.limit, 'gradient2, vegas or aimd');
  commonOptions(options);
}

function checkMade(
  name: string,
  value: QueueOrder | AdaptiveLimit | undefined,
  makers: string,
): void {
  if (value === undefined || typeof value?.makeBulkhead === 'function') return;
  throw invalidOption(name, `what ${makers} made`, value, TypeError);
}
