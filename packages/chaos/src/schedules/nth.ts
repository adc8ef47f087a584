import { invalidOption, positiveInteger } from '@holdfast/policy';
import type { Schedule } from '../schedule.ts';

/**
 * Strikes the calls with these numbers, counted from 1.
 *
 * @throws `TypeError` or `RangeError` when they are not integers from 1 up.
 *
 * @example
 * ```ts
 * const twice = chaos({ inject: fault(), when: nth([1, 2]) });
 * ```
 */
export function nth(numbers: number | readonly number[]): Schedule {
  const list = typeof numbers === 'number' ? [numbers] : numbers;
  if (!Array.isArray(list)) {
    throw invalidOption('numbers', 'an integer from 1 up, or a list of them', numbers, TypeError);
  }
  const struck = new Set(list.map((each) => positiveInteger('numbers', each)));
  return {
    kind: 'nth',
    start() {
      let count = 0;
      return () => struck.has(++count);
    },
  };
}
