import type { IBackoffFactory } from './backoff/backoff.ts';
import { ConstantBackoff } from './backoff/constant-backoff.ts';
import { BulkheadPolicy } from './bulkhead-policy.ts';
import { CircuitBreakerPolicy, type ICircuitBreakerOptions } from './circuit-breaker-policy.ts';
import { ExecuteWrapper } from './executor.ts';
import { FallbackPolicy } from './fallback-policy.ts';
import type { IPolicy } from './i-policy.ts';
import type { Policy } from './policy.ts';
import { type IRetryBackoffContext, RetryPolicy } from './retry-policy.ts';
import { type ITimeoutOptions, TimeoutPolicy } from './timeout-policy.ts';
import type { TimeoutStrategy } from './timeout-strategy.ts';

function executorOf({ options: { errorFilter, resultFilter } }: Policy): ExecuteWrapper {
  return new ExecuteWrapper(errorFilter, resultFilter);
}

/**
 * Makes further attempts when what the policy handles happens: `maxAttempts` of them, so that the
 * function is called once more than that; without it, for ever.
 *
 * @throws `RangeError` when `maxAttempts` is NaN.
 *
 * @example
 * ```ts
 * const patient = retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });
 * ```
 */
export function retry(
  policy: Policy,
  opts: { maxAttempts?: number; backoff?: IBackoffFactory<IRetryBackoffContext<unknown>> },
): RetryPolicy {
  const { backoff = new ConstantBackoff(0), maxAttempts = Infinity } = opts;
  return new RetryPolicy({ backoff, maxAttempts }, executorOf(policy));
}

/**
 * Stops calling what keeps failing, by what the policy handles. Use one for all calls of a service.
 *
 * @throws `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const breaker = circuitBreaker(handleAll, {
 *   halfOpenAfter: 10_000,
 *   breaker: new ConsecutiveBreaker(5),
 * });
 * ```
 */
export function circuitBreaker(policy: Policy, opts: ICircuitBreakerOptions): CircuitBreakerPolicy {
  return new CircuitBreakerPolicy(opts, executorOf(policy));
}

/**
 * Bounds the time of a call, in milliseconds.
 *
 * @throws `RangeError` when `duration` is not a number of milliseconds from 0 up.
 */
export function timeout(
  duration: number,
  strategyOrOpts: TimeoutStrategy | { strategy: TimeoutStrategy; abortOnReturn: boolean },
): TimeoutPolicy {
  const options: ITimeoutOptions =
    typeof strategyOrOpts === 'string' ? { strategy: strategyOrOpts } : strategyOrOpts;
  return new TimeoutPolicy(duration, options);
}

/**
 * Bounds how many calls run at once, and how many wait.
 *
 * @throws `TypeError` or `RangeError` naming the number that cannot be used.
 */
export function bulkhead(limit: number, queue: number = 0): BulkheadPolicy {
  return new BulkheadPolicy(limit, queue);
}

/** Answers what the policy handles with a value, or with what a function returns. */
export function fallback<R>(
  policy: Policy,
  valueOrFactory: (() => Promise<R> | R) | R,
): FallbackPolicy<R> {
  const isFactory = typeof valueOrFactory === 'function';
  // A value that is a function is called, as in cockatiel: its type allows both.
  const value = (isFactory ? valueOrFactory : () => valueOrFactory) as () => R;
  return new FallbackPolicy(executorOf(policy), value);
}

/**
 * A decorator, of the legacy kind, that runs a method under a policy. The method gets the context as
 * a last argument; a signal that it is called with as the last one goes to the policy instead.
 */
export function usePolicy(
  policy: IPolicy,
): (_target: unknown, _key: string, descriptor: PropertyDescriptor) => void {
  return (_target, key, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') {
      throw new TypeError(`Expected \`${key}\` to be a method, got ${typeof method}.`);
    }
    descriptor.value = function decorated(this: unknown, ...args: unknown[]): Promise<unknown> {
      const last = args.at(-1);
      const signal = last instanceof AbortSignal ? last : undefined;
      const given = signal === undefined ? args : args.slice(0, -1);
      return policy.execute((context) => Reflect.apply(method, this, [...given, context]), signal);
    };
  };
}
