import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import {
  type AnyPolicy,
  compose,
  definePolicy,
  type Keyed,
  keyed,
  type KeyedOptions,
  noop,
} from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { type MakePolicy, policyContract, type PolicyTools } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

/** One key, whose policy has been made: so it is known what it can do. */
function one<P extends AnyPolicy>(make: (tools: PolicyTools) => P) {
  return (tools: PolicyTools): Keyed<P> => {
    const policy = keyed(() => make(tools), { key: () => 'one', clock: tools.clock });
    policy.get('one');
    return policy;
  };
}

/** Another key for each call. */
function each<P extends AnyPolicy>(
  make: (tools: PolicyTools) => P,
  options?: Partial<KeyedOptions>,
) {
  return (tools: PolicyTools): Keyed<P> => {
    let calls = 0;
    const key = (): string => `key ${calls++}`;
    const policy = keyed(() => make(tools), { key, clock: tools.clock, ...options });
    policy.get('first');
    return policy;
  };
}

const never = consecutiveFailures(1_000_000);
const breaker = ({ clock }: PolicyTools) => circuitBreaker({ trip: never, clock });
const places = ({ clock }: PolicyTools) => bulkhead({ maxConcurrent: 10, maxQueued: 1_000, clock });
const four = (tools: PolicyTools) =>
  compose(
    timeout({ clock: tools.clock }),
    retry({ maxAttempts: 1, clock: tools.clock }),
    breaker(tools),
    places(tools),
  );

const subjects: Readonly<Record<string, MakePolicy>> = {
  'a keyed noop': one(() => noop),
  'a keyed circuit breaker': one(breaker),
  'a keyed bulkhead': one(places),
  'a keyed timeout': one(({ clock }) => timeout({ clock })),
  'a keyed cooperative timeout': one(({ clock }) => timeout({ mode: 'cooperative', clock })),
  'a keyed pipeline with a retry': one(four),
  'a keyed policy that a function defines': one(() => definePolicy('plain', (next) => next())),
  'a keyed keyed policy': one(each(four)),
  'a circuit breaker for each call': each(breaker),
  'a bulkhead for each call, and few keys': each(places, { maxKeys: 2, idleMs: 1 }),
  'a pipeline for each call': each(four),
  'a keyed bulkhead between timeouts': (tools) =>
    compose(timeout({ clock: tools.clock }), one(places)(tools), timeout({ clock: tools.clock })),
  'a keyed timeout inside a retry': (tools) =>
    compose(
      noop,
      retry({ maxAttempts: 1, clock: tools.clock }),
      one(({ clock }) => timeout({ clock }))(tools),
    ),
  'a keyed timeout inside a policy that a function defines': (tools) =>
    compose(
      definePolicy('plain', (next) => next()),
      one(({ clock }) => timeout({ clock }))(tools),
    ),
};

for (const [subject, make] of Object.entries(subjects)) {
  describe(`the contract of ${subject}`, () => {
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}

describe('the contract of a keyed bulkhead that is full', () => {
  const cases = policyContract(one(places), {
    waiting: (tools) => {
      const policy = one(({ clock }) => bulkhead({ maxConcurrent: 1, maxQueued: 9, clock }))(tools);
      const permit = policy.get('one').tryAcquire();
      return { policy, release: () => permit?.release() };
    },
    events: {
      rejected: (tools) => {
        const policy = one(({ clock }) => bulkhead({ maxConcurrent: 1, clock }))(tools);
        policy.get('one').tryAcquire();
        return { policy, provoke: () => policy.outcome(() => 1) };
      },
    },
  });
  for (const { name, run } of cases) test(name, run);
});

describe('the contract of a keyed pipeline in its back-off', () => {
  const waiting = ({ clock }: PolicyTools) =>
    compose(
      timeout({ clock }),
      retry({ backoff: constant(1_000), shouldRetry: (_, attempt) => attempt === 1, clock }),
      bulkhead({ clock }),
    );
  const cases = policyContract(one(four), {
    waiting: (tools) => ({
      policy: one(waiting)(tools),
      release: () => tools.clock.advance(1_000),
    }),
    events: {
      retried: (tools) => {
        const policy = one(waiting)(tools);
        const provoke = async (): Promise<unknown> => {
          const call = policy.outcome(() => 1);
          await tools.clock.advance(1_000);
          return call;
        };
        return { policy, provoke };
      },
    },
  });
  for (const { name, run } of cases) test(name, run);
});

describe('the contract of the events of a keyed policy', () => {
  const cases = policyContract(one(breaker), {
    events: {
      forgotten: (tools) => {
        const policy = each(breaker, { maxKeys: 1 })(tools);
        return { policy, provoke: () => policy.outcome(() => 1) };
      },
      crowded: (tools) => {
        const policy = each(breaker, { maxKeys: 1 })(tools);
        return { policy, provoke: () => policy.outcome(() => policy.outcome(() => 1)) };
      },
    },
  });
  for (const { name, run } of cases) test(name, run);
});
