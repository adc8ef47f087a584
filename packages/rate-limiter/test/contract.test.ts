import { compose } from '@holdfast/policy';
import {
  adaptiveRate,
  byPriority,
  gcra,
  perKey,
  type RateLimiter,
  rateLimiter,
  type RateLimiterOptions,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import { policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const wide = { limit: 1_000_000, windowMs: 1_000 };

const variants: Readonly<Record<string, RateLimiterOptions>> = {
  'that is smooth': { algorithm: gcra({ ...wide, burst: 100_000 }) },
  'with a bucket of tokens': {
    algorithm: tokenBucket({ replenishRate: 1_000_000, burstCapacity: 100_000 }),
  },
  'with an exact window': { algorithm: slidingWindow(wide), maxQueued: 1_000 },
  'that lets wait': { algorithm: gcra({ ...wide, burst: 100_000 }), maxQueued: 1_000 },
  'with keys, weights and priorities': {
    algorithm: slidingWindow(wide),
    keys: perKey({ key: ({ attempt }) => `key ${attempt % 2}` }),
    weight: () => 2,
    queue: byPriority({ priority: () => 1 }),
    maxQueued: 1_000,
    maxWaitMs: 60_000,
  },
  'that learns': { algorithm: slidingWindow(wide), adaptive: adaptiveRate() },
};

const slow = { limit: 1, windowMs: 100 };
type Clock = RateLimiterOptions['clock'];

function usedUp(clock: Clock, maxQueued: number): RateLimiter {
  const policy = rateLimiter({ algorithm: slidingWindow(slow), maxQueued, clock });
  policy.tryAcquire();
  return policy;
}

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a rate limiter ${variant}`, () => {
    for (const { name, run } of policyContract(({ clock }) => rateLimiter({ ...options, clock }), {
      waiting: ({ clock }) => ({
        policy: usedUp(clock, 10),
        release: () => clock.advance(100),
      }),
      events: {
        refused: ({ clock }) => {
          const policy = usedUp(clock, 0);
          return { policy, provoke: () => policy.outcome(() => 1) };
        },
        queued: ({ clock }) => {
          const policy = usedUp(clock, 1);
          const provoke = async (): Promise<unknown> => {
            const call = policy.outcome(() => 1);
            await clock.advance(100);
            return call;
          };
          return { policy, provoke };
        },
        throttled: ({ clock }) => {
          const adaptive = adaptiveRate();
          const policy = rateLimiter({ algorithm: slidingWindow(wide), adaptive, clock });
          return { policy, provoke: () => policy.outcome(() => ({ status: 429 })) };
        },
      },
    })) {
      test(name, run);
    }
  });
}

describe('the contract of a rate limiter inside a timeout', () => {
  const make = ({ clock }: { readonly clock: NonNullable<Clock> }): ReturnType<typeof compose> =>
    compose(
      timeout({ afterMs: 3_600_000, clock }),
      rateLimiter({ algorithm: slidingWindow(wide), maxQueued: 10, clock }),
    );
  for (const { name, run } of policyContract(make)) test(name, run);
});
