import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead } from '@holdfast/bulkhead';
import { cache, coalesce, type CoalesceOptions } from '@holdfast/cache';
import {
  compose,
  contextKey,
  isTimeoutError,
  type Policy,
  type RetryBudget,
  type TimeoutError,
} from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { reactions, source } from './source.ts';

const sku = contextKey<string>('sku');
const key: CoalesceOptions['key'] = (context) => context.get(sku) ?? 'the key';
const of = (name: string) => ({ properties: [sku(name)] });

/** Both kinds share executions in the same way, whether they keep the answers or not. */
const kinds = {
  coalesce: (options: Partial<CoalesceOptions> = {}) => coalesce({ key, ...options }),
  'cache that keeps nothing': (options: Partial<CoalesceOptions> = {}) =>
    cache({ key, ttlMs: 0, ...options }),
  'cache that keeps answers': (options: Partial<CoalesceOptions> = {}) =>
    cache({ key, ttlMs: 1_000, ...options }),
};

describe.each(Object.entries(kinds))('the flights of a %s', (_, make) => {
  test('give all who ask at the same time one answer of one execution', async () => {
    const policy = make();
    const { operation, calls, last } = asked(policy, 3);
    const value = { level: 7 };
    last.resolve(value);
    for (const answer of await Promise.all(calls.map((call) => call))) expect(answer).toBe(value);
    expect(operation.calls).toHaveLength(1);
  });

  test('give all the very same error', async () => {
    const { calls, last } = asked(make(), 3);
    const error = new Error('down');
    last.reject(error);
    for (const call of calls) await expect(call).rejects.toBe(error);
  });

  test('are apart for each key, and calls without a key go by', async () => {
    const policy = make({ key: (context) => context.get(sku) });
    const stock = source();
    void policy.execute(stock.operation, of('apple'));
    void policy.execute(stock.operation, of('pear'));
    void policy.execute(stock.operation);
    void policy.execute(stock.operation);
    expect(stock.calls).toHaveLength(4);
  });

  test('begin anew once one has ended, also after an operation that never waits', async () => {
    const policy = make();
    const operation = vi.fn(() => {
      throw new Error('down');
    });
    await policy.outcome(operation);
    await policy.outcome(operation);
    expect(operation).toHaveBeenCalledTimes(2);
  });

  test('survive the abort of the caller who began them', async () => {
    const policy = make();
    const stock = source();
    const first = new AbortController();
    const left = policy.outcome(stock.operation, { signal: first.signal });
    const stays = policy.execute(stock.operation);
    first.abort('enough');
    expect(await left).toEqual({ ok: false, error: 'enough' });
    expect(stock.last.signal.aborted).toBe(false);
    stock.last.resolve('7');
    expect(await stays).toBe('7');
    expect(stock.calls).toHaveLength(1);
  });

  test('end when the last caller has given up, with the reason of that one', async () => {
    const policy = make();
    const abandoned: unknown[] = [];
    policy.on('abandoned', ({ key: name, reason }) => abandoned.push([name, reason]));
    const stock = source();
    const callers = [new AbortController(), new AbortController()];
    const calls = callers.map(({ signal }) => policy.outcome(stock.operation, { signal }));
    callers[0]?.abort('first');
    expect(stock.last.signal.aborted).toBe(false);
    callers[1]?.abort('second');
    expect(stock.last.signal.reason).toBe('second');
    expect(abandoned).toEqual([['the key', 'second']]);
    expect((await Promise.all(calls)).map((each) => !each.ok && each.error)).toEqual([
      'first',
      'second',
    ]);

    const next = policy.execute(stock.operation);
    expect(stock.calls).toHaveLength(2);
    stock.calls[0]?.resolve('too late');
    await reactions();
    stock.last.resolve('anew');
    expect(await next).toBe('anew');
  });

  test('go on without callers where they are to finish, for whoever comes next', async () => {
    const policy = make({ whenAbandoned: 'finish' });
    const abandoned = vi.fn();
    policy.on('abandoned', abandoned);
    const stock = source();
    const caller = new AbortController();
    void policy.outcome(stock.operation, { signal: caller.signal });
    caller.abort();
    await reactions();
    expect(stock.last.signal.aborted).toBe(false);
    const next = policy.execute(stock.operation);
    stock.last.resolve('7');
    expect(await next).toBe('7');
    expect(stock.calls).toHaveLength(1);
    expect(abandoned).not.toHaveBeenCalled();
  });

  test('leave no rejection unhandled when they fail without callers', async () => {
    for (const whenAbandoned of ['abort', 'finish'] as const) {
      const stock = source();
      const caller = new AbortController();
      const call = make({ whenAbandoned }).outcome(stock.operation, { signal: caller.signal });
      caller.abort();
      stock.last.reject(new Error('late'));
      await call;
      await reactions();
    }
  });

  test('lose only the caller whose own outer timeout strikes', async () => {
    const clock = virtualClock();
    const policy = make({ clock });
    const stock = source();
    const hasty = compose(timeout({ afterMs: 10, clock }), policy).outcome(stock.operation);
    const patient = compose(timeout({ afterMs: 100, clock }), policy).outcome(stock.operation);
    await clock.advance(50);
    const outcome = await hasty;
    expect(!outcome.ok && isTimeoutError(outcome.error) && outcome.error.started).toBe(true);
    expect(stock.last.signal.aborted).toBe(false);
    stock.last.resolve('7');
    expect(await patient).toEqual({ ok: true, value: '7' });
  });

  test('that hang end with the last of the timeouts, so that the next call begins anew', async () => {
    const clock = virtualClock();
    const policy = compose(timeout({ afterMs: 10, clock }), make({ clock }));
    const stock = source();
    const calls = [policy.outcome(stock.operation), policy.outcome(stock.operation)];
    await clock.advance(10);
    expect(isTimeoutError(stock.last.signal.reason)).toBe(true);
    for (const outcome of await Promise.all(calls)) expect(outcome.ok).toBe(false);
    const next = policy.execute(stock.operation);
    expect(stock.calls).toHaveLength(2);
    stock.last.resolve('anew');
    expect(await next).toBe('anew');
  });

  test('lose only the caller whose deadline passes, at that moment', async () => {
    const clock = virtualClock();
    const policy = make({ clock, name: 'stock' });
    const stock = source();
    const left = policy.outcome(stock.operation, { deadline: 10 });
    const stays = policy.outcome(stock.operation, { deadline: 100 });
    const never = policy.outcome(stock.operation, { deadline: Infinity });
    await clock.advance(10);
    const outcome = await left;
    const error = (outcome.ok ? undefined : outcome.error) as TimeoutError;
    expect(isTimeoutError(error)).toBe(true);
    expect(error).toMatchObject({ policy: 'stock', timeoutMs: 10, started: true });
    expect(stock.last.signal.aborted).toBe(false);
    stock.last.resolve('7');
    expect((await stays).ok && (await never).ok).toBe(true);
    await clock.runUntilIdle();
    expect(clock.now()).toBe(10);
  });

  test('say of a deadline that passes whether the operation was called', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
    const permit = places.tryAcquire();
    const call = compose(make({ clock }), places).outcome(() => 1, { deadline: 10 });
    await clock.advance(10);
    const outcome = await call;
    expect(!outcome.ok && (outcome.error as TimeoutError).started).toBe(false);
    expect(places.queued).toBe(0);
    permit?.release();
  });

  test('wait without end for a deadline that never comes', async () => {
    const clock = virtualClock();
    const stock = source();
    const call = make({ clock }).execute(stock.operation, { deadline: Infinity });
    expect(clock.pending).toBe(0);
    stock.last.resolve('7');
    expect(await call).toBe('7');
  });

  test('leave a deadline to an outer timeout, and have none of one caller inside', async () => {
    const [clock, other] = [virtualClock(), virtualClock()];
    const stock = source();
    const policy = compose(
      timeout({ afterMs: 50, clock, name: 'outer' }),
      make({ clock: other }),
      timeout({ afterMs: 1_000, clock }),
    );
    const left = policy.outcome(stock.operation, { deadline: 10 });
    const stays = policy.outcome(stock.operation);
    expect(stock.last.context.deadline).toBe(1_000);
    await other.advance(10);
    await clock.advance(10);
    const outcome = await left;
    expect(!outcome.ok && (outcome.error as TimeoutError).policy).toBe('outer');
    stock.last.resolve('7');
    expect(await stays).toEqual({ ok: true, value: '7' });
  });

  test('reject a call with what its key throws, and with a TypeError if it is none', async () => {
    const error = new Error('no key');
    const throwing = make({
      key() {
        throw error;
      },
    });
    const operation = vi.fn();
    await expect(throwing.execute(operation)).rejects.toBe(error);
    const wrong = make({ key: (() => 5) as never });
    await expect(wrong.execute(operation)).rejects.toThrow(
      new TypeError('Expected `key` to be a string or undefined, got 5.'),
    );
    expect(operation).not.toHaveBeenCalled();
  });

  test('give each caller a copy of its own where values are cloned', async () => {
    const { calls, last } = asked(make({ clone: structuredClone }), 3);
    const original = { level: 7 };
    last.resolve(original);
    const values = new Set(await Promise.all(calls));
    expect(values.size).toBe(3);
    for (const value of values) expect(value).toEqual(original);
  });

  test('reject only the call whose copy cannot be made', async () => {
    let copies = 0;
    const clone = (value: unknown): unknown => {
      if (++copies === 1) throw new Error('no copy');
      return value;
    };
    const { calls, last } = asked(make({ clone }), 3);
    last.resolve('7');
    const [first, ...others] = await Promise.allSettled(calls);
    expect(first).toMatchObject({ status: 'rejected', reason: { message: 'no copy' } });
    for (const each of others) expect(each).toEqual({ status: 'fulfilled', value: '7' });
  });

  test('let an operation ask for its own key with its context: such a call goes by', async () => {
    const policy = make();
    const value = await policy.execute((context) =>
      policy.execute((inner) => policy.execute(() => 'innermost', inner), context),
    );
    expect(value).toBe('innermost');
  });

  test('let an operation ask for a key whose operation asks for the first one', async () => {
    const policy = make();
    const value = await policy.execute(
      (outer) =>
        policy.execute(
          (inner) =>
            policy.execute(() => 'no deadlock', {
              properties: [...(inner.properties ?? []), sku('a')],
            }),
          { properties: [...(outer.properties ?? []), sku('b')] },
        ),
      of('a'),
    );
    expect(value).toBe('no deadlock');
  });

  test('are shared with an operation that asks for another key with its context', async () => {
    const policy = make();
    const pear = source();
    const first = policy.execute(pear.operation, of('pear'));
    const second = policy.execute(
      ({ properties = [] }) =>
        policy.execute(pear.operation, { properties: [...properties, sku('pear')] }),
      of('apple'),
    );
    expect(pear.calls).toHaveLength(1);
    pear.last.resolve('7');
    expect(await Promise.all([first, second])).toEqual(['7', '7']);
  });

  test('tell the operation what its first caller has brought along, but not when that one gives up', async () => {
    const policy = make();
    const retryBudget: RetryBudget = { begin: () => undefined, tryRetry: () => true } as never;
    const stock = source();
    const { signal } = new AbortController();
    void policy.execute(stock.operation, { ...of('apple'), signal, retryBudget, deadline: 1e12 });
    const { context } = stock.last;
    expect(context.get(sku)).toBe('apple');
    expect(context.retryBudget).toBe(retryBudget);
    expect(context.deadline).toBeUndefined();
    expect(context.signal).not.toBe(signal);
  });

  test('run in the async context of the first caller; each caller goes on in its own', async () => {
    const request = new AsyncLocalStorage<string>();
    const policy = make({ key: () => 'the key' });
    const stock = source();
    let seen: string | undefined;
    const call = (name: string): Promise<unknown> =>
      request.run(name, async () => {
        await policy.execute((context) => {
          seen = request.getStore();
          return stock.operation(context);
        });
        return request.getStore();
      });
    const calls = [call('first'), call('second')];
    request.run('elsewhere', () => stock.last.resolve('7'));
    expect(await Promise.all(calls)).toEqual(['first', 'second']);
    expect(seen).toBe('first');
  });

  test('leave no timer, no listener and no flight behind', async () => {
    const clock = virtualClock();
    const policy = make({ clock });
    for (let i = 0; i < 100; i++) {
      await policy.outcome(() => Promise.resolve(i), { ...of(String(i)), deadline: 1_000 });
    }
    await clock.flush();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(0);
  });

  test('bear a caller who gives up inside the operation, before that returns', async () => {
    const policy = make();
    const caller = new AbortController();
    const outcome = await policy.outcome(
      ({ signal }) => {
        caller.abort('enough');
        return signal.aborted;
      },
      { signal: caller.signal },
    );
    expect(outcome).toEqual({ ok: false, error: 'enough' });
    expect(await policy.execute(() => 'next', of('other'))).toBe('next');
  });

  test('bear a caller who gives up once the answer is there, but not yet given', async () => {
    for (const others of [0, 1]) {
      const policy = make();
      const abandoned = vi.fn();
      policy.on('abandoned', abandoned);
      const stock = source();
      const caller = new AbortController();
      const left = policy.outcome(stock.operation, { signal: caller.signal });
      const stay = Array.from({ length: others }, () => policy.execute(stock.operation));
      stock.last.resolve('7');
      await Promise.resolve();
      caller.abort('enough');
      expect(await left).toEqual({ ok: false, error: 'enough' });
      for (const call of stay) expect(await call).toBe('7');
      expect(abandoned).not.toHaveBeenCalled();
    }
  });

  test('tell of a call that joins one', () => {
    const policy = make();
    const events: unknown[] = [];
    policy.on('coalesced', (event) => events.push(event));
    asked(policy, 3);
    const { kind, name } = policy as unknown as { kind: string; name: string };
    expect(events).toEqual([
      { kind, event: 'coalesced', policy: name, key: 'the key', waiting: 2 },
      { kind, event: 'coalesced', policy: name, key: 'the key', waiting: 3 },
    ]);
  });
});

function asked(policy: Policy, count: number) {
  const operation = source<unknown>();
  const calls = Array.from({ length: count }, () => policy.execute(operation.operation));
  return { operation, calls, last: operation.last };
}

describe('a coalesce', () => {
  test('gives the original to the last of those who wait', async () => {
    const policy = coalesce({ key, clone: structuredClone });
    const { calls, last } = asked(policy, 2);
    const original = { level: 7 };
    last.resolve(original);
    const [first, second] = await Promise.all(calls);
    expect(first).not.toBe(original);
    expect(second).toBe(original);
  });

  test('keeps nothing', async () => {
    const policy = coalesce({ key: () => 'the key' });
    const operation = vi.fn(async () => 1);
    const call = policy.execute(operation);
    expect(policy.size).toBe(1);
    await call;
    expect(policy.size).toBe(0);
    await policy.execute(operation);
    expect(operation).toHaveBeenCalledTimes(2);
  });

  test('describes itself', () => {
    expect(coalesce({ key, name: 'stock' }).describe()).toEqual({
      name: 'stock',
      layers: [{ kind: 'coalesce', name: 'stock', options: { whenAbandoned: 'abort' } }],
    });
  });

  test('refuses options that cannot be used', () => {
    const bad = (options: object): string => {
      try {
        coalesce(options as never);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(bad({})).toContain('`key`');
    expect(bad({ key, clone: 5 })).toContain('`clone`');
    expect(bad({ key, whenAbandoned: 'never' })).toContain('`whenAbandoned`');
    expect(bad({ key, name: 5 })).toContain('`name`');
    expect(bad({ key, clock: {} })).toContain('`clock`');
    expect(bad({ key, ttlMs: 5 })).toContain('`ttlMs`');
  });
});
