import { hasBrand, type PolicyErrorOptions, RejectedError } from '@holdfast/policy';

/**
 * Why a bulkhead had no place: the queue was full, or full for the calls of this key; or the call had
 * queued, but for `maxQueueMs`, or until it had to make room for a call that goes before it.
 */
export type FullReason = 'full' | 'key-full' | 'queue-timeout' | 'displaced';

/** What a {@link BulkheadFullError} is made from. */
export type BulkheadFullErrorOptions = PolicyErrorOptions &
  Pick<
    BulkheadFullError,
    'reason' | 'active' | 'queued' | 'maxConcurrent' | 'maxQueued' | 'waitedMs'
  >;

/**
 * All places were taken and the queue was full (`reason` is `'full'`), or full for the key of the call
 * (`'key-full'`); or the call had queued for `maxQueueMs` (`'queue-timeout'`), or had to make room for
 * one that goes before it (`'displaced'`). The operation was not called. Nobody can tell when a place will
 * be free, so `retryAfterMs` is undefined.
 */
export class BulkheadFullError extends RejectedError {
  /** Always `'BulkheadFullError'`. */
  override readonly name: string = 'BulkheadFullError';
  override readonly code = 'BULKHEAD_FULL';
  /** A brand: always true. */
  readonly isBulkheadFullError: true = true;
  /** Whether the call was turned away at once or after it had queued. */
  readonly reason: FullReason;
  /** How many calls held a place. */
  readonly active: number;
  /** How many calls were waiting, this one not among them. */
  readonly queued: number;
  /** How many calls may run at once. */
  readonly maxConcurrent: number;
  /** How many calls may wait. */
  readonly maxQueued: number;
  /** How long this call had queued, in milliseconds; 0 when it was turned away at once. */
  readonly waitedMs: number;

  constructor(message: string, options: BulkheadFullErrorOptions) {
    super(message, options);
    this.reason = options.reason;
    this.active = options.active;
    this.queued = options.queued;
    this.maxConcurrent = options.maxConcurrent;
    this.maxQueued = options.maxQueued;
    this.waitedMs = options.waitedMs;
  }
}

/** The bulkhead is being drained and takes no new calls. The operation was not called. */
export class BulkheadDrainingError extends RejectedError {
  /** Always `'BulkheadDrainingError'`. */
  override readonly name: string = 'BulkheadDrainingError';
  override readonly code = 'BULKHEAD_DRAINING';
  /** A brand: always true. */
  readonly isBulkheadDrainingError: true = true;
}

/**
 * The call would have had to queue while an operation around it holds a place in the same bulkhead:
 * the two could wait for each other for ever. The operation was not called. To repair it, give the
 * inner call a bulkhead of its own, or start it after the outer one.
 */
export class BulkheadReentrancyError extends RejectedError {
  /** Always `'BulkheadReentrancyError'`. */
  override readonly name: string = 'BulkheadReentrancyError';
  override readonly code = 'BULKHEAD_REENTRANCY';
  /** A brand: always true. */
  readonly isBulkheadReentrancyError: true = true;
}

/** Whether `value` says that a bulkhead had no place for a call. */
export function isBulkheadFullError(value: unknown): value is BulkheadFullError {
  return hasBrand<BulkheadFullError>(value, (error) => error.isBulkheadFullError);
}

/** Whether `value` says that a bulkhead was being drained. */
export function isBulkheadDrainingError(value: unknown): value is BulkheadDrainingError {
  return hasBrand<BulkheadDrainingError>(value, (error) => error.isBulkheadDrainingError);
}

/** Whether `value` says that a call would have waited for a place that its own caller holds. */
export function isBulkheadReentrancyError(value: unknown): value is BulkheadReentrancyError {
  return hasBrand<BulkheadReentrancyError>(value, (error) => error.isBulkheadReentrancyError);
}
