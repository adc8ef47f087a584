import { positiveInteger } from '@holdfast/policy';
import type { Schedule } from '../schedule.ts';

/**
 * Strikes every n-th call.
 *
 * @throws `TypeError` or `RangeError` when `n` is not an integer from 1 up.
 *
 * @example
 * ```ts
 * const policy = chaos({ inject: fault(), when: everyNth(10) });
 * ```
 */
export function everyNth(n: number): Schedule {
  positiveInteger('n', n);
  return {
    kind: 'every-nth',
    start() {
      let left = n;
      return () => {
        left--;
        if (left > 0) return false;
        left = n;
        return true;
      };
    },
  };
}
