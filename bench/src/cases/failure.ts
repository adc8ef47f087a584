import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import {
  circuitBreaker as cockatielBreaker,
  ConsecutiveBreaker,
  ConstantBackoff,
  handleAll,
  retry as cockatielRetry,
} from 'cockatiel';
import CircuitBreaker from 'opossum';
import pRetry from 'p-retry';
import { type Case, failure, rejecting } from '../case.ts';
import type { Batch } from '../measure.ts';

/** More failures than any case has calls: the circuit stays closed. */
const never = 2 ** 30;

const failing: Case[] = [
  { group: 'failing call', library: 'bare', make: () => rejecting((f) => f()) },
  {
    group: 'failing call',
    library: 'holdfast',
    make: () => {
      const policy = circuitBreaker({ trip: consecutiveFailures(never) });
      return rejecting((f) => policy.execute(f));
    },
  },
  {
    group: 'failing call',
    library: 'cockatiel',
    make: () => {
      const breaker = new ConsecutiveBreaker(never);
      const policy = cockatielBreaker(handleAll, { halfOpenAfter: 5_000, breaker });
      return rejecting((f) => policy.execute(f));
    },
  },
  {
    group: 'failing call',
    library: 'opossum',
    make: () => {
      const breaker = new CircuitBreaker(async (f: () => Promise<number>) => f(), {
        timeout: false,
        volumeThreshold: never,
      });
      return rejecting((f) => breaker.fire(f));
    },
  },
  {
    group: 'failing call under the four',
    library: 'holdfast',
    make: () => {
      const breaker = circuitBreaker({ trip: consecutiveFailures(never) });
      const policy = compose(timeout(), retry({ maxAttempts: 1 }), breaker, bulkhead());
      return rejecting((f) => policy.execute(f));
    },
  },
];

async function openHoldfast(): Promise<ReturnType<typeof circuitBreaker>> {
  const policy = circuitBreaker({ trip: consecutiveFailures(1), halfOpenAfterMs: 3_600_000 });
  await rejecting((f) => policy.execute(f))(1);
  return policy;
}

const open: Case[] = [
  { group: 'open circuit', library: 'bare', make: () => rejecting(() => Promise.reject(failure)) },
  {
    group: 'open circuit',
    library: 'holdfast',
    make: async () => {
      const policy = await openHoldfast();
      return rejecting((f) => policy.execute(f));
    },
  },
  {
    group: 'open circuit',
    library: 'holdfast, outcome()',
    make: async () => {
      const policy = await openHoldfast();
      return rejecting((f) => policy.outcome(f));
    },
  },
  {
    group: 'open circuit',
    library: 'cockatiel',
    make: async () => {
      const breaker = new ConsecutiveBreaker(1);
      const policy = cockatielBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker });
      await rejecting((f) => policy.execute(f))(1);
      return rejecting((f) => policy.execute(f));
    },
  },
  {
    group: 'open circuit',
    library: 'opossum',
    make: async () => {
      const breaker = new CircuitBreaker(async (f: () => Promise<number>) => f(), {
        timeout: false,
        resetTimeout: 3_600_000,
      });
      await rejecting((f) => breaker.fire(f))(1);
      return rejecting((f) => breaker.fire(f));
    },
  },
];

/** Calls whose operation fails twice and then succeeds. */
function thirdTime(call: (operation: () => Promise<number>) => Promise<unknown>): Batch {
  return async (n) => {
    for (let i = 0; i < n; i++) {
      let attempt = 0;
      await call(async () => {
        if (++attempt < 3) throw failure;
        return attempt;
      });
    }
  };
}

async function bareLoop(operation: () => Promise<number>): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

const retried: Case[] = [
  { group: 'two failures retried at once', library: 'bare', make: () => thirdTime(bareLoop) },
  {
    group: 'two failures retried at once',
    library: 'holdfast',
    make: () => {
      const policy = retry({ backoff: constant(0) });
      return thirdTime((f) => policy.execute(f));
    },
  },
  {
    group: 'two failures retried at once',
    library: 'cockatiel',
    make: () => {
      const policy = cockatielRetry(handleAll, { maxAttempts: 2, backoff: new ConstantBackoff(0) });
      return thirdTime((f) => policy.execute(f));
    },
  },
  {
    group: 'two failures retried at once',
    library: 'p-retry',
    make: () => thirdTime((f) => pRetry(f, { retries: 2, minTimeout: 0 })),
  },
];

/** Calls that fail, are refused, or are run again. */
export const failureCases: readonly Case[] = [...failing, ...open, ...retried];
