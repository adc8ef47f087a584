import { invalidOption } from '@holdfast/policy';
import { integerBetween } from '../check-integer.ts';
import type { FaultStep } from '../fault-step.ts';
import { respond } from './respond.ts';

/**
 * An answer that asks the client to come back later: a header `retry-after` with whole seconds, or
 * with a date in the form that RFC 9110 prefers.
 *
 * For values that the standard forbids, use {@link respond} with the header spelt out.
 *
 * @throws `TypeError` or `RangeError` if the time is neither an integer from 0 up nor a
 * valid date, or the status is not from 200 to 599.
 *
 * @example
 * ```ts
 * import { retryAfter } from '@holdfast/testing';
 *
 * const overloaded = retryAfter(2);
 * const tooMany = retryAfter(new Date('2030-01-01T00:00:00Z'), 429);
 * ```
 */
export function retryAfter(when: number | Date, status = 503): FaultStep {
  return respond({ status, headers: { 'retry-after': retryAfterValue(when) } });
}

function retryAfterValue(when: number | Date): string {
  if (!(when instanceof Date)) {
    return String(integerBetween('when', when, 0, Number.MAX_SAFE_INTEGER));
  }
  if (Number.isNaN(when.getTime()))
    throw invalidOption('when', 'a valid date', 'Invalid Date', RangeError);
  return when.toUTCString();
}
