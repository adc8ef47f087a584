import { type ExecutionContext, withoutStack } from '@holdfast/policy';
import { ChaosError } from '../errors.ts';
import type { Injection, Step } from '../injection.ts';

function failByDefault(): Step {
  return (call) => {
    const options = { injection: 'fault', policy: call.policy } as const;
    call.answer(
      false,
      withoutStack(() => new ChaosError('chaos made the call fail', options)),
    );
  };
}

/**
 * Makes the call fail, by default with a {@link ChaosError}. Otherwise with the very error that you give,
 * or with what a function of the context returns or throws. The operation is not called, unless the
 * fault stands inside `after`.
 *
 * @example
 * ```ts
 * const reset = fault(() => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
 * ```
 */
export function fault(makeError: (context: ExecutionContext) => unknown): Injection;
export function fault(error?: unknown): Injection;
export function fault(error?: unknown): Injection {
  const makeError = typeof error === 'function' ? (error as (from: unknown) => unknown) : undefined;
  const step: Step =
    error === undefined
      ? failByDefault()
      : (call) => call.answer(false, makeError === undefined ? error : makeError(call.context));
  return {
    kind: 'fault',
    place: 'before',
    isFinal: true,
    aborts: false,
    write(script): void {
      script.kinds.push('fault');
      script.before.push(step);
    },
  };
}
