import { type ExecutionContext, invalidOption } from '@holdfast/policy';
import type { Injection, Step } from '../injection.ts';

/**
 * Does what you say before the operation is called, or inside `after` when that has settled: drop a
 * cache, kill a worker, use up memory. The call goes on when it has returned, or when its promise has
 * resolved; what it throws is thrown to the caller.
 *
 * @throws `TypeError` when `act` is not a function.
 *
 * @example
 * ```ts
 * const coldCache = behavior(() => cache.clear());
 * ```
 */
export function behavior(act: (context: ExecutionContext) => unknown): Injection {
  if (typeof act !== 'function') throw invalidOption('act', 'a function', act, TypeError);
  const step: Step = (call) => call.waitUntil(act(call.context), () => undefined);
  return {
    kind: 'behavior',
    place: 'before',
    isFinal: false,
    aborts: false,
    write(script): void {
      script.kinds.push('behavior');
      script.before.push(step);
    },
  };
}
