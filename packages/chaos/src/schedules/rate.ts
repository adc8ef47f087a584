import { type ExecutionContext, numberBetween } from '@holdfast/policy';
import type { Schedule } from '../schedule.ts';

/**
 * Strikes a share of the calls at random: a number from 0 to 1, or a function of the context that returns
 * one. It draws one number for each call that it is asked about, so that the same seed strikes the same
 * calls whatever their timing.
 *
 * @throws `TypeError` or `RangeError` when the share cannot be used.
 *
 * @example
 * ```ts
 * const beta = rate((context) => (context.get(tenant) === 'beta' ? 0.5 : 0.01));
 * ```
 */
export function rate(share: number | ((context: ExecutionContext) => number)): Schedule {
  if (typeof share !== 'function') numberBetween('share', share, 0, 1);
  return {
    kind: 'rate',
    start({ random }) {
      if (typeof share === 'number') return () => random() < share;
      return (context) => {
        const drawn = random();
        return drawn < numberBetween('share', share(context), 0, 1);
      };
    },
  };
}
