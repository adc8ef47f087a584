import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import pLimit from 'p-limit';
import PQueue from 'p-queue';
import { type Batch, type Call, fail, inWaves, succeed, type Work } from '../batch.ts';
import { queueFloor } from '../floors.ts';
import type { Contender, Group } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';
import { effect } from '../peers/effect.ts';
import { mollitia } from '../peers/mollitia.ts';

const limit = 10;

const limiters: readonly { name: string; make: () => Call; upTo: number; goal?: number }[] = [
  {
    name: 'holdfast',
    make: () => {
      const policy = bulkhead({ maxConcurrent: limit, maxQueued: 1_000_000 });
      return (operation) => policy.execute(operation);
    },
    upTo: 100_000,
    goal: 4,
  },
  {
    name: 'cockatiel',
    make: () => {
      const policy = cockatiel.bulkhead(limit, 1_000_000);
      return (operation) => policy.execute(operation);
    },
    upTo: 100_000,
  },
  { name: 'p-limit', make: () => pLimit(limit), upTo: 100_000 },
  {
    name: 'p-queue',
    make: () => {
      const queue = new PQueue({ concurrency: limit });
      return (operation) => queue.add(operation);
    },
    upTo: 100_000,
  },
  { name: 'mollitia', make: () => mollitia.bulkhead(limit, 1_000_000), upTo: 10_000 },
  { name: 'effect', make: () => effect.bulkhead(limit), upTo: 10_000 },
];

/** Contenders that would take minutes for a size are left out of it. */
function queued(size: number): Group {
  return {
    name: `${size.toLocaleString('en')} tasks behind a limit of ${limit}`,
    baseName: 'as many without a limit',
    base: () => inWaves(size, (f) => f()),
    contenders: [
      ...limiters
        .filter(({ upTo }) => upTo >= size)
        .map(({ name, make, goal }) => ({ name, make: () => inWaves(size, make()), goal })),
      queueFloor(size, limit),
    ],
    size,
  };
}

/** One call hangs in the only place, `size` others wait behind it, and then all are aborted. */
function aborted(
  size: number,
  start: (signal: AbortSignal) => (operation: Work) => Promise<unknown>,
): Batch {
  return async (n) => {
    for (let done = 0; done < n; done += size) {
      const controller = new AbortController();
      const call = start(controller.signal);
      const calls = [call(() => new Promise((resolve) => setImmediate(resolve, 0)))];
      for (let i = 0; i < size; i++) calls.push(call(succeed));
      controller.abort();
      await Promise.allSettled(calls);
    }
  };
}

const manyAborted = 20_000;

const aborts: Group = {
  name: `queueing and aborting ${manyAborted.toLocaleString('en')} tasks`,
  baseName: 'as many async functions that throw',
  base: () => async (n) => {
    for (let done = 0; done < n; done += manyAborted) {
      await Promise.allSettled(Array.from({ length: manyAborted }, () => fail()));
    }
  },
  contenders: [
    {
      name: 'holdfast',
      make: () => {
        const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1_000_000 });
        return aborted(manyAborted, (signal) => (f) => policy.execute(f, { signal }));
      },
      goal: 6,
    },
    {
      name: 'p-queue',
      make: () => {
        const queue = new PQueue({ concurrency: 1 });
        return aborted(manyAborted, (signal) => (f) => queue.add(f, { signal }));
      },
    },
  ],
  size: manyAborted,
};

const inFlight = 50_000;

/** The same calls, a hundred at a time. */
function scaling(name: string, make: () => Call, goal?: number): Contender {
  return {
    name,
    make: () => inWaves(inFlight, make()),
    base: () => inWaves(100, make()),
    goal,
  };
}

const scale: Group = {
  name: `${inFlight.toLocaleString('en')} calls in flight`,
  baseName: 'the same with 100 calls in flight',
  base: () => inWaves(100, (f) => f()),
  contenders: [
    scaling('bare', () => (f) => f()),
    scaling(
      'holdfast, timeout + retry + breaker + bulkhead',
      () => {
        const wide = bulkhead({ maxConcurrent: 1_000_000 });
        const policy = compose(timeout(), retry(), circuitBreaker(), wide);
        return (f) => policy.execute(f);
      },
      4,
    ),
    scaling('cockatiel, timeout + retry + breaker', () => {
      const policy = cockatiel.threeWithTimeout();
      return (f) => policy.execute(f);
    }),
  ],
  size: inFlight,
};

/** Many calls together: queues, their abort, and calls in flight. */
export const concurrencyGroups: readonly Group[] = [
  queued(1_000),
  queued(10_000),
  queued(100_000),
  aborts,
  scale,
];
