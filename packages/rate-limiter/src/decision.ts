import { invalidOption } from '@holdfast/policy';
import type { RateAlgorithm } from './algorithm.ts';
import type { Bucket } from './bucket.ts';

/** What a limiter says of one call, or of one key. */
export interface RateDecision {
  /** Whether the call may go. */
  readonly allowed: boolean;
  /** How many units may go in `windowMs`, in the long run. */
  readonly limit: number;
  /** The window of the limit, in milliseconds. */
  readonly windowMs: number;
  /** How many units may still go at this moment. */
  readonly remaining: number;
  /** After how many milliseconds the call may go; 0 if it may go now. */
  readonly retryAfterMs: number;
  /** After how many milliseconds all of the limit is there again, if nothing more goes. */
  readonly resetAfterMs: number;
}

/** Where a bucket stands at `now`, for a call that may go after so many milliseconds. */
export function standing(
  { state }: Bucket,
  { limit, windowMs }: RateAlgorithm,
  retryAfterMs: number,
  now: number,
): Omit<RateDecision, 'allowed'> {
  const remaining = state.remaining(now);
  return { limit, windowMs, remaining, retryAfterMs, resetAfterMs: state.resetAfter(now) };
}

/** Returns `weight` if it is a number of units that may go at one moment, or throws. */
export function checkWeight(weight: number, capacity: number): number {
  if (Number.isSafeInteger(weight) && weight >= 1 && weight <= capacity) return weight;
  const kind = typeof weight === 'number' ? RangeError : TypeError;
  const expected = `an integer from 1 to ${capacity}, which is what may go at one moment`;
  throw invalidOption('weight', expected, weight, kind);
}
