import { type ExecutionContext, invalidOption } from '@holdfast/policy';
import type { RateLimiterOptions } from './options.ts';

const classCount = 8;
const defaultClass = 3;

/** Throws unless `weight` is a number of units that may go at one moment. */
export function checkWeight(weight: number, capacity: number): number {
  if (typeof weight !== 'number') {
    throw invalidOption('weight', 'an integer from 1 up', weight, TypeError);
  }
  if (Number.isSafeInteger(weight) && weight >= 1 && weight <= capacity) return weight;
  const expected = `an integer from 1 to ${capacity}, which is what may go at one moment`;
  throw invalidOption('weight', expected, weight, RangeError);
}

/** How many units a call is. */
export function unitsOf(
  weight: RateLimiterOptions['weight'],
  context: ExecutionContext,
  capacity: number,
): number {
  return weight === undefined ? 1 : checkWeight(weight(context), capacity);
}

/** The class in which a call waits. */
export function urgencyOf(
  priority: RateLimiterOptions['priority'],
  context: ExecutionContext,
): number {
  const urgency = priority?.(context) ?? defaultClass;
  if (Number.isInteger(urgency) && urgency >= 0 && urgency < classCount) return urgency;
  const kind = typeof urgency === 'number' ? RangeError : TypeError;
  throw invalidOption('priority', 'an integer from 0 to 7', urgency, kind);
}

/** Throws unless `key` can be a key. */
export function checkKey(key: string | undefined): string | undefined {
  if (key === undefined || typeof key === 'string') return key;
  throw invalidOption('key', 'a string or undefined', key, TypeError);
}
