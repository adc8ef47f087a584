import type { AcceptsOf, AlternativeOf } from '@holdfast/policy';
import type { EachOf, Injection, Injections } from '../injection.ts';
import { sequence } from '../sequence.ts';

/**
 * Lets injections happen when the operation has settled: the work is done, and its answer is late or is
 * lost on the way. They happen to a failure of the operation as well. A value that gets lost is closed:
 * by its `Symbol.asyncDispose`, its `Symbol.dispose`, or the body of a response.
 *
 * @throws `TypeError` for `abort`: there is nothing left to abort.
 *
 * @example
 * ```ts
 * const lostAnswer = after([latency({ delayMs: 300 }), fault(new Error('socket hang up'))]);
 * ```
 */
export function after<const I extends Injections>(
  injections: I,
): Injection<AlternativeOf<EachOf<I>>, AcceptsOf<EachOf<I>>> {
  const list = sequence('injections', injections);
  if (list.some((each) => each.aborts)) {
    throw new TypeError('Expected `injections` to have no abort after the operation has settled.');
  }
  return {
    kind: `after ${list.map(({ kind }) => kind).join(', ')}`,
    place: 'after',
    isFinal: list.some((each) => each.isFinal),
    aborts: false,
    write(script, context, random): void {
      const { after: steps } = script;
      for (const each of list) each.write({ ...script, before: steps }, context, random);
    },
  };
}
