import { fromBottleneck, fromPLimit } from '@holdfast/interop';
import dropIn from '@holdfast/interop/p-limit';
import { compose, noop } from '@holdfast/policy';
import { type PolicyTools, policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import Bottleneck from 'bottleneck';
import pLimit from 'p-limit';
import { describe, test } from 'vitest';
import { quickTimers } from './quick-timers.ts';

quickTimers();

/** Bottleneck goes by the time of the process, whatever the policy around it does. */
const ofProcess = 'takes the time from its own clock, never from the process';

describe('the contract of a limiter of Bottleneck', () => {
  const make = ({ clock }: PolicyTools) => fromBottleneck(new Bottleneck(), { clock });
  for (const { name, run } of policyContract(make, {
    waiting: async ({ clock }) => {
      const limiter = new Bottleneck({ maxConcurrent: 1 });
      const release = await blocked(limiter);
      return { policy: fromBottleneck(limiter, { clock }), release };
    },
    events: {
      rejected: ({ clock }) => {
        const limiter = new Bottleneck({
          maxConcurrent: 1,
          highWater: 0,
          strategy: Bottleneck.strategy.OVERFLOW,
        });
        const policy = fromBottleneck(limiter, { clock });
        const provoke = async (): Promise<unknown> => {
          const release = await blocked(limiter);
          const outcome = await policy.outcome(() => 1);
          await release();
          return outcome.ok;
        };
        return { policy, provoke };
      },
      abandoned: ({ clock }) => {
        const policy = fromBottleneck(new Bottleneck(), { clock });
        const provoke = (): Promise<unknown> => {
          const caller = new AbortController();
          const call = policy.outcome(() => 1, { signal: caller.signal });
          caller.abort('enough');
          return call;
        };
        return { policy, provoke };
      },
    },
  })) {
    test.skipIf(name === ofProcess)(name, run);
  }
});

describe('the contract of a limiter of Bottleneck whose jobs expire', () => {
  const make = ({ clock }: PolicyTools) =>
    fromBottleneck(new Bottleneck(), { clock, expiration: () => 60_000 });
  for (const { name, run } of policyContract(make)) {
    test.skipIf(name === ofProcess)(name, run);
  }
});

const libraries = { 'p-limit': pLimit, 'the drop-in for p-limit': dropIn };

for (const [library, make] of Object.entries(libraries)) {
  describe(`the contract of a limit of ${library}`, () => {
    for (const { name, run } of policyContract(
      ({ clock }) => fromPLimit(make({ concurrency: 10 }), { clock }),
      {
        waiting: ({ clock }) => {
          const limit = make(1);
          const { promise, resolve } = Promise.withResolvers<void>();
          void limit(() => promise);
          return { policy: fromPLimit(limit, { clock }), release: resolve };
        },
      },
    )) {
      test(name, run);
    }
  });

  describe(`the contract of a limit of ${library} in a pipeline`, () => {
    for (const { name, run } of policyContract(({ clock }) =>
      compose(noop, fromPLimit(make(10), { clock }), timeout({ clock }), noop),
    )) {
      test(name, run);
    }
  });
}

/** Takes all places of a limiter whose limit is 1; returns what gives them back. */
async function blocked(limiter: Bottleneck): Promise<() => Promise<void>> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = Promise.withResolvers<void>();
  const job = limiter.schedule(() => {
    running.resolve();
    return promise;
  });
  await running.promise;
  return async () => {
    resolve();
    await job;
  };
}
