import { type Clock, commonOptions, invalidOption, knownOptions } from '@holdfast/policy';
import { ForeignLimiterPolicy, type LimiterPolicy } from './limiter/limiter-policy.ts';

/** What {@link fromPLimit} needs of a limit of p-limit. */
export type PLimitLike = (task: () => PromiseLike<void> | undefined) => PromiseLike<unknown>;

/** What {@link fromPLimit} can be told. */
export interface FromPLimitOptions {
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'p-limit'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from, for the deadlines of calls.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

/**
 * Makes a policy of a limit of p-limit: calls of a pipeline take their places among all else that the
 * limit runs. A place is held until the work has really ended.
 *
 * A caller that gives up while it waits is answered at once. p-limit cannot take it out of its queue: it
 * counts as pending until its turn, and then gives its place back without calling the operation. What
 * `clearQueue()` drops rejects with a {@link LimiterRejectedError} if the limit has `rejectOnClear`;
 * otherwise p-limit tells nobody, and such a call waits until its caller, its deadline or a timeout
 * outside ends it.
 *
 * @throws `TypeError` when `limit` is not a function, or naming the option that cannot be used.
 *
 * @example
 * ```ts
 * import pLimit from 'p-limit';
 *
 * const limit = pLimit({ concurrency: 10, rejectOnClear: true });
 * const inventory = compose(retry(), fromPLimit(limit));
 * ```
 */
export function fromPLimit(limit: PLimitLike, options: FromPLimitOptions = {}): LimiterPolicy {
  if (typeof limit !== 'function')
    throw invalidOption('limit', 'a limit of p-limit', limit, TypeError);
  const { name = 'p-limit', clock } = knownOptions(options, ['name', 'clock']);
  commonOptions(options);
  return new ForeignLimiterPolicy(
    {
      library: 'p-limit',
      hearsFailures: false,
      expires: false,
      jobOf: () => ({ schedule: ({ task }) => limit(task) }),
    },
    { name, clock },
  );
}
