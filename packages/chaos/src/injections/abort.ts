import { knownOptions, milliseconds, withoutStack } from '@holdfast/policy';
import { ChaosError } from '../errors.ts';
import type { Injection, Step } from '../injection.ts';

/** What {@link abort} can be told. */
export interface AbortOptions {
  /**
   * After how many milliseconds, counted from when its turn in the list has come, which is just before
   * the operation is called where nothing stands between.
   *
   * @default 0
   */
  readonly afterMs?: number | undefined;
  /**
   * The reason of the abort, or a function that makes one.
   *
   * @default undefined (a ChaosError)
   */
  readonly reason?: unknown;
}

/**
 * Aborts the operation's signal midway, as if whoever stands between had cancelled it. What the operation
 * makes of it comes back untouched: mostly the reason as an error, or its value if it does not listen. A
 * call that waits in a policy inside rejects with the reason at once. Nothing happens if the operation
 * has settled by then; if the caller gives up as well, the call rejects with the caller's own reason.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const cancelled = abort({ afterMs: 50, reason: () => new DOMException('gone', 'AbortError') });
 * ```
 */
export function abort(options: AbortOptions = {}): Injection {
  const { afterMs = 0, reason } = knownOptions(options, ['afterMs', 'reason']);
  milliseconds('afterMs', afterMs);
  const step: Step = (call) =>
    call.abortAfter(afterMs, () => {
      if (reason !== undefined) return typeof reason === 'function' ? reason() : reason;
      const from = { injection: 'abort', policy: call.policy } as const;
      return withoutStack(() => new ChaosError('chaos aborted the operation', from));
    });
  return {
    kind: 'abort',
    place: 'before',
    isFinal: false,
    aborts: true,
    write(script): void {
      script.kinds.push('abort');
      script.before.push(step);
    },
  };
}
