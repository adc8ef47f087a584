import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { type AnyPolicy, compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { policyContract, type PolicyContractOptions, type PolicyTools } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

/** A retry of one attempt, a circuit that hardly opens and a bulkhead for all: nothing changes. */
function protection({ clock }: PolicyTools): AnyPolicy {
  return compose(
    retry({ maxAttempts: 1, clock }),
    circuitBreaker({ minimumCalls: 1_000_000, clock }),
    bulkhead({ maxConcurrent: 5, maxQueued: 1_000, clock }),
  );
}

const orders: Readonly<Record<string, (tools: PolicyTools) => AnyPolicy>> = {
  'retry, circuit breaker and bulkhead': protection,
  'a timeout outermost': (tools) => compose(timeout({ clock: tools.clock }), protection(tools)),
  'a timeout innermost': (tools) => compose(protection(tools), timeout({ clock: tools.clock })),
  'timeouts on both sides': (tools) =>
    compose(
      timeout({ afterMs: 20_000, clock: tools.clock }),
      protection(tools),
      timeout({ afterMs: 10_000, clock: tools.clock }),
    ),
  'a cooperative timeout innermost': (tools) =>
    compose(protection(tools), timeout({ mode: 'cooperative', clock: tools.clock })),
  'a fallback outside of all': (tools) =>
    compose(
      fallback({ value: 'never', when: () => false }),
      timeout({ clock: tools.clock }),
      protection(tools),
    ),
};

type Wait = NonNullable<PolicyContractOptions['waiting']>;

const waits: Readonly<Record<string, Wait>> = {
  // A call waits in the queue of the innermost layer.
  'a timeout outermost': (tools) => {
    const { clock } = tools;
    const full = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
    const permit = full.tryAcquire();
    const policy = compose(timeout({ clock }), protection(tools), full);
    return { policy, release: () => permit?.release() };
  },
  // A call waits in a back-off.
  'timeouts on both sides': ({ clock }) => {
    const policy = compose(
      timeout({ clock }),
      retry({
        maxAttempts: 2,
        backoff: [1_000],
        shouldRetry: (_outcome, attempt) => attempt === 1,
        clock,
      }),
      circuitBreaker({ clock }),
      bulkhead({ clock }),
      timeout({ afterMs: 10_000, clock }),
    );
    return { policy, release: () => clock.advance(1_000) };
  },
};

for (const [order, make] of Object.entries(orders)) {
  describe(`the contract of the policies together: ${order}`, () => {
    const cases = policyContract(make, { waiting: waits[order] });
    for (const { name, run } of cases) test(name, run);
  });
}
