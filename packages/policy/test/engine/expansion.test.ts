import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { bulkhead } from '@holdfast/bulkhead';
import { type AnyPolicy, compose, definePolicy, keyed } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock, type VirtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';

/** Layers that come in with the call: until the first one nobody knows what they can do. */
function late<P extends AnyPolicy>(make: () => P) {
  return keyed(make, { key: () => 'key' });
}

const lateTimeout = (clock: VirtualClock, afterMs: number = 100) =>
  late(() => timeout({ afterMs, clock }));

describe('a pipeline into which a timeout comes with the call', () => {
  test('rejects when the time is over, from the first call on', async () => {
    const clock = virtualClock();
    const policy = lateTimeout(clock);
    for (let i = 0; i < 3; i++) {
      const call = policy.outcome(() => new Promise(() => undefined));
      await clock.advance(100);
      expect(await call).toMatchObject({ ok: false, error: { name: 'TimeoutError' } });
    }
  });

  test('rejects when its caller gives up while the operation runs', async () => {
    const policy = lateTimeout(virtualClock());
    const caller = new AbortController();
    const call = policy.outcome(() => new Promise(() => undefined), { signal: caller.signal });
    await turn();

    caller.abort('enough');

    expect(await call).toEqual({ ok: false, error: 'enough' });
    await turn();
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });

  test('answers with the value of an operation that is done at once and whose work goes on', async () => {
    const clock = virtualClock();
    const places = bulkhead({ clock });
    const policy = compose(places, lateTimeout(clock));
    const work = Promise.withResolvers<void>();

    const value = await policy.execute((context) => {
      context.waitUntil(work.promise);
      return 'value';
    });

    expect(value).toBe('value');
    expect(places.active).toBe(1);
    work.resolve();
    await turn();
    expect(places.active).toBe(0);
  });

  test('calls the operation at once, before the promise is returned', () => {
    const operation = vi.fn(() => 1);
    void lateTimeout(virtualClock()).execute(operation);
    expect(operation).toHaveBeenCalledTimes(1);
  });

  test('runs each attempt in the async context of its own caller', async () => {
    const clock = virtualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const policy = compose(retry({ backoff: constant(0), clock }), lateTimeout(clock));

    const calls = ['one', 'two'].map((caller) =>
      storage.run(caller, () =>
        policy.outcome(({ attempt }) => {
          seen.push(`${storage.getStore()} ${attempt}`);
          return new Promise(() => undefined);
        }),
      ),
    );
    await storage.run('the clock', () => clock.runUntil(Promise.all(calls)));

    expect(seen.toSorted()).toEqual(['one 1', 'one 2', 'one 3', 'two 1', 'two 2', 'two 3']);
  });

  test('begins anew at each attempt of a retry outside', async () => {
    const clock = virtualClock();
    const made: unknown[] = [];
    const policy = compose(
      retry({ backoff: constant(0), clock }),
      keyed(
        (key) => {
          made.push(key);
          return timeout({ afterMs: 100, clock });
        },
        { key: ({ attempt }) => `attempt ${attempt}` },
      ),
      retry({ maxAttempts: 1, clock }),
    );

    const call = policy.outcome(() => new Promise(() => undefined));
    await clock.advance(300);

    expect((await call).ok).toBe(false);
    expect(made).toEqual(['attempt 1', 'attempt 2', 'attempt 3']);
  });

  test('ends a branch once', async () => {
    const ends: unknown[] = [];
    const policy = compose(
      definePolicy('twice', async (next) => {
        ends.push(await next());
        return next();
      }),
      lateTimeout(virtualClock()),
    );
    let calls = 0;

    expect(await policy.execute(() => ++calls)).toBe(2);
    expect(ends).toEqual([1]);
  });

  test('rejects a branch when the caller gives up', async () => {
    const policy = compose(
      definePolicy('plain', (next) => next()),
      lateTimeout(virtualClock()),
    );
    const caller = new AbortController();
    const call = policy.outcome(() => new Promise(() => undefined), { signal: caller.signal });
    await turn();

    caller.abort('enough');

    expect(await call).toEqual({ ok: false, error: 'enough' });
    await turn();
    expect(getEventListeners(caller.signal, 'abort')).toEqual([]);
  });
});

test('one policy in several pipelines, and twice in one, finds its way in each', async () => {
  const clock = virtualClock();
  const inner = late(() => retry({ maxAttempts: 2, backoff: constant(0), clock }));
  const pipelines = [
    inner,
    compose(timeout({ clock }), inner),
    compose(inner, bulkhead({ clock }), inner),
    compose(bulkhead({ clock }), inner, timeout({ clock }), inner),
  ];
  for (let round = 0; round < 2; round++) {
    const runs: number[] = [];
    for (const pipeline of pipelines) {
      let calls = 0;
      await pipeline.outcome(() => {
        calls++;
        throw new Error('down');
      });
      runs.push(calls);
    }
    expect(runs).toEqual([2, 2, 4, 4]);
  }
});

test('a policy in more pipelines than it keeps plans for works in all of them', async () => {
  const clock = virtualClock();
  const inner = late(() => retry({ maxAttempts: 2, backoff: constant(0), clock }));
  const pipelines = Array.from({ length: 20 }, () => compose(timeout({ clock }), inner));
  for (let round = 0; round < 3; round++) {
    for (const pipeline of pipelines) {
      const attempts: number[] = [];
      await pipeline.outcome(({ attempt }) => {
        attempts.push(attempt);
        throw new Error('down');
      });
      expect(attempts).toEqual([1, 2]);
    }
  }
});
