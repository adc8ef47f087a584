import { type ExecutionContext, invalidOption } from '@holdfast/policy';
import type { Injection, Step } from '../injection.ts';

/**
 * Puts another value in the place of the one that the operation has brought: a response cut short, a
 * field missing. Failures are left as they are. The value itself is the function's to close.
 *
 * @throws `TypeError` when `change` is not a function.
 *
 * @example
 * ```ts
 * const truncated = tamper((text: string) => text.slice(0, text.length / 2));
 * ```
 */
export function tamper<Value, Alternative>(
  change: (value: Value, context: ExecutionContext) => Alternative | PromiseLike<Alternative>,
): Injection<Alternative, Value> {
  if (typeof change !== 'function') throw invalidOption('change', 'a function', change, TypeError);
  const step: Step = (call) => {
    const { outcome, context } = call;
    if (!outcome?.ok) return;
    call.waitUntil(change(outcome.value as Value, context), (value) => call.replace(value));
  };
  return {
    kind: 'tamper',
    place: 'after',
    isFinal: false,
    aborts: false,
    write(script): void {
      script.kinds.push('tamper');
      script.after.push(step);
    },
  };
}
