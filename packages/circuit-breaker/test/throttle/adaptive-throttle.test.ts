import {
  adaptiveThrottle,
  type AdaptiveThrottle,
  type AdaptiveThrottleOptions,
  circuitBreaker,
  isThrottledError,
} from '@holdfast/circuit-breaker';
import { compose } from '@holdfast/policy';
import { seededRandom, type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { down, errorOf, fails, hangs, succeeds } from '../calls.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = virtualClock();
});

/** The formula of the book, without the additions of ours. */
const book = { minimumCalls: 0, maxProbability: 1 };

function throttle(options: AdaptiveThrottleOptions = {}): AdaptiveThrottle {
  return adaptiveThrottle({ clock, random: seededRandom(1), ...options });
}

async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await call();
}

describe('reconfiguring a throttle in place', () => {
  test('keeps what it has counted, also in a window of another length', async () => {
    const policy = throttle({ ...book, random: () => 0.999 });
    await times(40, () => policy.outcome(succeeds));
    await times(59, () => policy.outcome(fails));

    policy.configure({ k: 1, windowMs: 60_000 });

    expect(policy.metrics).toMatchObject({ requests: 99, accepts: 40, probability: 0.59 });
    await clock.advance(60_000);
    expect(policy.metrics.requests).toBe(0);
  });

  test('sets what is not given to its default on request', () => {
    const policy = throttle({ k: 5, minimumCalls: 0, isFailure: () => false });

    policy.configure({ maxProbability: 0.5 }, { others: 'default' });

    expect(policy.describe()).toEqual(throttle({ maxProbability: 0.5 }).describe());
  });

  test('refuses what cannot be used, and changes nothing', () => {
    const policy = throttle();
    expect(() => policy.configure({ k: 3, windowMs: 0 })).toThrow(/`windowMs`/);
    expect(() => policy.configure({ random: () => 0 } as never)).toThrow(/`random`/);
    expect(policy.describe().layers[0]?.options).toMatchObject({ k: 2 });
  });
});

describe('an adaptive throttle', () => {
  test('rejects with the probability of the book', async () => {
    const policy = throttle({ ...book, random: () => 0.999 });
    await times(40, () => policy.outcome(succeeds));
    expect(policy.metrics).toMatchObject({ requests: 40, accepts: 40, probability: 0 });
    await times(40, () => policy.outcome(fails));
    expect(policy.metrics.probability).toBe(0);
    await times(19, () => policy.outcome(fails));
    expect(policy.metrics).toMatchObject({ requests: 99, accepts: 40, probability: 0.19 });
    await clock.advance(120_000);
    expect(policy.metrics).toMatchObject({ requests: 0, accepts: 0, probability: 0 });
  });

  test('draws lots: below the probability a call is rejected, from it on it goes', async () => {
    let chance = 0;
    const policy = throttle({ ...book, random: () => chance });
    await times(3, () => policy.outcome(fails));
    const { probability } = policy.metrics;
    chance = probability - 1e-9;
    const error = await errorOf(policy.outcome(succeeds));
    expect(isThrottledError(error)).toBe(true);
    expect(error).toMatchObject({
      name: 'ThrottledError',
      code: 'THROTTLED',
      policy: 'adaptive-throttle',
      accepts: 0,
      probability,
      retryAfterMs: undefined,
      message: expect.stringMatching(/0 of \d were accepted/),
    });
    chance = policy.metrics.probability;
    expect((await policy.outcome(succeeds)).ok).toBe(true);
  });

  test('counts what it rejects among the requests', async () => {
    const policy = throttle({ ...book, random: () => 0 });
    await policy.outcome(fails);
    await times(9, () => policy.outcome(succeeds));
    expect(policy.metrics).toEqual({
      requests: 10,
      accepts: 0,
      probability: 10 / 11,
      rejected: 9,
    });
  });

  test('lets all go until there have been enough calls, and some whatever happens', async () => {
    const policy = throttle({ minimumCalls: 10, maxProbability: 0.5, random: () => 0.5 });
    await times(50, () => policy.outcome(fails));
    expect(policy.metrics).toMatchObject({ requests: 50, probability: 0.5, rejected: 0 });
    const strict = throttle({ minimumCalls: 10, random: () => 0 });
    await times(11, () => strict.outcome(fails));
    expect(strict.metrics).toMatchObject({ requests: 11, rejected: 1 });
  });

  test('does not take calls for failures that are still under way', async () => {
    const policy = throttle({ ...book, random: () => 0 });
    const calls = Array.from({ length: 100 }, () => policy.outcome(succeeds));
    const outcomes = await Promise.all(calls);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
  });

  test('ignores what says nothing: aborts, rejections inside, and what isFailure says so', async () => {
    const breaker = circuitBreaker({ clock });
    breaker.isolate();
    const policy = throttle({ ...book });
    await compose(policy, breaker).outcome(succeeds);
    const caller = new AbortController();
    const aborted = policy.outcome(
      ({ signal }) => {
        caller.abort(down);
        return Promise.reject(signal.reason);
      },
      { signal: caller.signal },
    );
    expect(await errorOf(aborted)).toBe(down);
    expect(policy.metrics.requests).toBe(0);
    const choosy = throttle({ ...book, isFailure: ({ ok }) => (ok ? true : 'ignore') });
    await choosy.outcome(fails);
    await choosy.outcome(succeeds);
    expect(choosy.metrics).toMatchObject({ requests: 1, accepts: 0 });
  });

  test('counts a timeout outside when it strikes, once', async () => {
    const policy = throttle({ ...book });
    const late = Promise.withResolvers<string>();
    const call = compose(timeout({ afterMs: 100, clock }), policy).outcome(() => late.promise);
    await clock.advance(100);
    expect((await call).ok).toBe(false);
    late.resolve('late');
    await clock.flush();
    expect(policy.metrics).toMatchObject({ requests: 1, accepts: 0 });
    const inside = throttle({ ...book });
    const inner = compose(inside, timeout({ afterMs: 100, clock })).outcome(hangs);
    await clock.advance(100);
    await inner;
    expect(inside.metrics).toMatchObject({ requests: 1, accepts: 0 });
  });

  test('answers with what isFailure throws, and ignores the call', async () => {
    const policy = throttle({
      isFailure: () => {
        throw down;
      },
    });
    expect(await errorOf(policy.outcome(succeeds))).toBe(down);
    expect(policy.metrics.requests).toBe(0);
  });

  test('answers with what its chance throws', async () => {
    const policy = throttle({
      ...book,
      random: () => {
        throw down;
      },
    });
    await times(2, () => policy.outcome(fails));
    expect(await errorOf(policy.outcome(succeeds))).toBe(down);
    expect(policy.metrics.requests).toBe(1);
  });

  test('tells when it begins, each call that it rejects, and when it ends', async () => {
    const policy = throttle({ minimumCalls: 2, windowMs: 1_000, random: () => 0 });
    const heard: unknown[] = [];
    for (const name of ['throttling-started', 'throttled', 'throttling-ended'] as const) {
      policy.on(name, ({ event, requests, accepts }) => heard.push([event, requests, accepts]));
    }
    await times(2, () => policy.outcome(fails));
    await times(2, () => policy.outcome(succeeds));
    await clock.advance(1_000);
    await policy.outcome(succeeds);
    expect(heard).toEqual([
      ['throttling-started', 2, 0],
      ['throttled', 2, 0],
      ['throttled', 3, 0],
      ['throttling-ended', 0, 0],
    ]);
  });

  test('forgets all when it is reset', async () => {
    const policy = throttle({ ...book, random: () => 0 });
    await times(5, () => policy.outcome(fails));
    policy.reset();
    expect(policy.metrics).toMatchObject({ requests: 0, probability: 0 });
    expect((await policy.outcome(succeeds)).ok).toBe(true);
  });

  test('names its options, and refuses those that cannot be used', () => {
    expect(throttle().describe().layers).toEqual([
      {
        kind: 'adaptive-throttle',
        name: 'adaptive-throttle',
        options: { k: 2, windowMs: 120_000, minimumCalls: 20, maxProbability: 0.95 },
      },
    ]);
    expect(() => adaptiveThrottle({ k: 0.9 })).toThrow(/`k` to be a finite number from 1 up.*0.9/);
    expect(() => adaptiveThrottle({ k: '2' as never })).toThrow(TypeError);
    expect(() => adaptiveThrottle({ windowMs: 0 })).toThrow(/`windowMs`/);
    expect(() => adaptiveThrottle({ minimumCalls: -1 })).toThrow(/`minimumCalls`/);
    expect(() => adaptiveThrottle({ maxProbability: 1.5 })).toThrow(/`maxProbability`/);
    expect(() => adaptiveThrottle({ random: 4 as never })).toThrow(/`random`/);
    expect(() => adaptiveThrottle({ isFailure: 4 as never })).toThrow(/`isFailure`/);
    expect(() => adaptiveThrottle({ K: 2 } as never)).toThrow(/Unknown option `K`/);
  });
});

test('the window counts as a naive recount does', async () => {
  const step = oneof(
    record({ ok: constantFrom(true, false) }),
    record({ advance: integer({ min: 1, max: 400 }) }),
  );
  await assert(
    asyncProperty(array(step, { maxLength: 80 }), integer(), async (steps, seed) => {
      const own = virtualClock();
      const windowMs = 1_000;
      const policy = adaptiveThrottle({
        ...book,
        k: 1.5,
        windowMs,
        clock: own,
        random: seededRandom(seed),
      });
      const calls: { at: number; isAccepted: boolean }[] = [];
      for (const each of steps) {
        if ('advance' in each) await own.advance(each.advance);
        else {
          const outcome = await policy.outcome(each.ok ? succeeds : fails);
          calls.push({ at: own.now(), isAccepted: outcome.ok });
        }
        const part = (time: number): number => Math.floor(time / (windowMs / 10));
        const inView = calls.filter(({ at }) => part(at) > part(own.now()) - 10);
        const accepts = inView.filter(({ isAccepted }) => isAccepted).length;
        const requests = inView.length;
        const probability = Math.max(0, (requests - 1.5 * accepts) / (requests + 1));
        expect(policy.metrics).toMatchObject({ requests, accepts, probability });
      }
    }),
    { numRuns: 100 },
  );
});

/** A backend that accepts so many calls per second and refuses the rest. */
class Backend {
  capacity: number;
  received = 0;
  private accepted = 0;
  private second = -1;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  answer = (): Promise<string> => {
    const second = Math.floor(clock.now() / 1_000);
    if (second !== this.second) this.accepted = 0;
    this.second = second;
    this.received++;
    return this.accepted++ < this.capacity ? succeeds() : fails();
  };
}

/** Sends so many calls per second, evenly, and tells how many per second the backend received. */
async function load(
  policy: AdaptiveThrottle,
  backend: Backend,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<number> {
  const before = backend.received;
  for (let i = 0; i < seconds * 10; i++) {
    await times(perSecond / 10, () => policy.outcome(backend.answer));
    await clock.advance(100);
  }
  return (backend.received - before) / seconds;
}

describe('in the simulation of an overload', () => {
  test('the backend receives k times what it accepts, however much is asked for', async () => {
    for (const [k, perSecond] of [
      [2, 50],
      [2, 100],
      [1.2, 50],
      [3, 100],
    ] as const) {
      const policy = throttle({ ...book, k });
      const backend = new Backend(10);
      await load(policy, backend, { perSecond, seconds: 240 });
      const received = await load(policy, backend, { perSecond, seconds: 120 });
      expect(received / (10 * k)).toBeGreaterThan(0.9);
      expect(received / (10 * k)).toBeLessThan(1.1);
    }
  });

  test('nothing is rejected as long as one in k is accepted', async () => {
    const policy = throttle({ ...book });
    const backend = new Backend(10);
    expect(await load(policy, backend, { perSecond: 20, seconds: 240 })).toBe(20);
    expect(policy.metrics.rejected).toBeLessThan(10);
  });

  test('what goes grows from window to window after an outage, until it is all', async () => {
    const policy = throttle();
    const backend = new Backend(0);
    const outage = await load(policy, backend, { perSecond: 50, seconds: 240 });
    expect(outage).toBeLessThan(50 * 0.08);
    backend.capacity = 1_000;
    const received: number[] = [];
    while (received.at(-1) !== 50 && received.length < 10) {
      received.push(await load(policy, backend, { perSecond: 50, seconds: 120 }));
    }
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(received.length).toBeLessThanOrEqual(6);
  });

  test('without a highest probability, an outage is hardly noticed to have ended', async () => {
    const policy = throttle({ ...book });
    const backend = new Backend(0);
    await load(policy, backend, { perSecond: 50, seconds: 240 });
    const received = await load(policy, backend, { perSecond: 50, seconds: 120 });
    expect(received).toBeLessThan(0.2);
  });
});
