import { circuitBreaker } from '@holdfast/circuit-breaker';
import { hedge, type HedgeOptions, quantileDelay } from '@holdfast/hedge';
import { compose } from '@holdfast/policy';
import { policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const variants: Readonly<Record<string, HedgeOptions>> = {
  'that waits': { safe: true, afterMs: 3_600_000 },
  'that waits for a failure': {
    safe: true,
    afterMs: Number.POSITIVE_INFINITY,
    isFailure: () => false,
  },
  'by a function': { safe: true, afterMs: () => 3_600_000, isFailure: () => false },
  'that learns': { safe: true, afterMs: quantileDelay(), isFailure: () => false },
  'that is not safe': { safe: () => false, afterMs: 0 },
};

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a hedge ${variant}`, () => {
    const isFailure = (): boolean => false;
    for (const { name, run } of policyContract(
      ({ clock }) => hedge({ isFailure, ...options, clock }),
      {
        events: {
          hedged: ({ clock }) => {
            const policy = hedge({ safe: true, afterMs: 0, clock });
            return { policy, provoke: () => policy.outcome(async () => 1) };
          },
          won: ({ clock }) => {
            const policy = hedge({ safe: true, afterMs: 0, clock });
            return { policy, provoke: () => policy.outcome(async () => 1) };
          },
        },
      },
    )) {
      test(name, run);
    }
  });
}

describe('the contract of a hedge among others', () => {
  for (const { name, run } of policyContract(({ clock }) =>
    compose(
      timeout({ clock }),
      hedge({ safe: true, afterMs: 3_600_000, isFailure: () => false, clock }),
      circuitBreaker({ clock }),
    ),
  )) {
    test(name, run);
  }
});
