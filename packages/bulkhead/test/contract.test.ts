import {
  aimd,
  bulkhead,
  type BulkheadOptions,
  fairQueue,
  fifoQueue,
  gradient2,
  priorityQueue,
  vegas,
} from '@holdfast/bulkhead';
import { compose, noop } from '@holdfast/policy';
import { policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const variants: Readonly<Record<string, BulkheadOptions>> = {
  'with a queue': { maxConcurrent: 10, maxQueued: 1_000 },
  'that bounds the wait': { maxConcurrent: 1_000, maxQueued: 1_000, maxQueueMs: 60_000 },
  'without limits': { maxConcurrent: Number.POSITIVE_INFINITY },
  'that detects reentrancy': { maxQueued: 1_000, detectReentrancy: true },
  'that weighs its calls': { maxQueued: 1_000, queue: fifoQueue({ weight: () => 1 }) },
  'with a queue by priority': {
    maxConcurrent: 10,
    maxQueued: 1_000,
    queue: priorityQueue({ priority: ({ attempt }) => attempt % 8 }),
  },
  'with a fair queue': { maxQueued: 1_000, queue: fairQueue({ key: () => undefined }) },
  'with priorities within a fair queue': {
    maxQueued: 1_000,
    queue: fairQueue({ key: () => 'key', within: priorityQueue({ priority: () => 3 }) }),
  },
  'whose limit adapts by AIMD': { maxQueued: 1_000, limit: aimd() },
  'whose limit adapts by Gradient2': {
    maxQueued: 1_000,
    limit: gradient2({ windowMs: 1, minSamples: 1, probeEvery: 1 }),
    detectReentrancy: true,
  },
  'whose limit adapts by Vegas': {
    maxQueued: 1_000,
    limit: vegas({ windowMs: 1, minSamples: 1, probeEvery: 1 }),
    queue: priorityQueue({ priority: () => 3 }),
  },
};

/** The same bulkhead with a single place. */
function narrow({ limit, ...options }: BulkheadOptions): BulkheadOptions {
  return limit === undefined
    ? { ...options, maxConcurrent: 1 }
    : { ...options, limit: gradient2({ maxLimit: 1 }) };
}

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a bulkhead ${variant}`, () => {
    for (const { name, run } of policyContract(({ clock }) => bulkhead({ ...options, clock }), {
      waiting: ({ clock }) => {
        const policy = bulkhead({ ...narrow(options), maxQueued: 10, clock });
        const permit = policy.tryAcquire();
        return { policy, release: () => permit?.release() };
      },
      events: {
        queued: ({ clock }) => queueing(clock),
        dequeued: ({ clock }) => queueing(clock),
        rejected: ({ clock }) => {
          const policy = bulkhead({ maxConcurrent: 1, clock });
          policy.tryAcquire();
          return { policy, provoke: () => policy.outcome(() => 1) };
        },
        abandoned: ({ clock }) => {
          const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
          policy.tryAcquire();
          const provoke = (): Promise<unknown> => {
            const controller = new AbortController();
            const call = policy.outcome(() => 1, { signal: controller.signal });
            controller.abort('enough');
            return call;
          };
          return { policy, provoke };
        },
        'limit-changed': ({ clock }) => {
          const policy = bulkhead({ limit: aimd({ initialLimit: 1 }), clock });
          return { policy, provoke: () => policy.execute(() => 1) };
        },
      },
    })) {
      test(name, run);
    }
  });
}

function queueing(clock: BulkheadOptions['clock']): {
  policy: ReturnType<typeof bulkhead>;
  provoke: () => Promise<unknown>;
} {
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
  const provoke = (): Promise<unknown> => {
    const permit = policy.tryAcquire();
    const call = policy.execute(() => 1);
    permit?.release();
    return call;
  };
  return { policy, provoke };
}

function roomy(clock: BulkheadOptions['clock']): ReturnType<typeof bulkhead> {
  return bulkhead({ maxQueued: 1_000, clock });
}

describe('the contract of a bulkhead in a pipeline', () => {
  for (const { name, run } of policyContract(
    ({ clock }) => compose(noop, roomy(clock), timeout({ clock }), roomy(clock), noop),
    {
      waiting: ({ clock }) => {
        const inner = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
        const permit = inner.tryAcquire();
        const policy = compose(timeout({ clock }), roomy(clock), inner);
        return { policy, release: () => permit?.release() };
      },
    },
  )) {
    test(name, run);
  }
});
