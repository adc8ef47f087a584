import { commonOptions, invalidOption, knownOptions, type Policy } from '@holdfast/policy';
import { ForeignPolicy } from './foreign-layer.ts';

/** The part of cockatiel's `IPolicy` that a pipeline needs: any policy of cockatiel has it. */
export interface CockatielPolicy {
  /** Carries the type of what it may answer in place of the function's own value; never set. */
  readonly _altReturn: unknown;
  /** Runs a function under the policy. */
  execute<T>(
    fn: (context: { signal: AbortSignal }) => PromiseLike<T> | T,
    signal?: AbortSignal,
  ): Promise<unknown>;
}

/** What {@link fromCockatiel} can be told. */
export interface FromCockatielOptions {
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'cockatiel'
   */
  readonly name?: string | undefined;
}

/**
 * Puts a policy of cockatiel, or of anybody else with the same `execute`, into our pipelines.
 *
 * It gets the signal of the call, and when it aborts the signal of its own context, as its timeout
 * does, the operation's is aborted with the same reason. Its errors and its events stay as they are. A
 * caller that gives up is heard as far as the policy listens: a back-off of cockatiel does not end, but
 * nothing is called after it. Put our `timeout` outside of it and nobody waits for it.
 *
 * @throws `TypeError` when `policy` has no `execute`, or naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
 *
 * const inventory = compose(timeout({ afterMs: 2_000 }), fromCockatiel(breaker));
 * ```
 */
export function fromCockatiel<P extends CockatielPolicy>(
  policy: P,
  options: FromCockatielOptions = {},
): Policy<P['_altReturn']> {
  if (typeof policy?.execute !== 'function') {
    throw invalidOption('policy', 'a policy of cockatiel', policy, TypeError);
  }
  const { name = 'cockatiel' } = knownOptions(options, ['name']);
  commonOptions(options);
  return new ForeignPolicy<P['_altReturn']>('cockatiel', name, (next, { signal }) =>
    policy.execute((own) => next(own.signal), signal),
  );
}
