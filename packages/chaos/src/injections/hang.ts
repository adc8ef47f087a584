import { knownOptions, positiveMilliseconds, withoutStack } from '@holdfast/policy';
import { ChaosError } from '../errors.ts';
import type { Injection, Step } from '../injection.ts';

/** What {@link hang} can be told. */
export interface HangOptions {
  /**
   * After how many milliseconds the call fails with a {@link ChaosError}, if nothing has ended it by
   * then; Infinity for never.
   *
   * @default 60_000
   */
  readonly maxMs?: number | undefined;
}

/**
 * Never answers: what is called has accepted the call and says nothing. The call hangs until a timeout
 * outside cuts it, its caller gives up, or chaos is switched off (then it goes on to its operation); at
 * the latest after `maxMs` it fails. The operation is not called, unless this stands inside `after`.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const policy = compose(timeout({ afterMs: 500 }), chaos({ inject: hang(), when: rate(0.01) }));
 * ```
 */
export function hang(options: HangOptions = {}): Injection {
  const { maxMs = 60_000 } = knownOptions(options, ['maxMs']);
  if (maxMs !== Number.POSITIVE_INFINITY) positiveMilliseconds('maxMs', maxMs);
  const giveUp: Step = (call) => {
    const message = `chaos let the call hang for ${Math.round(maxMs)} ms`;
    const from = { injection: 'hang', policy: call.policy } as const;
    call.answer(
      false,
      withoutStack(() => new ChaosError(message, from)),
    );
  };
  return {
    kind: 'hang',
    place: 'before',
    isFinal: true,
    aborts: false,
    write(script): void {
      script.kinds.push('hang');
      script.before.push((call) => call.waitFor(maxMs), giveUp);
    },
  };
}
