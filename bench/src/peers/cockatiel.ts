import {
  bulkhead,
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  ConstantBackoff,
  CountBreaker,
  ExponentialBackoff,
  fallback,
  handleAll,
  type IDefaultPolicyContext,
  type IPolicy,
  retry,
  SamplingBreaker,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';

/** One that may answer with 0 instead. */
type AnyPolicy = IPolicy<IDefaultPolicyContext, number>;

/** Policies of cockatiel, set up as ours are by default. */
export const cockatiel = {
  retry: (): IPolicy => retry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
  retryAtOnce: (): IPolicy => retry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(0) }),
  sampling: (): IPolicy => {
    const breaker = new SamplingBreaker({ threshold: 0.5, duration: 30_000 });
    return circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker });
  },
  consecutive: (failures: number): CircuitBreakerPolicy => {
    const breaker = new ConsecutiveBreaker(failures);
    return circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker });
  },
  count: (): IPolicy => {
    const breaker = new CountBreaker({ threshold: 0.5, size: 100 });
    return circuitBreaker(handleAll, { halfOpenAfter: 5_000, breaker });
  },
  timeout: (): IPolicy => timeout(30_000, TimeoutStrategy.Aggressive),
  bulkhead: (limit = 25, queue = 0): IPolicy => bulkhead(limit, queue),
  fallback: (): AnyPolicy => fallback(handleAll, 0),
  three: (): IPolicy => wrap(cockatiel.retry(), cockatiel.sampling(), cockatiel.bulkhead()),
  four: (): IPolicy =>
    wrap(cockatiel.timeout(), cockatiel.retry(), cockatiel.sampling(), cockatiel.bulkhead()),
  fourAndAnInnerTimeout: (): IPolicy => wrap(cockatiel.four(), cockatiel.timeout()),
  threeWithTimeout: (): IPolicy =>
    wrap(cockatiel.timeout(), cockatiel.retry(), cockatiel.sampling()),
  five: (): AnyPolicy => wrap(cockatiel.fallback(), cockatiel.four()),
};
