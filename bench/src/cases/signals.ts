import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { compose, type Policy } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import {
  bulkhead as cockatielBulkhead,
  circuitBreaker as cockatielBreaker,
  handleAll,
  retry as cockatielRetry,
  SamplingBreaker,
  timeout as cockatielTimeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { type Case, succeeding, withFreshSignals } from '../case.ts';

function four(): Policy {
  return compose(timeout(), retry(), circuitBreaker(), bulkhead());
}

function cockatielFour(): ReturnType<typeof wrap> {
  return wrap(
    cockatielTimeout(30_000, TimeoutStrategy.Aggressive),
    cockatielRetry(handleAll, { maxAttempts: 2 }),
    cockatielBreaker(handleAll, {
      halfOpenAfter: 5_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000 }),
    }),
    cockatielBulkhead(25),
  );
}

/** Calls with a caller's signal. */
export const signalCases: readonly Case[] = [
  { group: 'fresh signal per call', library: 'bare', make: () => withFreshSignals((f) => f()) },
  {
    group: 'fresh signal per call',
    library: 'holdfast, the four',
    make: () => {
      const policy = four();
      return withFreshSignals((f, signal) => policy.execute(f, { signal }));
    },
  },
  {
    group: 'fresh signal per call',
    library: 'holdfast, retry',
    make: () => {
      const policy = retry();
      return withFreshSignals((f, signal) => policy.execute(f, { signal }));
    },
  },
  {
    group: 'fresh signal per call',
    library: 'cockatiel, the four',
    make: () => {
      const policy = cockatielFour();
      return withFreshSignals((f, signal) => policy.execute(f, signal));
    },
  },
  {
    group: 'one signal for all calls',
    library: 'holdfast, the four',
    make: () => {
      const policy = four();
      const { signal } = new AbortController();
      return succeeding((f) => policy.execute(f, { signal }));
    },
  },
  {
    group: 'one signal for all calls',
    library: 'cockatiel, the four',
    make: () => {
      const policy = cockatielFour();
      const { signal } = new AbortController();
      return succeeding((f) => policy.execute(f, signal));
    },
  },
];
