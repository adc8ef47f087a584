import { type AnyPolicy, compose, noop, retryBudget } from '@holdfast/policy';
import { constant, exponential, retry, type RetryOptions } from '@holdfast/retry';
import { policyContract, type PolicyTools } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

/** Makes one attempt only, since the contract compares how often the operation ran. */
const transparent: Readonly<Record<string, (tools: PolicyTools) => RetryOptions>> = {
  'with one attempt': () => ({ maxAttempts: 1 }),
  'that retries nothing': () => ({ shouldRetry: () => false }),
  'that retries nothing, asynchronously': () => ({ shouldRetry: async () => false }),
  'with a budget': ({ clock }) => ({ maxAttempts: 1, budget: retryBudget({ clock }) }),
  'with a limit of time': () => ({ maxAttempts: 1, maxElapsedMs: 60_000 }),
  'with a back-off of its own': () => ({ maxAttempts: 1, backoff: () => 1 }),
};

for (const [variant, options] of Object.entries(transparent)) {
  describe(`the contract of a retry ${variant}`, () => {
    const make = (tools: PolicyTools): AnyPolicy =>
      retry({ ...options(tools), clock: tools.clock });
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}

/** Retries the values of the contract's operations. */
function waiting({ clock, random }: PolicyTools): RetryOptions & { readonly maxAttempts: number } {
  const backoff = exponential({ initialMs: 1_000, random });
  return { maxAttempts: 2, backoff, shouldRetry: (_outcome, attempt) => attempt === 1, clock };
}

describe('the contract of a retry in its back-off', () => {
  const cases = policyContract(({ clock }) => retry({ maxAttempts: 1, clock }), {
    waiting: (tools) => ({
      policy: retry(waiting(tools)),
      release: () => tools.clock.advance(1_000),
    }),
    events: {
      retried: ({ clock }) => {
        const policy = retry({ backoff: constant(0), clock });
        return { policy, provoke: () => policy.outcome(failing) };
      },
      'gave-up': ({ clock }) => {
        const policy = retry({ maxAttempts: 1, clock });
        return { policy, provoke: () => policy.outcome(failing) };
      },
      recovered: ({ clock }) => {
        const policy = retry({ backoff: constant(0), clock });
        let calls = 0;
        return { policy, provoke: () => policy.outcome(() => (calls++ === 0 ? failing() : 'ok')) };
      },
    },
  });
  for (const { name, run } of cases) test(name, run);
});

describe('the contract of a retry between timeouts', () => {
  const cases = policyContract(
    ({ clock }) =>
      compose(noop, timeout({ clock }), retry({ maxAttempts: 1, clock }), timeout({ clock })),
    {
      waiting: (tools) => {
        const { clock } = tools;
        const policy = compose(timeout({ clock }), retry(waiting(tools)), timeout({ clock }));
        return { policy, release: () => clock.advance(1_000) };
      },
    },
  );
  for (const { name, run } of cases) test(name, run);
});

describe('the contract of a retry that asks asynchronously', () => {
  const cases = policyContract(({ clock }) => retry({ maxAttempts: 1, clock }), {
    waiting: ({ clock }) => {
      const asked = Promise.withResolvers<boolean>();
      const policy = retry({ shouldRetry: () => asked.promise, clock });
      return { policy, release: () => asked.resolve(false) };
    },
  });
  for (const { name, run } of cases) test(name, run);
});

function failing(): never {
  throw new Error('no answer');
}
