import { CircuitBreaker } from '@holdfast/interop/opossum';
import Opossum from 'opossum';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Difference, differences } from './differences.ts';

/** What of both classes the tests use: each makes its own of it. */
type AnyClass = typeof CircuitBreaker<never[], unknown>;
const theirs = Opossum as unknown as AnyClass;
const ours = CircuitBreaker as unknown as AnyClass;

/** Runs a scenario with a class and returns what it shows. */
type Scenario = (Class: AnyClass) => unknown;

interface Case {
  readonly scenario: Scenario;
  readonly opossum: unknown;
  readonly holdfast: unknown;
}

let warn: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  vi.useFakeTimers();
  warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
});
afterEach(() => {
  warn.mockRestore();
  vi.useRealTimers();
});

const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A breaker whose calls are settled by hand, in the order in which they came. */
function manual(Class: AnyClass, options: object = {}) {
  const works: PromiseWithResolvers<unknown>[] = [];
  const action = (): Promise<unknown> => {
    const work = Promise.withResolvers<unknown>();
    works.push(work);
    return work.promise;
  };
  const breaker = new Class(action, { timeout: false, resetTimeout: 100, ...options });
  const fire = (): Promise<unknown> => codeOf(breaker.fire());
  return { breaker, works, fire };
}

/** The value of a call, or what its error says of itself. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message;
  }
}

/** Does what may throw, and tells what it threw. */
async function tried(act: () => unknown): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return error instanceof TypeError ? 'TypeError' : (error as Error).message;
  }
}

const fails = (): Promise<never> => Promise.reject(new Error('boom'));

const cases: Readonly<Record<Difference, Case>> = {
  'a call of an earlier state does not change a later one': {
    async scenario(Class) {
      const { breaker, works, fire } = manual(Class);
      void fire();
      breaker.open();
      await wait(100);
      void fire();
      works[0]?.resolve('late');
      await wait(0);
      return breaker.closed;
    },
    opossum: true,
    holdfast: false,
  },
  'a lack of places does not open the circuit': {
    async scenario(Class) {
      const { breaker, fire } = manual(Class, { capacity: 1 });
      for (let i = 0; i < 4; i++) void fire();
      await wait(0);
      return breaker.opened;
    },
    opossum: true,
    holdfast: false,
  },
  'a place is held until its action has ended': {
    async scenario(Class) {
      const { works, fire } = manual(Class, {
        capacity: 1,
        timeout: 10,
        errorThresholdPercentage: 100,
      });
      for (let i = 0; i < 5; i++) {
        void fire();
        await wait(10);
      }
      return works.length;
    },
    opossum: 5,
    holdfast: 1,
  },
  'a probe that fails opens the circuit while it warms up, too': {
    async scenario(Class) {
      const { breaker, works, fire } = manual(Class, { allowWarmUp: true });
      breaker.open();
      await wait(100);
      void fire();
      works[0]?.reject(new Error('boom'));
      await wait(0);
      return breaker.opened;
    },
    opossum: false,
    holdfast: true,
  },
  'a probe that hangs does not hold the circuit half-open for ever': {
    async scenario(Class) {
      const { breaker, fire } = manual(Class);
      breaker.open();
      await wait(100);
      void fire();
      await wait(60_000);
      const answer = await fire();
      await wait(100);
      return [answer, breaker.pendingClose];
    },
    opossum: ['EOPENBREAKER', false],
    holdfast: ['EOPENBREAKER', true],
  },
  'an abort controller that renews itself does so after a timeout that does not open the circuit': {
    async scenario(Class) {
      const { breaker, fire } = manual(Class, {
        timeout: 10,
        errorThresholdPercentage: 100,
        autoRenewAbortController: true,
      });
      const before = breaker.getSignal();
      void fire();
      await wait(10);
      return [before?.aborted, breaker.getSignal()?.aborted];
    },
    opossum: [true, true],
    holdfast: [true, false],
  },
  'a shut down breaker stays shut down': {
    async scenario(Class) {
      const { breaker, works, fire } = manual(Class);
      void fire();
      breaker.status.emit('snapshot');
      breaker.shutdown();
      breaker.open();
      works[0]?.reject(new Error('boom'));
      await wait(0);
      return breaker.isShutdown;
    },
    opossum: false,
    holdfast: true,
  },
  'health checks end with the breaker, and may throw': {
    async scenario(Class) {
      let checks = 0;
      const { breaker } = manual(Class);
      breaker.healthCheck(async () => void checks++, 10);
      breaker.shutdown();
      await wait(100);
      const another = manual(Class).breaker;
      const thrown = await tried(() => another.healthCheck(() => never('ill'), 10));
      await wait(0);
      return [checks > 1, thrown, another.opened];
    },
    opossum: [true, 'ill', false],
    holdfast: [false, undefined, true],
  },
  'a listener that throws changes nothing': {
    async scenario(Class) {
      const breaker = new Class(async () => 'value');
      breaker.on('success', () => never('a bad listener'));
      const answer = await codeOf(breaker.fire());
      return [answer, breaker.stats.failures, warn.mock.calls.length];
    },
    opossum: ['a bad listener', 1, 0],
    holdfast: ['value', 0, 1],
  },
  'the options are not written to, and two breakers share nothing': {
    async scenario(Class) {
      const options = { cache: true };
      const one = new Class(async () => 1, options);
      await one.fire();
      const two = new Class(async () => 2, options);
      return [await two.fire(), Object.keys(options).length];
    },
    opossum: [1, expect.any(Number)],
    holdfast: [2, 1],
  },
  'options that cannot be used are refused': {
    scenario: async (Class) => [
      await tried(() => void new Class(fails, { timeout: '3000' as never })),
      await tried(() => void new Class(fails, { capacity: 1.5 })),
      await tried(() => void new Class(fails, { resetTimeout: Number.NaN })),
    ],
    opossum: [undefined, undefined, undefined],
    holdfast: [
      'TypeError',
      'Expected `capacity` to be an integer from 0 up, got 1.5.',
      'Expected `resetTimeout` to be a finite number of milliseconds from 0 up, got NaN.',
    ],
  },
  'what cannot be called throws nothing at the caller: the promise rejects': {
    async scenario(Class) {
      const action = (): never => never('at once');
      const disabled = new Class(action, { enabled: false });
      const cached = new Class(action, { cache: true }) as unknown as CircuitBreaker<[bigint]>;
      return [isThrown(() => disabled.fire()), isThrown(() => cached.fire(1n))];
    },
    opossum: [true, true],
    holdfast: [false, false],
  },
  'undefined and null are values of an action': {
    async scenario(Class) {
      const breaker = new Class((() => undefined) as never, { errorThresholdPercentage: 100 });
      const nothing = new Class((() => null) as never, { enabled: false });
      return [await tried(() => breaker.fire()), await tried(() => nothing.fire())];
    },
    opossum: ['TypeError', 'TypeError'],
    holdfast: [undefined, null],
  },
  'an error of the errorFilter is the error of the call': {
    async scenario(Class) {
      const strays: unknown[] = [];
      const listener = (reason: unknown): number => strays.push(reason);
      process.on('unhandledRejection', listener);
      const { works, fire } = manual(Class, { errorFilter: () => never('a bad filter') });
      let answer: unknown = 'pending';
      void fire().then((each) => (answer = each));
      works[0]?.reject(new Error('boom'));
      await wait(0);
      vi.useRealTimers();
      await new Promise((resolve) => setTimeout(resolve, 1));
      process.off('unhandledRejection', listener);
      return [answer, strays.length];
    },
    opossum: ['pending', 1],
    holdfast: ['a bad filter', 0],
  },
  'a cache transport may be asynchronous': {
    async scenario(Class) {
      const kept = new Map<string, Promise<unknown>>();
      const breaker = new Class(async () => 'value', {
        cache: true,
        cacheTransport: {
          get: async (key) => kept.get(key),
          set: (key, value) => void kept.set(key, value),
          flush: () => kept.clear(),
        },
      });
      return [await breaker.fire(), await breaker.fire(), breaker.stats.cacheHits];
    },
    opossum: [undefined, undefined, 2],
    holdfast: ['value', 'value', 1],
  },
  'cacheSize bounds the cache down to 0': {
    async scenario(Class) {
      const action = async (n: number): Promise<number> => n;
      const breaker = new Class(action, { cache: true, cacheSize: 0 });
      for (const n of [1, 2, 1, 2]) await breaker.fire(n as never);
      return breaker.stats.cacheHits;
    },
    opossum: 2,
    holdfast: 0,
  },
  'coalesceResetOn holds for actions that fail at once': {
    async scenario(Class) {
      const options = { coalesce: true, coalesceResetOn: ['error' as const], timeout: 100 };
      const breaker = new Class(() => never('at once'), {
        ...options,
        errorThresholdPercentage: 100,
      });
      await codeOf(breaker.fire());
      await codeOf(breaker.fire());
      return breaker.stats.coalesceCacheHits;
    },
    opossum: 1,
    holdfast: 0,
  },
  'latencies are not kept without percentiles': {
    async scenario(Class) {
      const breaker = new Class(async () => 1, { rollingPercentilesEnabled: false });
      await breaker.fire();
      return breaker.status.window[0]?.latencyTimes.length;
    },
    opossum: 1,
    holdfast: 0,
  },
  'lastTimerAt is when the circuit has opened, and what is left of the break is waited for': {
    async scenario(Class) {
      const { breaker } = manual(Class);
      const beganAt = Date.now();
      await wait(30);
      breaker.open();
      const { state } = breaker.toJSON();
      await wait(60);
      const next = manual(Class, { state }).breaker;
      await wait(50);
      return [Number(state.lastTimerAt) - beganAt, next.halfOpen];
    },
    opossum: [0, false],
    holdfast: [30, true],
  },
  'there are no timers but that of an open circuit': {
    async scenario(Class) {
      const breaker = new Class(fails);
      const before = vi.getTimerCount();
      breaker.open();
      return [before, vi.getTimerCount()];
    },
    opossum: [2, 3],
    holdfast: [0, 1],
  },
  'rejections have no stack trace': {
    async scenario(Class) {
      const { breaker } = manual(Class);
      breaker.open();
      const error: unknown = await breaker.fire().catch((each: unknown) => each);
      return /\n +at /.test(String((error as Error).stack));
    },
    opossum: true,
    holdfast: false,
  },
  'the listeners of a breaker are those of its users': {
    async scenario(Class) {
      const breaker = new Class(async () => 1);
      const count = breaker.listenerCount('success');
      breaker.removeAllListeners();
      await breaker.fire();
      return [count, breaker.stats.fires];
    },
    opossum: [2, 0],
    holdfast: [0, 1],
  },
};

function never(message: string): never {
  throw new Error(message);
}

function isThrown(act: () => Promise<unknown>): boolean {
  try {
    act().catch(() => undefined);
    return false;
  } catch {
    return true;
  }
}

describe('on purpose', () => {
  test.each(differences)('%s', async (name) => {
    const { scenario, opossum, holdfast } = cases[name];
    expect(await scenario(ours)).toEqual(holdfast);
    if (!vi.isFakeTimers()) vi.useFakeTimers();
    vi.clearAllTimers();
    warn.mockClear();
    expect(await scenario(theirs)).toEqual(opossum);
  });
});
