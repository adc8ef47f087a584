import { cache, type CacheOptions, coalesce } from '@holdfast/cache';
import { compose, noop, type Policy } from '@holdfast/policy';
import { type PolicyTools, policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

/** A key of its own for each call: nothing is shared, so that nothing may change. */
function distinct(): () => string {
  let calls = 0;
  return () => String(calls++);
}

function busy(clock: CacheOptions['clock']): CacheOptions {
  return { key: distinct(), ttlMs: 1_000, negativeTtlMs: 1_000, maxEntries: 10, clock };
}

const variants: Readonly<Record<string, (tools: PolicyTools) => Policy>> = {
  'a cache that calls go by': ({ clock }) => cache({ key: () => undefined, ttlMs: 1_000, clock }),
  'a cache that stores': ({ clock }) => cache(busy(clock)),
  'a coalesce': () => coalesce({ key: distinct() }),
  'a pipeline with both': ({ clock }) =>
    compose(noop, cache(busy(clock)), timeout({ clock }), coalesce({ key: distinct() }), noop),
};

/** A shared execution has no deadline and no budget of one of its callers: they would bind the others. */
const unshared = [
  'passes signal, deadline, budget and properties on to a nested call that gets the context',
  'tells the operation the deadline of the call, or an earlier one',
];

for (const [variant, make] of Object.entries(variants)) {
  describe(`the contract of ${variant}`, () => {
    for (const { name, run } of policyContract(make)) {
      if (variant.endsWith('go by') || !unshared.includes(name)) test(name, run);
    }
  });
}

const key = (): string => 'the key';
const fails = (): Promise<never> => Promise.reject(new Error('down'));

type Provocation = { policy: Policy; provoke: () => Promise<unknown> };

function twice(options: Omit<CacheOptions, 'key' | 'ttlMs'>, ms: number) {
  return ({ clock }: PolicyTools): Provocation => {
    const policy = cache({ key, ttlMs: 100, ...options, clock });
    const provoke = async (): Promise<unknown> => {
      const first = await policy.outcome(() => 1);
      await clock.advance(ms);
      const second = await policy.outcome(() => 2);
      await clock.flush();
      return [first, second];
    };
    return { policy, provoke };
  };
}

function failing(options: Omit<CacheOptions, 'key' | 'ttlMs'>) {
  return ({ clock }: PolicyTools): Provocation => {
    const policy = cache({ key, ttlMs: 100, ...options, clock });
    const provoke = async (): Promise<unknown> => {
      await policy.outcome(() => 1);
      await clock.advance(100);
      const answer = await policy.outcome(fails);
      await clock.flush();
      return answer;
    };
    return { policy, provoke };
  };
}

function together(policy: Policy): Provocation {
  return {
    policy,
    provoke: () => Promise.all([policy.outcome(async () => 1), policy.outcome(async () => 2)]),
  };
}

function leaving(policy: Policy): Provocation {
  const provoke = (): Promise<unknown> => {
    const caller = new AbortController();
    const call = policy.outcome(() => new Promise(() => {}), { signal: caller.signal });
    caller.abort('enough');
    return call;
  };
  return { policy, provoke };
}

describe('the events of a cache', () => {
  for (const { name, run } of policyContract(({ clock }) => cache(busy(clock)), {
    transparent: false,
    events: {
      hit: twice({}, 0),
      miss: twice({}, 0),
      stale: twice({ staleWhileRevalidateMs: 100 }, 100),
      refreshed: twice({ staleWhileRevalidateMs: 100 }, 100),
      'refresh-failed': failing({ staleWhileRevalidateMs: 100 }),
      coalesced: ({ clock }) => together(cache({ key, ttlMs: 0, clock })),
      abandoned: ({ clock }) => leaving(cache({ key, ttlMs: 0, clock })),
      evicted: ({ clock }) => {
        const policy = cache({ key: distinct(), ttlMs: 1, maxEntries: 1, clock });
        const provoke = async (): Promise<unknown> => {
          await policy.execute(() => 1);
          return policy.execute(() => 2);
        };
        return { policy, provoke };
      },
    },
  })) {
    if (!unshared.includes(name)) test(name, run);
  }
});

describe('the events of a coalesce', () => {
  for (const { name, run } of policyContract(() => coalesce({ key: distinct() }), {
    transparent: false,
    events: {
      coalesced: () => together(coalesce({ key })),
      abandoned: () => leaving(coalesce({ key })),
    },
  })) {
    if (!unshared.includes(name)) test(name, run);
  }
});
