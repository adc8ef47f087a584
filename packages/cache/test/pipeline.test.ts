import { type Bulkhead, bulkhead } from '@holdfast/bulkhead';
import { cache, coalesce } from '@holdfast/cache';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import {
  compose,
  contextKey,
  definePolicy,
  isTimeoutError,
  keyed,
  type Policy,
} from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { reactions, source } from './source.ts';

const key = (): string => 'key';
const down = new Error('down');
const noDelay = constant(0);

describe('a retry', () => {
  test('inside is part of the flight', async () => {
    const clock = virtualClock();
    const policy = compose(
      coalesce({ key, clock }),
      retry({ maxAttempts: 2, backoff: noDelay, clock }),
    );
    const stock = source();
    const calls = [policy.execute(stock.operation), policy.execute(stock.operation)];
    stock.last.reject(down);
    await clock.flush();
    await clock.runUntilIdle();
    expect(stock.calls.map(({ context }) => context.attempt)).toEqual([1, 2]);
    stock.last.resolve('7');
    expect(await Promise.all(calls)).toEqual(['7', '7']);
  });

  test('outside of several callers shares each further flight as well', async () => {
    const clock = virtualClock();
    const policy = compose(
      retry({ maxAttempts: 2, backoff: noDelay, clock }),
      coalesce({ key, clock }),
    );
    const stock = source();
    const calls = [policy.outcome(stock.operation), policy.outcome(stock.operation)];
    stock.last.reject(down);
    await clock.runUntilIdle();
    expect(stock.calls).toHaveLength(2);
    stock.last.reject(down);
    await clock.runUntilIdle();
    for (const outcome of await Promise.all(calls))
      expect(outcome).toEqual({ ok: false, error: down });
    expect(stock.calls).toHaveLength(2);
  });

  test('inside ends its back-off when the last caller gives up', async () => {
    const clock = virtualClock();
    const policy = compose(
      coalesce({ key, clock }),
      retry({ maxAttempts: 2, backoff: constant(1_000), clock }),
    );
    const stock = source();
    const caller = new AbortController();
    const call = policy.outcome(stock.operation, { signal: caller.signal });
    stock.last.reject(down);
    await clock.flush();
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await clock.runUntilIdle();
    expect(clock.now()).toBe(0);
    expect(stock.calls).toHaveLength(1);
  });
});

describe('a circuit breaker', () => {
  const tripped = () => circuitBreaker({ trip: consecutiveFailures(1), clock: virtualClock() });

  test('inside counts a failure once, however many wait for it', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(2), clock: virtualClock() });
    const policy = compose(coalesce({ key }), breaker);
    const stock = source();
    const calls = [1, 2, 3].map(() => policy.outcome(stock.operation));
    stock.last.reject(down);
    await Promise.all(calls);
    expect(breaker.state).toBe('closed');
  });

  test('inside takes no abort of callers for a failure', async () => {
    const breaker = tripped();
    const policy = compose(cache({ key, ttlMs: 1 }), breaker);
    for (const late of ['resolve', 'reject'] as const) {
      const caller = new AbortController();
      const stock = source();
      const call = policy.outcome(stock.operation, { signal: caller.signal });
      caller.abort(new Error('enough'));
      expect((await call).ok).toBe(false);
      stock.last[late](down as never);
      await reactions();
      expect(breaker.state).toBe('closed');
    }
  });

  test('inside takes a hanging flight whose last caller was timed out for a failure', async () => {
    const clock = virtualClock();
    const breaker = tripped();
    const shared = cache({ key, ttlMs: 1, clock });
    const policy = compose(timeout({ afterMs: 10, clock }), shared, breaker);
    const calls = [1, 2].map(() => policy.outcome(() => new Promise(() => {})));
    await clock.advance(10);
    await Promise.all(calls);
    expect(breaker.state).toBe('open');
  });

  test('inside that is open lets stale values be served', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ clock });
    const policy = compose(cache({ key, ttlMs: 100, staleIfErrorMs: 1_000, clock }), breaker);
    await policy.execute(() => 'old');
    await clock.advance(100);
    const isolation = breaker.isolate();
    expect(await policy.execute(() => 'new')).toBe('old');
    isolation.release();
    expect(await policy.execute(() => 'new')).toBe('new');
  });

  test('outside counts an error that is kept again with each hit', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(2), clock: virtualClock() });
    const policy = compose(breaker, cache({ key, ttlMs: 1_000, negativeTtlMs: 1_000 }));
    await policy.outcome(() => Promise.reject(down));
    expect(breaker.state).toBe('closed');
    expect(await policy.outcome(() => 'not called')).toEqual({ ok: false, error: down });
    expect(breaker.state).toBe('open');
  });
});

describe('a bulkhead', () => {
  test('inside gives one place to a flight, whoever waits for it', async () => {
    const places = bulkhead({ maxConcurrent: 1 });
    const policy = compose(coalesce({ key }), places);
    const stock = source();
    const calls = [1, 2, 3].map(() => policy.execute(stock.operation));
    expect(places.active).toBe(1);
    stock.last.resolve('7');
    expect(await Promise.all(calls)).toEqual(['7', '7', '7']);
    expect(places.active).toBe(0);
  });

  test('inside keeps the place of a flight that was abandoned until its work has ended', async () => {
    const places = bulkhead({ maxConcurrent: 1 });
    const policy = compose(coalesce({ key }), places);
    const stock = source();
    const caller = new AbortController();
    const call = policy.outcome(stock.operation, { signal: caller.signal });
    caller.abort();
    await call;
    expect(places.active).toBe(1);
    stock.last.resolve('late');
    await reactions();
    expect(places.active).toBe(0);
  });

  test('inside whose queue a flight waits in forgets it when its last caller leaves', async () => {
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const permit = places.tryAcquire();
    const policy = compose(timeout({ afterMs: 10 }), coalesce({ key }), places);
    const caller = new AbortController();
    const call = policy.outcome(() => 1, { signal: caller.signal });
    expect(places.queued).toBe(1);
    caller.abort();
    await call;
    expect(places.queued).toBe(0);
    permit?.release();
  });

  test('outside keeps the place of whoever began a flight until the work of that has ended', async () => {
    for (const leaves of [true, false]) {
      const { places, policy } = outside();
      const stock = source();
      const body = Promise.withResolvers<void>();
      const caller = new AbortController();
      const first = policy.outcome(
        (context) => {
          context.waitUntil(body.promise);
          return stock.operation(context);
        },
        { signal: caller.signal },
      );
      const second = policy.outcome(stock.operation);
      expect(places.active).toBe(2);
      if (leaves) {
        caller.abort();
        await first;
        expect(places.active).toBe(2);
      }
      stock.last.resolve('7');
      await Promise.all([first, second]);
      await reactions();
      expect(places.active).toBe(1);
      body.resolve();
      await reactions();
      expect(places.active).toBe(0);
    }
  });

  test('outside keeps the place of an abandoned flight until its operation has really ended', async () => {
    const { places, policy } = outside();
    const stock = source();
    const caller = new AbortController();
    const call = policy.outcome(stock.operation, { signal: caller.signal });
    caller.abort();
    await call;
    await reactions();
    expect(places.active).toBe(1);
    stock.last.reject(down);
    await reactions();
    expect(places.active).toBe(0);
  });

  test('outside keeps the place of whoever set off a refresh, though that one has its answer', async () => {
    const clock = virtualClock();
    const places = bulkhead({ clock });
    const policy = compose(places, cache({ key, ttlMs: 1, staleWhileRevalidateMs: 1_000, clock }));
    await policy.execute(() => 'old');
    await clock.advance(1);
    const stock = source();
    expect(await policy.execute(stock.operation)).toBe('old');
    expect(places.active).toBe(1);
    stock.last.resolve('new');
    await reactions();
    expect(places.active).toBe(0);
  });

  test('outside has its place back at once after a hit', async () => {
    const places = bulkhead();
    const policy = compose(places, cache({ key, ttlMs: 1_000 }));
    await policy.execute(() => 1);
    await policy.execute(() => 2);
    expect(places.active).toBe(0);
  });

  function outside(): { places: Bulkhead; policy: Policy } {
    const places = bulkhead();
    return { places, policy: compose(places, coalesce({ key })) };
  }
});

describe('a timeout', () => {
  test('outside knows whether the operation was called on behalf of the call', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const permit = places.tryAcquire();
    const shared = coalesce({ key, clock });
    const within = (afterMs: number) => compose(timeout({ afterMs, clock }), shared, places);
    const startedOf = async (call: Promise<unknown>): Promise<boolean> =>
      call.then(
        () => expect.unreachable(),
        (error: unknown) => isTimeoutError(error) && error.started,
      );
    const stock = source();
    const queued = startedOf(within(10).execute(stock.operation));
    const before = startedOf(within(20).execute(stock.operation));
    await clock.advance(10);
    expect(await queued).toBe(false);
    permit?.release();
    await clock.flush();
    const after = startedOf(within(20).execute(stock.operation));
    await clock.advance(20);
    expect([await before, await after]).toEqual([true, true]);
  });

  test('inside bounds the flight for all', async () => {
    const clock = virtualClock();
    const policy = compose(coalesce({ key, clock }), timeout({ afterMs: 10, clock }));
    const calls = [1, 2].map(() => policy.outcome(() => new Promise(() => {})));
    await clock.advance(10);
    const [first, second] = await Promise.all(calls);
    expect(!first?.ok && isTimeoutError(first?.error)).toBe(true);
    expect(second).toEqual(first);
  });
});

describe('a policy that stands in a pipeline', () => {
  test('twice shares flights by its outer place alone', async () => {
    const shared = cache({ key, ttlMs: 1_000 });
    const inner = vi.fn();
    const policy = compose(shared, counting(inner), shared);
    const stock = source();
    const calls = [policy.execute(stock.operation), policy.execute(stock.operation)];
    stock.last.resolve('7');
    expect(await Promise.all(calls)).toEqual(['7', '7']);
    expect(await policy.execute(() => '8')).toBe('7');
    expect(stock.calls).toHaveLength(1);
    expect(inner).toHaveBeenCalledTimes(1);
  });

  test('twice, where only the inner place gets a key', async () => {
    let asked = 0;
    const shared = coalesce({ key: () => (asked++ % 2 === 0 ? undefined : 'key') });
    const policy = compose(shared, shared);
    const stock = source();
    const calls = [policy.execute(stock.operation), policy.execute(stock.operation)];
    expect(stock.calls).toHaveLength(1);
    stock.last.resolve('7');
    expect(await Promise.all(calls)).toEqual(['7', '7']);
  });

  test('twice refreshes what is stale by what is inside of both', async () => {
    const clock = virtualClock();
    const shared = cache({ key, ttlMs: 1, staleWhileRevalidateMs: 1_000, clock });
    const policy = compose(shared, shared);
    await policy.execute(() => 'old');
    await clock.advance(1);
    expect(await policy.execute(() => 'new')).toBe('old');
    await clock.flush();
    expect(shared.peek('key')).toMatchObject({ value: 'new' });
  });

  test('twice runs what is inside of the place where the flight began', async () => {
    const keys = ['outer', undefined, 'inner'];
    const inner = vi.fn();
    const shared = coalesce({ key: () => keys.shift() });
    const policy = compose(shared, counting(inner), shared);
    await policy.execute(() => 1);
    expect(inner).toHaveBeenCalledTimes(1);
    await policy.execute(() => 2);
    expect(inner).toHaveBeenCalledTimes(2);
  });

  test('and in another shares flights and answers: the inside of whoever came first runs', async () => {
    const shared = cache({ key, ttlMs: 1_000 });
    const [one, two] = [vi.fn(), vi.fn()];
    const pipelines = [compose(shared, counting(one)), compose(shared, counting(two))];
    const stock = source();
    const calls = pipelines.map((policy) => policy.execute(stock.operation));
    stock.last.resolve('7');
    expect(await Promise.all(calls)).toEqual(['7', '7']);
    shared.clear();
    await pipelines[1]?.execute(() => '8');
    expect([one, two].map((each) => each.mock.calls.length)).toEqual([1, 1]);
    expect(await pipelines[0]?.execute(() => '9')).toBe('8');
  });

  test('of a cache around a coalesce, and the other way round', async () => {
    for (const order of [0, 1]) {
      const parts = [cache({ key, ttlMs: 1_000 }), coalesce({ key })];
      const policy = compose(...(order === 0 ? parts : parts.toReversed()));
      const stock = source();
      const calls = [1, 2].map(() => policy.execute(stock.operation));
      stock.last.resolve('7');
      expect(await Promise.all(calls)).toEqual(['7', '7']);
      expect(await policy.execute(() => '8')).toBe('7');
    }
  });

  function counting(inner: () => void) {
    return definePolicy('counting', (next) => {
      inner();
      return next();
    });
  }
});

test('a fallback inside answers for the flight, and its alternative is kept like any value', async () => {
  const policy = compose(cache({ key, ttlMs: 1_000 }), fallback({ value: 'none' }));
  expect(await policy.execute(() => Promise.reject(down))).toBe('none');
  expect(await policy.execute(() => 'late')).toBe('none');
});

describe('a keyed policy', () => {
  const host = contextKey<string>('host');
  const at = (name: string) => ({ properties: [host(name)] });

  test('inside has one call for each flight, under the key of its first caller', async () => {
    const breakers = keyed(() => circuitBreaker({ trip: consecutiveFailures(1) }), {
      key: (context) => context.get(host),
    });
    const policy = compose(coalesce({ key: (context) => context.get(host) }), breakers);
    const stock = source();
    const calls = ['a', 'a', 'b'].map((name) => policy.outcome(stock.operation, at(name)));
    stock.calls[0]?.reject(down);
    stock.calls[1]?.resolve('7');
    expect((await Promise.all(calls)).map(({ ok }) => ok)).toEqual([false, false, true]);
    expect([breakers.get('a').state, breakers.get('b').state]).toEqual(['open', 'closed']);
  });

  test('makes caches of its own', async () => {
    const heard: unknown[] = [];
    const caches = keyed(() => cache({ key, ttlMs: 1_000 }), {
      key: (context) => context.get(host),
    });
    const policy = compose(caches, bulkhead());
    policy.on('miss', ({ event }) => heard.push(event));
    expect(await policy.execute(() => 1, at('a'))).toBe(1);
    expect(await policy.execute(() => 2, at('b'))).toBe(2);
    expect(await policy.execute(() => 3, at('a'))).toBe(1);
    const stock = source<number>();
    caches.get('a').clear();
    const calls = [
      policy.execute(stock.operation, at('a')),
      policy.execute(stock.operation, at('a')),
    ];
    expect(stock.calls).toHaveLength(1);
    stock.last.resolve(4);
    expect(await Promise.all(calls)).toEqual([4, 4]);
    expect(heard).toEqual(['miss', 'miss', 'miss']);
  });
});
