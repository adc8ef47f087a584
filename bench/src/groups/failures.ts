import { bulkhead } from '@holdfast/bulkhead';
import {
  type CircuitBreaker,
  circuitBreaker,
  consecutiveFailures,
} from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import pRetry from 'p-retry';
import {
  type Batch,
  type Call,
  failure,
  inLoop,
  rejecting,
  rejectingDeep,
  succeeding,
  thirdTime,
  type Work,
} from '../batch.ts';
import { floors } from '../floors.ts';
import type { Group } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';
import { opossum } from '../peers/opossum.ts';

/** More failures than any case has calls: the circuit stays closed. */
const never = 2 ** 30;

function failing(make: () => { execute(operation: Work): Promise<unknown> }): () => Batch {
  return () => {
    const policy = make();
    return rejecting((operation) => policy.execute(operation));
  };
}

const failures: Group = {
  name: 'failing call',
  baseName: 'an async function that throws one and the same error',
  base: () => rejecting((f) => f()),
  contenders: [
    {
      name: 'holdfast, consecutive',
      make: failing(() => circuitBreaker({ trip: consecutiveFailures(never) })),
      goal: 1.6,
    },
    {
      name: 'holdfast, time window',
      make: failing(() => circuitBreaker({ minimumCalls: never })),
      goal: 1.6,
    },
    {
      name: 'holdfast, timeout + retry + breaker + bulkhead',
      make: failing(() => {
        const breaker = circuitBreaker({ trip: consecutiveFailures(never) });
        return compose(timeout(), retry({ maxAttempts: 1 }), breaker, bulkhead());
      }),
    },
    { name: 'cockatiel', make: failing(() => cockatiel.consecutive(never)) },
    {
      name: 'opossum',
      make: () => rejecting(opossum({ timeout: false, volumeThreshold: never })),
    },
  ],
};

async function opened(): Promise<CircuitBreaker> {
  const policy = circuitBreaker({ trip: consecutiveFailures(1), halfOpenAfterMs: 3_600_000 });
  await rejecting((f) => policy.execute(f))(1);
  return policy;
}

async function openedCockatiel(): Promise<Call> {
  const policy = cockatiel.consecutive(1);
  await rejecting((f) => policy.execute(f))(1);
  return (operation) => policy.execute(operation);
}

async function openedOpossum(): Promise<Call> {
  const call = opossum({ timeout: false, resetTimeout: 3_600_000 });
  await rejecting(call)(1);
  return call;
}

async function openedHoldfast(): Promise<Call> {
  const policy = await opened();
  return (operation) => policy.execute(operation);
}

const open: Group = {
  name: 'open circuit',
  baseName: 'await Promise.reject(error)',
  base: () => rejecting(() => Promise.reject(failure)),
  contenders: [
    { name: 'holdfast', make: async () => rejecting(await openedHoldfast()), goal: 2.2 },
    {
      name: 'holdfast, below a timeout and a retry',
      make: async () => {
        const policy = compose(timeout(), retry(), await opened());
        return rejecting((f) => policy.execute(f));
      },
    },
    { name: 'cockatiel', make: async () => rejecting(await openedCockatiel()) },
    { name: 'opossum', make: async () => rejecting(await openedOpossum()) },
  ],
};

const frames = 30;

const openDeep: Group = {
  name: 'open circuit, 30 frames deep',
  baseName: 'await Promise.reject(error), as deep',
  base: () => rejectingDeep(frames, () => Promise.reject(failure)),
  contenders: [
    {
      name: 'holdfast',
      make: async () => rejectingDeep(frames, await openedHoldfast()),
      goal: 2.2,
    },
    { name: 'cockatiel', make: async () => rejectingDeep(frames, await openedCockatiel()) },
    { name: 'opossum', make: async () => rejectingDeep(frames, await openedOpossum()) },
  ],
};

const openWithoutRejection: Group = {
  name: 'open circuit, without a rejection',
  baseName: 'await operation()',
  base: () => succeeding((f) => f()),
  contenders: [
    {
      name: 'holdfast, outcome()',
      make: async () => {
        const policy = await opened();
        return succeeding((f) => policy.outcome(f));
      },
      goal: 1.2,
    },
    floors.outcome,
    {
      name: 'holdfast, tryAcquire()',
      make: async () => {
        const policy = await opened();
        return inLoop(() => policy.tryAcquire());
      },
    },
    floors.guard,
  ],
};

async function bareLoop(operation: Work): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

const retried: Group = {
  name: 'two failures, retried at once',
  baseName: 'a loop with try and catch',
  base: () => thirdTime(bareLoop),
  contenders: [
    {
      name: 'holdfast',
      make: () => {
        const policy = retry({ backoff: constant(0) });
        return thirdTime((f) => policy.execute(f));
      },
      goal: 1.3,
    },
    {
      name: 'cockatiel',
      make: () => {
        const policy = cockatiel.retryAtOnce();
        return thirdTime((f) => policy.execute(f));
      },
    },
    { name: 'p-retry', make: () => thirdTime((f) => pRetry(f, { retries: 2, minTimeout: 0 })) },
  ],
};

/** Calls that fail, are refused, or are run again. */
export const failureGroups: readonly Group[] = [
  failures,
  open,
  openDeep,
  openWithoutRejection,
  retried,
];
