import { fallback, lastKnownGood } from '@holdfast/fallback';
import { type AnyPolicy, compose, noop } from '@holdfast/policy';
import { policyContract, type PolicyTools } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const rethrow = (outcome: { readonly ok: boolean; readonly error?: unknown }): never => {
  throw outcome.error;
};

const transparent: Readonly<Record<string, (tools: PolicyTools) => AnyPolicy>> = {
  'that names no outcome': () => fallback({ when: () => false, value: 'never' }),
  'whose function throws the error again': () => fallback({ use: rethrow }),
  'whose function rejects with the error': () =>
    fallback({ use: async (outcome) => rethrow(outcome) }),
  'that never keeps what it hears': ({ clock }) =>
    fallback({ use: lastKnownGood({ maxAgeMs: 1, key: () => undefined }), clock }),
  'whose chain throws the error again': () => fallback({ chain: [rethrow, rethrow] }),
};

for (const [variant, make] of Object.entries(transparent)) {
  describe(`the contract of a fallback ${variant}`, () => {
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}

const failing = (): never => {
  throw new Error('no answer');
};

describe('the contract of a fallback to a value', () => {
  const cases = policyContract(() => fallback({ value: 'none' }), {
    transparent: false,
    events: {
      'fell-back': () => {
        const policy = fallback({ value: 'none' });
        return { policy, provoke: () => policy.outcome(failing) };
      },
      failed: () => {
        const policy = fallback({ use: failing });
        return { policy, provoke: () => policy.outcome(failing) };
      },
    },
  });
  for (const { name, run } of cases) test(name, run);
});

describe('the contract of a fallback to the last known good value', () => {
  const cases = policyContract(
    ({ clock }) => fallback({ use: lastKnownGood({ maxAgeMs: 1_000 }), clock }),
    {
      transparent: false,
      events: {
        'fell-back': ({ clock }) => {
          const policy = fallback({ use: lastKnownGood({ maxAgeMs: 1_000 }), clock });
          return {
            policy,
            provoke: async () => {
              await policy.outcome(() => 'good');
              await policy.outcome(failing);
            },
          };
        },
        failed: ({ clock }) => {
          const policy = fallback({ chain: [lastKnownGood({ maxAgeMs: 1_000 }), failing], clock });
          return { policy, provoke: () => policy.outcome(failing) };
        },
      },
    },
  );
  for (const { name, run } of cases) test(name, run);
});

describe('the contract of a fallback in a pipeline', () => {
  const cases = policyContract(({ clock }) =>
    compose(
      timeout({ clock }),
      fallback({ use: rethrow }),
      timeout({ clock, afterMs: 1_000 }),
      noop,
    ),
  );
  for (const { name, run } of cases) test(name, run);
});
