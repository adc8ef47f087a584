import {
  adaptiveThrottle,
  circuitBreaker,
  consecutiveFailures,
  healthProbe,
  ramp,
  slowCalls,
  waitForProbe,
} from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import {
  type MakePolicy,
  policyContract,
  type PolicyContractOptions,
  type PolicyTools,
} from '@holdfast/testing';
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

const down = (): Promise<never> => Promise.reject(new Error('down'));

/** A breaker whose waiting calls, ramp and health probe have all to do. */
function provokedExtras({ clock }: PolicyTools) {
  const breaker = circuitBreaker({
    trip: consecutiveFailures(1),
    whenProbing: waitForProbe(),
    ramp: ramp({ durationMs: 1_000, initialShare: 1e-9 }),
    healthProbe: healthProbe(() => false, { initialMs: 1_000, jitter: 0 }),
    clock,
  });
  const provoke = async (): Promise<unknown> => {
    const failed = await breaker.outcome(down);
    await clock.advance(5_000);
    const permit = breaker.tryAcquire();
    const caller = new AbortController();
    const abandoned = breaker.outcome(() => 'abandoned', { signal: caller.signal });
    const waited = breaker.outcome(() => 'waited');
    await clock.flush();
    caller.abort();
    permit?.ignore();
    const outcomes = [failed, await abandoned, await waited, await breaker.outcome(() => 'paced')];
    return outcomes.map(({ ok }) => ok);
  };
  return { policy: breaker, provoke };
}

/** A throttle that begins to reject, and ends to. */
function provokedThrottle({ clock }: PolicyTools) {
  const throttle = adaptiveThrottle({ minimumCalls: 1, random: () => 0, clock });
  const provoke = async (): Promise<unknown> => {
    const outcomes = [await throttle.outcome(down), await throttle.outcome(() => 'rejected')];
    await clock.advance(120_000);
    outcomes.push(await throttle.outcome(() => 'let go'));
    return outcomes.map(({ ok }) => ok);
  };
  return { policy: throttle, provoke };
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
  'a circuit breaker with all extras': ({ clock }) =>
    circuitBreaker({
      trip: never,
      whenProbing: waitForProbe(),
      ramp: ramp(),
      healthProbe: healthProbe(() => true),
      clock,
    }),
  'an adaptive throttle': ({ clock }) => adaptiveThrottle({ minimumCalls: 1_000_000, clock }),
  'an adaptive throttle with a predicate': ({ clock }) =>
    adaptiveThrottle({ minimumCalls: 1_000_000, isFailure: ({ ok }) => !ok, clock }),
  'a circuit breaker inside a timeout': ({ clock }) =>
    compose(timeout({ clock }), circuitBreaker({ trip: never, clock })),
};

for (const [subject, make] of Object.entries(subjects)) {
  describe(`the contract of ${subject}`, () => {
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}

describe('the contract of a circuit breaker that lets calls wait for its probe', () => {
  const options: PolicyContractOptions = {
    waiting: async ({ clock }) => {
      const trip = consecutiveFailures(1);
      const breaker = circuitBreaker({ trip, whenProbing: waitForProbe(), clock });
      await breaker.outcome(down);
      await clock.advance(5_000);
      const permit = breaker.tryAcquire();
      return { policy: breaker, release: () => permit?.succeed() };
    },
  };
  const make: MakePolicy = ({ clock }) =>
    circuitBreaker({ trip: never, whenProbing: waitForProbe(), clock });
  for (const { name, run } of policyContract(make, options)) test(name, run);
});

const plain = ['opened', 'half-opened', 'closed', 'isolated', 'released', 'rejected'];
const extra = ['queued', 'dequeued', 'abandoned', 'ramp-started', 'health-checked'];
describe('the events of a circuit breaker', () => {
  const make: MakePolicy = ({ clock }) => circuitBreaker({ trip: never, clock });
  const cases = policyContract(make, {
    events: Object.fromEntries([
      ...plain.map((event) => [event, provoked] as const),
      ...extra.map((event) => [event, provokedExtras] as const),
    ]),
  });
  for (const { name, run } of cases) test(name, run);
});

const ofThrottle = ['throttling-started', 'throttled', 'throttling-ended'];
describe('the events of an adaptive throttle', () => {
  const make: MakePolicy = ({ clock }) => adaptiveThrottle({ minimumCalls: 1_000_000, clock });
  const cases = policyContract(make, {
    events: Object.fromEntries(ofThrottle.map((event) => [event, provokedThrottle])),
  });
  for (const { name, run } of cases) test(name, run);
});
