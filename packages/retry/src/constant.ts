import { knownOptions, milliseconds } from '@holdfast/policy';
import { type DescribedBackoff, described } from './backoff.ts';
import { checkJitter, jittered, type JitterOptions, jitters } from './jitter.ts';

/**
 * Waits equally long each time. Clients that failed together come back together, so give it jitter
 * where there are many of them.
 *
 * @throws `TypeError` or `RangeError` naming what cannot be used.
 *
 * @example
 * ```ts
 * const policy = retry({ backoff: constant(250, { jitter: 'equal' }) }); // 125 to 250 ms
 * ```
 */
export function constant(delayMs: number, options: JitterOptions = {}): DescribedBackoff {
  milliseconds('delayMs', delayMs);
  const { jitter = 'none', random = Math.random } = knownOptions(options, ['jitter', 'random']);
  checkJitter(jitter, jitters, random);
  return described(() => jittered(delayMs, jitter, random), { kind: 'constant', delayMs, jitter });
}
