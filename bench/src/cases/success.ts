import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { compose, noop } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import {
  bulkhead as cockatielBulkhead,
  circuitBreaker as cockatielBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  fallback as cockatielFallback,
  handleAll,
  retry as cockatielRetry,
  SamplingBreaker,
  timeout as cockatielTimeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import Bottleneck from 'bottleneck';
import CircuitBreaker from 'opossum';
import pLimit from 'p-limit';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import { type Case, succeeding } from '../case.ts';

const cockatiel = {
  retry: () => cockatielRetry(handleAll, { maxAttempts: 2, backoff: new ExponentialBackoff() }),
  sampling: () =>
    cockatielBreaker(handleAll, {
      halfOpenAfter: 5_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
    }),
  timeout: () => cockatielTimeout(30_000, TimeoutStrategy.Aggressive),
  bulkhead: () => cockatielBulkhead(25),
};

function opossum(
  timeoutMs: number | false,
): (operation: () => Promise<number>) => Promise<unknown> {
  const breaker = new CircuitBreaker(async (operation: () => Promise<number>) => operation(), {
    timeout: timeoutMs,
  });
  return (operation) => breaker.fire(operation);
}

const bare: Case[] = [{ group: 'bare call', library: 'bare', make: () => succeeding((f) => f()) }];

const single: Case[] = [
  { group: 'noop', library: 'holdfast', make: () => succeeding((f) => noop.execute(f)) },
  {
    group: 'retry',
    library: 'holdfast',
    make: () => {
      const policy = retry();
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'retry',
    library: 'cockatiel',
    make: () => {
      const policy = cockatiel.retry();
      return succeeding((f) => policy.execute(f));
    },
  },
  { group: 'retry', library: 'p-retry', make: () => succeeding((f) => pRetry(f, { retries: 2 })) },
  {
    group: 'circuit breaker, time window',
    library: 'holdfast',
    make: () => {
      const policy = circuitBreaker();
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'circuit breaker, time window',
    library: 'cockatiel',
    make: () => {
      const policy = cockatiel.sampling();
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'circuit breaker, time window',
    library: 'opossum',
    make: () => succeeding(opossum(false)),
  },
  {
    group: 'circuit breaker, consecutive',
    library: 'holdfast',
    make: () => {
      const policy = circuitBreaker({ trip: consecutiveFailures(5) });
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'circuit breaker, consecutive',
    library: 'cockatiel',
    make: () => {
      const breaker = new ConsecutiveBreaker(5);
      const policy = cockatielBreaker(handleAll, { halfOpenAfter: 5_000, breaker });
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'bulkhead',
    library: 'holdfast',
    make: () => {
      const policy = bulkhead();
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'bulkhead',
    library: 'cockatiel',
    make: () => {
      const policy = cockatiel.bulkhead();
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'bulkhead',
    library: 'p-limit',
    make: () => {
      const limit = pLimit(25);
      return succeeding((f) => limit(f));
    },
  },
  {
    group: 'bulkhead',
    library: 'p-queue',
    make: () => {
      const queue = new PQueue({ concurrency: 25 });
      return succeeding((f) => queue.add(f));
    },
  },
  {
    group: 'bulkhead',
    library: 'bottleneck',
    make: () => {
      const limiter = new Bottleneck({ maxConcurrent: 25 });
      return succeeding((f) => limiter.schedule(f));
    },
  },
  {
    group: 'fallback',
    library: 'holdfast',
    make: () => {
      const policy = fallback({ value: 0 });
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'fallback',
    library: 'cockatiel',
    make: () => {
      const policy = cockatielFallback(handleAll, 0);
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'timeout',
    library: 'holdfast',
    make: () => {
      const policy = timeout();
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'timeout',
    library: 'cockatiel',
    make: () => {
      const policy = cockatiel.timeout();
      return succeeding((f) => policy.execute(f));
    },
  },
  { group: 'timeout', library: 'opossum', make: () => succeeding(opossum(30_000)) },
];

const composed: Case[] = [
  {
    group: 'retry, breaker, bulkhead',
    library: 'holdfast',
    make: () => {
      const policy = compose(retry(), circuitBreaker(), bulkhead());
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'retry, breaker, bulkhead',
    library: 'cockatiel',
    make: () => {
      const policy = wrap(cockatiel.retry(), cockatiel.sampling(), cockatiel.bulkhead());
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'timeout, retry, breaker, bulkhead',
    library: 'holdfast',
    make: () => {
      const policy = compose(timeout(), retry(), circuitBreaker(), bulkhead());
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'timeout, retry, breaker, bulkhead',
    library: 'holdfast, others warm',
    make: async () => {
      const others = [
        compose(retry(), bulkhead()),
        compose(fallback({ value: 0 }), timeout()),
        compose(circuitBreaker(), retry()),
        circuitBreaker({ trip: consecutiveFailures(3) }),
        compose(timeout(), timeout({ afterMs: 100 }), bulkhead()),
        noop,
      ];
      for (const other of others) await succeeding((f) => other.execute(f))(20_000);
      const policy = compose(timeout(), retry(), circuitBreaker(), bulkhead());
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'timeout, retry, breaker, bulkhead',
    library: 'cockatiel',
    make: () => {
      const { retry, sampling, bulkhead, timeout } = cockatiel;
      const policy = wrap(timeout(), retry(), sampling(), bulkhead());
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'two timeouts, retry, breaker, bulkhead',
    library: 'holdfast',
    make: () => {
      const inner = timeout({ afterMs: 1_000 });
      const policy = compose(timeout(), retry(), circuitBreaker(), bulkhead(), inner);
      return succeeding((f) => policy.execute(f));
    },
  },
  {
    group: 'two timeouts, retry, breaker, bulkhead',
    library: 'cockatiel',
    make: () => {
      const { retry, sampling, bulkhead, timeout } = cockatiel;
      const policy = wrap(timeout(), retry(), sampling(), bulkhead(), timeout());
      return succeeding((f) => policy.execute(f));
    },
  },
];

/** Calls that succeed: what a policy costs while nothing is wrong. */
export const successCases: readonly Case[] = [...bare, ...single, ...composed];
