import type { Failure } from '@holdfast/policy';

/**
 * Whether a further attempt is wanted: `'stopped'` when the operation itself wants none, a failure when
 * `shouldRetry` threw.
 */
export type Wanted = boolean | 'stopped' | Failure;

/** Whether the answer is still to come. */
export function isPending(wanted: unknown): wanted is PromiseLike<boolean> {
  return typeof wanted === 'object' && wanted !== null && 'then' in wanted;
}

/** Nobody is to hear how it ends, not even the process. */
export function ignore(answer: PromiseLike<unknown>): void {
  Promise.resolve(answer).catch(() => undefined);
}
