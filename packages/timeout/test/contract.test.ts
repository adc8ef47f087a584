import {
  type EventProvocation,
  type MakePolicy,
  policyContract,
  type PolicyTools,
} from '@holdfast/testing';
import { compose, noop } from '@holdfast/policy';
import { timeout, type TimeoutOptions } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const hangs = (): Promise<never> => new Promise(() => undefined);

const variants: Readonly<Record<string, TimeoutOptions>> = {
  'on its defaults': {},
  'of a constant duration': { afterMs: 1_000 },
  'by a function': { afterMs: () => 1_000 },
  'without a limit': { afterMs: () => undefined },
  cooperative: { afterMs: 1_000, mode: 'cooperative' },
  'of thirty days': { afterMs: 30 * 24 * 3_600_000 },
};

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a timeout ${variant}`, () => {
    const make: MakePolicy = ({ clock }) => timeout({ ...options, clock });
    for (const { name, run } of policyContract(make)) {
      test(name, run);
    }
  });
}
describe('the contract of a timeout in a pipeline', () => {
  for (const { name, run } of policyContract(({ clock }) =>
    compose(noop, timeout({ clock }), noop),
  )) {
    test(name, run);
  }
});

function timedOut({ clock }: PolicyTools): EventProvocation {
  const policy = timeout({ afterMs: 50, clock });
  return { policy, provoke: () => clock.runUntil(policy.outcome(hangs)) };
}

function lateResult({ clock }: PolicyTools): EventProvocation {
  const policy = timeout({ afterMs: 50, clock });
  return {
    policy,
    provoke: async () => {
      const work = Promise.withResolvers<number>();
      const outcome = await clock.runUntil(policy.outcome(() => work.promise));
      work.resolve(1);
      await clock.flush();
      return outcome;
    },
  };
}

describe('the contract of the events of a timeout', () => {
  const events = { 'timed-out': timedOut, 'late-result': lateResult };
  for (const { name, run } of policyContract(({ clock }) => timeout({ clock }), { events })) {
    test(name, run);
  }
});
