import { invalidOption, knownOptions, milliseconds } from '@holdfast/policy';
import { type DescribedBackoff, described } from './backoff.ts';
import { checkJitter, jittered, type JitterOptions, jitters } from './jitter.ts';

/**
 * Waits as a list says: its first item before the second attempt, and so on. The last item serves
 * for all attempts after it; how many there are is up to `maxAttempts`.
 *
 * @throws `TypeError` or `RangeError` naming what cannot be used.
 *
 * @example
 * ```ts
 * const policy = retry({ maxAttempts: 4, backoff: delays([0, 200, 1_000]) });
 * ```
 */
export function delays(list: readonly number[], options: JitterOptions = {}): DescribedBackoff {
  if (!Array.isArray(list))
    throw invalidOption('list', 'an array of milliseconds', list, TypeError);
  const steps: readonly number[] = list.map((ms: number, i) => milliseconds(`list[${i}]`, ms));
  if (steps.length === 0)
    throw new RangeError('Expected `list` to have at least one delay, got none.');
  const { jitter = 'none', random = Math.random } = knownOptions(options, ['jitter', 'random']);
  checkJitter(jitter, jitters, random);
  const last = steps.length - 1;
  return described(
    ({ step }) => jittered(steps[Math.min(step - 1, last)] as number, jitter, random),
    { kind: 'delays', delaysMs: steps, jitter },
  );
}
