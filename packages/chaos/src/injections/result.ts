import type { ExecutionContext } from '@holdfast/policy';
import type { Injection, Step } from '../injection.ts';

/**
 * Answers the call with a value, or with what a function of the context returns or resolves to. The
 * operation is not called, unless this stands inside `after`. Its type counts among the results of the
 * pipeline.
 *
 * @example
 * ```ts
 * const overloaded = result(() => new Response('busy', { status: 503 }));
 * ```
 */
export function result<Alternative>(
  makeValue: (context: ExecutionContext) => Alternative | PromiseLike<Alternative>,
): Injection<Alternative>;
export function result<const Alternative>(value: Alternative): Injection<Alternative>;
export function result(value: unknown): Injection<unknown> {
  const step: Step = (call) => {
    const made: unknown =
      typeof value === 'function' ? (value as (from: unknown) => unknown)(call.context) : value;
    call.waitUntil(made, (settled) => call.answer(true, settled));
  };
  return {
    kind: 'result',
    place: 'before',
    isFinal: true,
    aborts: false,
    write(script): void {
      script.kinds.push('result');
      script.before.push(step);
    },
  };
}
