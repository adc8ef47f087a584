import { EventEmitter, once } from 'node:events';
import { CircuitBreaker } from '@holdfast/interop/opossum';
import Opossum from 'opossum';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Breaker, Pair, type Plan, shown } from './pair.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const works: Plan = { ends: 'succeed' };
const fails: Plan = { ends: 'fail' };

/** What both classes have, for tests that make breakers of their own. */
const classes = [Opossum as unknown as typeof CircuitBreaker, CircuitBreaker];

/** Does the same with both classes and returns what both come to. */
async function both<T>(act: (Class: typeof CircuitBreaker) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const Class of classes) results.push(await act(Class));
  return results;
}

async function same(act: (Class: typeof CircuitBreaker) => Promise<unknown>): Promise<void> {
  const [theirs, ours] = await both(act);
  expect(ours).toEqual(theirs);
  expect(ours).toBeDefined();
}

const answer = (call: Promise<unknown>): Promise<unknown> => call.catch(shown);

describe('the states', () => {
  test('go from closed over open and half-open back to closed, with the events in this order', async () => {
    const pair = new Pair({ options: { resetTimeout: 100 } });
    pair.fire(fails);
    await pair.settle();
    pair.fire(works);
    await pair.advance(100);
    pair.compare();
    pair.fire(works);
    await pair.settle();
    pair.compare();
    expect(pair.ours.events.map(([name]) => name)).toEqual([
      'fire',
      'failure',
      'open',
      'fire',
      'reject',
      'halfOpen',
      'fire',
      'close',
      'success',
    ]);
  });

  test('open again after a probe that fails or times out', async () => {
    const pair = new Pair({ options: { resetTimeout: 100, timeout: 50 } });
    pair.both((breaker) => breaker.open());
    for (const plan of [fails, { ends: 'succeed', afterMs: 70 } as const]) {
      await pair.advance(101);
      pair.fire(plan);
      pair.fire(works);
      await pair.advance(60);
      pair.compare();
    }
    expect(pair.ours.breaker.opened).toBe(true);
  });

  test('do not change when opened or closed twice', async () => {
    const pair = new Pair();
    const twice = (act: (breaker: Breaker) => void): void => {
      for (let i = 0; i < 2; i++) pair.both(act);
      pair.compare();
    };
    twice((breaker) => breaker.open());
    twice((breaker) => breaker.close());
    expect(pair.ours.events).toEqual([['open'], ['close']]);
  });

  test('end with a shutdown', async () => {
    const pair = new Pair({ options: { resetTimeout: 100 } });
    pair.both((breaker) => {
      breaker.open();
      breaker.shutdown();
    });
    await pair.advance(200);
    pair.fire(works);
    await pair.settle();
    pair.compare();
    expect([...pair.ours.answers.values()]).toEqual([
      { error: { code: 'ESHUTDOWN', message: 'The circuit has been shutdown.' } },
    ]);
  });

  test('go on where another breaker was', async () => {
    const states = [
      { closed: true, halfOpen: false },
      { closed: false, halfOpen: false, open: true },
      { closed: false, halfOpen: true },
      { closed: false, open: true, lastTimerAt: 1 },
      { enabled: false },
      { shutdown: true },
      { warmUp: true },
      {},
    ];
    for (const state of states) {
      const pair = new Pair({ options: { state, resetTimeout: 100 } });
      pair.compare();
      pair.fire(works);
      await pair.advance(101);
      pair.fire(fails);
      await pair.settle();
      pair.compare();
    }
  });
});

describe('the counts', () => {
  test('begin with those of another status, or with plain ones', async () => {
    await same(async (Class) => {
      const first = new Class(async () => 1);
      await first.fire();
      const stats = first.toJSON().status;
      const status = Class.newStatus({ stats: structuredClone(stats) });
      const all = [
        new Class(async () => 2, { status }),
        new Class(async () => 2, { status: stats }),
      ];
      await Promise.all(all.map((each) => each.fire()));
      return all.map((each) => [each.stats, each.status.window]);
    });
  });

  test('are told slice by slice, to those who listen to snapshots', async () => {
    await same(async (Class) => {
      const heard: unknown[] = [];
      const breaker = new Class(async () => 1, {
        rollingCountTimeout: 100,
        rollingCountBuckets: 4,
      });
      breaker.status.on('snapshot', ({ fires }) => heard.push(fires));
      await breaker.fire();
      await vi.advanceTimersByTimeAsync(130);
      breaker.shutdown();
      await vi.advanceTimersByTimeAsync(130);
      return heard;
    });
  });

  test('end their slices when a controller says so', async () => {
    await same(async (Class) => {
      const controller = new EventEmitter();
      const breaker = new Class(async () => 1, {
        rotateBucketController: controller,
        rollingCountBuckets: 2,
      });
      const fires: unknown[] = [];
      for (const act of ['rotate', 'none', 'disable', 'rotate', 'enable', 'rotate', 'rotate']) {
        await breaker.fire();
        if (act === 'disable' || act === 'enable') breaker[act]();
        else controller.emit(act);
        await vi.advanceTimersByTimeAsync(20_000);
        fires.push(breaker.stats.fires);
      }
      breaker.shutdown();
      return [fires, controller.listenerCount('rotate')];
    });
  });

  test('have the percentiles of the latencies', async () => {
    const pair = new Pair({ options: { timeout: false } });
    for (let i = 1; i <= 12; i++) pair.fire({ ends: 'succeed', afterMs: i * i });
    await pair.advance(200);
    pair.compare();
    expect(pair.ours.breaker.stats).toMatchObject({ percentiles: { 0.5: 36, 0.9: 121, 1: 144 } });
  });
});

describe('a call', () => {
  test('has the `this` that it is given, or else the action', async () => {
    await same(async (Class) => {
      const seen: unknown[] = [];
      function action(this: unknown): Promise<void> {
        seen.push(this === action ? 'the action' : this);
        return Promise.resolve();
      }
      const breaker = new Class(action);
      await breaker.fire();
      await breaker.call('a context');
      breaker.disable();
      await breaker.call('another');
      return seen;
    });
  });

  test('answers the same value each time if the action is no function', async () => {
    await same(async (Class) => {
      const all = ['a value', Promise.resolve('a promise'), { name: 'an object' }];
      const breakers = all.map((each) => new Class(each as never, { name: 'x' }));
      return [
        await Promise.all(breakers.map((each) => each.fire())),
        new Class(all[2] as never).name,
      ];
    });
  });

  test('falls back to another breaker, which gets the arguments and the error', async () => {
    await same(async (Class) => {
      const heard: unknown[] = [];
      const second = new Class(async (...args: unknown[]) => args.map(shown));
      const first = new Class(async (_id: string) => Promise.reject(new Error('boom')));
      first.on('fallback', (result, error) => heard.push(shown(result), shown(error)));
      const chained = first.fallback(second) === first;
      return [await first.fire('id'), await first.fire('id'), heard, chained];
    });
  });

  test('takes thenables for promises', async () => {
    await same(async (Class) => {
      const thenable = (settle: (resolve: (v: unknown) => void) => void): unknown =>
        // oxlint-disable-next-line unicorn/no-thenable -- to be one is its purpose
        ({ then: settle });
      const breaker = new Class(() => thenable((resolve) => resolve('value')) as never);
      return breaker.fire();
    });
  });

  test('gets the arguments that the default key tells apart', async () => {
    await same(async (Class) => {
      let calls = 0;
      const breaker = new Class(async (..._args: unknown[]) => ++calls, { cache: true });
      const answers = [];
      for (const args of [[1], [1], ['1'], [], [{ a: 1 }], [{ a: 1 }]]) {
        answers.push(await breaker.fire(...args));
      }
      breaker.clearCache();
      return [answers, await breaker.fire(1)];
    });
  });

  test('tells a transport of the user’s when an answer expires', async () => {
    await same(async (Class) => {
      const calls: unknown[] = [];
      const cacheTransport = {
        get: (key: string) => void calls.push(['get', key]),
        set: (...args: unknown[]) => void calls.push(['set', ...args.map(shown)]),
        flush: () => void calls.push(['flush']),
      };
      for (const cacheTTL of [0, 5_000]) {
        const breaker = new Class(async () => 1, { cache: true, cacheTTL, cacheTransport });
        await breaker.fire();
        breaker.shutdown();
      }
      return calls;
    });
  });
});

describe('what is kept', () => {
  test('expires at the very end of its time, and what is kept anew makes nothing else go', async () => {
    const options = {
      cache: true,
      cacheTTL: 100,
      cacheSize: 2,
      cacheGetKey: ({ key }: Plan) => String(key),
    };
    const pair = new Pair({ options });
    const slow = { ends: 'succeed', key: 'a', afterMs: 10 } as const;
    pair.fire(slow);
    pair.fire(slow);
    pair.fire({ ends: 'succeed', key: 'b' });
    await pair.advance(10);
    pair.fire({ ends: 'succeed', key: 'b' });
    pair.fire(slow);
    await pair.advance(90);
    pair.fire({ ends: 'succeed', key: 'b' });
    await pair.advance(10);
    pair.fire(slow);
    await pair.advance(10);
    pair.compare();
    expect(pair.ours.breaker.stats).toMatchObject({ cacheHits: 2, cacheMisses: 5 });
  });
});

describe('the timers', () => {
  test('are gone once nobody listens to snapshots any more', async () => {
    const breaker = new CircuitBreaker(async () => 1);
    const listener = vi.fn();
    breaker.status.on('snapshot', listener);
    await vi.advanceTimersByTimeAsync(1_000);
    breaker.status.off('snapshot', listener);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
    breaker.status.on('snapshot', listener);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  test('may be early: the circuit is half-open only when it lets a call in', async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const breaker = new CircuitBreaker(async () => 1, { resetTimeout: 60_000 });
    breaker.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([breaker.halfOpen, vi.getTimerCount()]).toEqual([false, 1]);
  });
});

describe('a probe', () => {
  test('that finds no place leaves the circuit to the next call', async () => {
    const breaker = new CircuitBreaker(async () => 1, { capacity: 0, resetTimeout: 100 });
    breaker.open();
    await vi.advanceTimersByTimeAsync(100);
    await answer(breaker.fire());
    expect([breaker.halfOpen, breaker.pendingClose]).toEqual([true, true]);
  });
});

describe('an abort controller', () => {
  test('is aborted by a timeout, and renewed once the circuit is half-open', async () => {
    await same(async (Class) => {
      const action = (): Promise<unknown> => new Promise(() => undefined);
      const seen: unknown[] = [];
      for (const abortController of [undefined, new AbortController()]) {
        const options = { timeout: 10, resetTimeout: 100, autoRenewAbortController: true };
        const given = abortController === undefined ? options : { ...options, abortController };
        const breaker = new Class(action, given);
        const before = breaker.getSignal();
        void answer(breaker.fire());
        await vi.advanceTimersByTimeAsync(10);
        seen.push(before?.aborted, breaker.getSignal() === before);
        await vi.advanceTimersByTimeAsync(100);
        seen.push(breaker.getSignal()?.aborted, breaker.getAbortController() === abortController);
      }
      const plain = new Class(action);
      return [seen, plain.getSignal(), plain.getAbortController()];
    });
  });
});

describe('a health check', () => {
  test('is called at once and at its interval, with the breaker for `this`, and opens the circuit', async () => {
    await same(async (Class) => {
      const events: unknown[] = [];
      const breaker = new Class(async () => 1);
      breaker.on('healthCheckFailed', (error) => events.push(shown(error), breaker.opened));
      breaker.on('open', () => events.push('open'));
      let checks = 0;
      breaker.healthCheck(function check(this: unknown) {
        events.push(this === breaker);
        return ++checks === 3 ? Promise.reject(new Error('ill')) : Promise.resolve();
      }, 100);
      await vi.advanceTimersByTimeAsync(250);
      return [...events];
    });
  });

  test.each([[undefined], [() => Promise.resolve(), 'soon']])('refuses %o', (...args) => {
    for (const Class of classes) {
      const breaker = new Class(async () => 1);
      expect(() => breaker.healthCheck(...(args as [never]))).toThrow(TypeError);
    }
  });
});

describe('the class', () => {
  test('refuses what is no action, no transport and no controller', () => {
    for (const Class of classes) {
      const action = async (): Promise<number> => 1;
      expect(() => new Class(undefined as never)).toThrow(TypeError);
      expect(() => new Class(action, { cache: true, cacheTransport: {} as never })).toThrow(
        TypeError,
      );
      expect(() => new Class(action, { abortController: {} as never })).toThrow(TypeError);
    }
  });

  test('knows its own errors', async () => {
    await same(async (Class) => {
      const breaker = new Class(async () => Promise.reject(new Error('boom')));
      const own: unknown[] = [];
      for (let i = 0; i < 2; i++) {
        await breaker
          .fire()
          .catch((error: Error) => own.push(Class.isOurError(error), String(error)));
      }
      return own;
    });
  });

  test('tells its options with their defaults', async () => {
    const names = ['timeout', 'resetTimeout', 'errorThresholdPercentage', 'capacity', 'cacheTTL'];
    const counting = ['rollingCountTimeout', 'rollingCountBuckets', 'rollingPercentilesEnabled'];
    await same(async (Class) => {
      const options = new Class(async () => 1).options as unknown as Record<string, unknown>;
      return [...names, ...counting, 'enableSnapshots'].map((name) => [name, options[name]]);
    });
  });

  test('names a breaker by its option, its action, or at random', async () => {
    await same(async (Class) => {
      const action = async function readStock(): Promise<number> {
        return 1;
      };
      const options = [{}, { name: 'stock' }, { group: 'shop' }, { name: 'stock', group: 'shop' }];
      const named = options
        .map((each) => new Class(action, each))
        .map(({ name, group }) => [name, group]);
      const anonymous = new Class(
        (
          () => async () =>
            1
        )(),
      );
      return [named, anonymous.name.length];
    });
  });

  test('is an emitter of Node', async () => {
    await same(async (Class) => {
      const breaker = new Class(async () => 1);
      const order: string[] = [];
      breaker.on('success', () => order.push('on'));
      breaker.prependListener('success', () => order.push('prepended'));
      breaker.once('success', () => order.push('once'));
      const next = once(breaker, 'success');
      await breaker.fire();
      await breaker.fire();
      return [order, await next, breaker instanceof EventEmitter, breaker.emit('of its own')];
    });
  });

  test('is what `require` returns, too', async () => {
    const { createRequire } = await import('node:module');
    const module: object = await import('@holdfast/interop/opossum');
    expect(Object.keys(module)).toContain('module.exports');
    expect((module as Record<string, unknown>)['module.exports']).toBe(CircuitBreaker);
    expect(createRequire(import.meta.url)('opossum')).toBe(Opossum);
  });

  test('warns of maxFailures', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const breaker = new CircuitBreaker(async () => 1, { maxFailures: 3 });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('maxFailures'), 'DeprecationWarning');
    warn.mockRestore();
    breaker.shutdown();
  });
});
