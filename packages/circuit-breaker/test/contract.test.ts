import { circuitBreaker, consecutiveFailures, slowCalls } from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { type MakePolicy, policyContract, type PolicyTools } from '@holdfast/testing';
import { describe, test } from 'vitest';

const never = consecutiveFailures(1_000_000);

/** A breaker whose circuit opens, rejects, probes and closes in one go. */
function provoked({ clock }: PolicyTools) {
  const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
  const provoke = async (): Promise<unknown> => {
    const failed = await breaker.outcome(() => Promise.reject(new Error('down')));
    const rejected = await breaker.outcome(() => 'rejected');
    await clock.advance(5_000);
    const probed = await breaker.outcome(() => 'probed');
    const isolation = breaker.isolate();
    const isolated = await breaker.outcome(() => 'isolated');
    isolation.release();
    return [failed, rejected, probed, isolated].map(({ ok }) => ok);
  };
  return { policy: breaker, provoke };
}

const subjects: Readonly<Record<string, MakePolicy>> = {
  'a circuit breaker that hardly opens': ({ clock }) => circuitBreaker({ trip: never, clock }),
  'a circuit breaker with a window of time': ({ clock }) =>
    circuitBreaker({ minimumCalls: 1_000_000, clock }),
  'a circuit breaker with several trips and a predicate': ({ clock }) =>
    circuitBreaker({
      trip: [never, slowCalls({ slowCallMs: 1e9 })],
      isFailure: ({ ok }) => !ok,
      clock,
    }),
  'a circuit breaker in shadow mode': ({ clock }) =>
    circuitBreaker({ trip: consecutiveFailures(1), mode: 'shadow', clock }),
  'a circuit breaker that is disabled': ({ clock }) => circuitBreaker({ mode: 'disabled', clock }),
  'a circuit breaker inside a timeout': ({ clock }) =>
    compose(timeout({ clock }), circuitBreaker({ trip: never, clock })),
};

for (const [subject, make] of Object.entries(subjects)) {
  describe(`the contract of ${subject}`, () => {
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}

const events = ['opened', 'half-opened', 'closed', 'isolated', 'released', 'rejected'];
describe('the events of a circuit breaker', () => {
  const make: MakePolicy = ({ clock }) => circuitBreaker({ trip: never, clock });
  const cases = policyContract(make, {
    events: Object.fromEntries(events.map((event) => [event, provoked])),
  });
  for (const { name, run } of cases) test(name, run);
});
