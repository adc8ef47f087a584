import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import {
  compose,
  contextKey,
  type ContextEntry,
  keyed,
  type KeyedOptions,
  noop,
} from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';

const host = contextKey<string | undefined>('host');
const byHost: KeyedOptions = { key: (context) => context.get(host) };
const to = (name: string): { readonly properties: readonly ContextEntry[] } => ({
  properties: [host(name)],
});
const down = (): never => {
  throw new Error('down');
};

describe('a keyed policy', () => {
  test('keeps the failures of one key from the others', async () => {
    const breakers = keyed(() => circuitBreaker({ trip: consecutiveFailures(1) }), byHost);

    await breakers.outcome(down, to('a'));

    expect((await breakers.outcome(() => 1, to('a'))).ok).toBe(false);
    expect(await breakers.execute(() => 1, to('b'))).toBe(1);
    expect(breakers.get('a').state).toBe('open');
  });

  test('makes one policy for each key, when it is first called for', async () => {
    const make = vi.fn((_key: string | undefined) => noop);
    const policy = keyed(make, byHost);
    expect(make).not.toHaveBeenCalled();

    for (const name of ['a', 'b', 'a', 'a', 'b']) await policy.execute(() => 1, to(name));

    expect(make.mock.calls).toEqual([['a'], ['b']]);
    expect([...policy.keys()]).toEqual(['a', 'b']);
    expect(policy.size).toBe(2);
  });

  test('has one policy for all calls without a key', async () => {
    const policy = keyed(() => bulkhead(), byHost);
    await policy.execute(() => 1);
    await policy.execute(() => 1);
    expect([...policy.keys()]).toEqual([undefined]);
  });

  test('rejects with what the key throws, and calls nothing', async () => {
    const error = new Error('no tenant');
    const operation = vi.fn();
    const policy = keyed(() => noop, {
      key: () => {
        throw error;
      },
    });

    expect(await policy.outcome(operation)).toEqual({ ok: false, error });
    expect(operation).not.toHaveBeenCalled();
    expect(policy.size).toBe(0);
  });

  test('rejects a call whose key is none', async () => {
    const policy = keyed(() => noop, { key: () => 7 as unknown as string });
    const outcome = await policy.outcome(() => 1);
    expect(outcome).toMatchObject({
      ok: false,
      error: new TypeError('Expected `key` to be a string or undefined, got 7.'),
    });
  });

  test('rejects with what makePolicy throws, and tries again at the next call', async () => {
    const error = new Error('no such host');
    const make = vi.fn(() => noop);
    make.mockImplementationOnce(() => {
      throw error;
    });
    const policy = keyed(make, byHost);

    expect(await policy.outcome(() => 1, to('a'))).toEqual({ ok: false, error });
    expect(policy.size).toBe(0);
    expect(await policy.execute(() => 1, to('a'))).toBe(1);
  });

  test('rejects when makePolicy makes something else', async () => {
    const policy = keyed((() => ({})) as unknown as () => typeof noop, byHost);
    expect(await policy.outcome(() => 1)).toMatchObject({
      ok: false,
      error: expect.any(TypeError),
    });
  });

  test('counts a call that is refused inside as ended', async () => {
    const policy = keyed(() => bulkhead({ maxConcurrent: 1 }), { ...byHost, maxKeys: 1 });
    const work = Promise.withResolvers<number>();
    const first = policy.execute(() => work.promise, to('a'));
    expect((await policy.outcome(() => 1, to('a'))).ok).toBe(false);

    work.resolve(1);
    await first;
    await policy.execute(() => 1, to('b'));

    expect([...policy.keys()]).toEqual(['b']);
  });

  test('runs a pipeline with retries inside, and asks for the key once', async () => {
    const key = vi.fn(() => 'a');
    const places = bulkhead();
    const policy = keyed(() => compose(retry({ maxAttempts: 3, backoff: constant(0) }), places), {
      key,
    });
    let calls = 0;

    expect(await policy.execute(() => (++calls < 3 ? down() : calls))).toBe(3);

    expect(key).toHaveBeenCalledTimes(1);
    expect(places.active).toBe(0);
  });

  test('gives the attempts of a retry outside keys of their own', async () => {
    const policy = compose(
      retry({ maxAttempts: 3, backoff: constant(0) }),
      keyed(() => circuitBreaker({ trip: consecutiveFailures(1) }), {
        key: ({ attempt }) => `replica ${attempt}`,
      }),
    );
    let calls = 0;
    expect(await policy.execute(() => (++calls < 3 ? down() : calls))).toBe(3);
  });

  test('stands inside another keyed policy', async () => {
    const tenant = contextKey<string>('tenant');
    const tenants = keyed(() => keyed(() => bulkhead({ maxConcurrent: 1 }), byHost), {
      key: (context) => context.get(tenant),
    });
    const places = (): number => tenants.get('acme').get('a').active;

    await tenants.execute(() => expect(places()).toBe(1), {
      properties: [tenant('acme'), host('a')],
    });

    expect(places()).toBe(0);
    expect([...tenants.get('acme').keys()]).toEqual(['a']);
  });

  test('describes itself without its keys', async () => {
    const policy = keyed(() => noop, { ...byHost, maxKeys: 5, name: 'per host' });
    await policy.execute(() => 1, to('a'));
    expect(policy.describe()).toEqual({
      name: 'per host',
      layers: [{ kind: 'keyed', name: 'per host', options: { maxKeys: 5, idleMs: 600_000 } }],
    });
  });
});

describe('by hand', () => {
  test('get makes the policy of a key, and has does not', () => {
    const policy = keyed(() => circuitBreaker(), byHost);
    expect(policy.has('a')).toBe(false);
    const breaker = policy.get('a');
    expect(policy.get('a')).toBe(breaker);
    expect(policy.has('a')).toBe(true);
  });

  test('delete forgets a key, and whoever runs there goes on', async () => {
    const policy = keyed(() => bulkhead(), byHost);
    const work = Promise.withResolvers<number>();
    const call = policy.execute(() => work.promise, to('a'));
    const former = policy.get('a');

    expect(policy.delete('a')).toBe(true);
    expect(policy.delete('a')).toBe(false);
    expect(policy.get('a')).not.toBe(former);
    expect(former.active).toBe(1);

    work.resolve(7);
    expect(await call).toBe(7);
    expect(former.active).toBe(0);
    expect([...policy.keys()]).toEqual(['a']);
  });

  test('a call that ends after its key was deleted leaves the new one alone', async () => {
    const policy = keyed(() => bulkhead(), { ...byHost, maxKeys: 1 });
    const work = Promise.withResolvers<number>();
    const call = policy.execute(() => work.promise, to('a'));
    policy.delete('a');
    const held = policy.execute(() => new Promise(() => undefined), to('a'));
    work.resolve(1);
    await call;

    await policy.execute(() => 1, to('b'));

    // The second call of 'a' is in flight: it was not 'a' that made room.
    expect([...policy.keys()]).toEqual(['a']);
    void held;
  });
});

test.each<[string, () => unknown]>([
  ['Expected `makePolicy` to be a function', () => keyed(1 as never, byHost)],
  ['Expected options to be an object', () => keyed(() => noop, undefined as never)],
  ['Expected `key` to be a function', () => keyed(() => noop, {} as never)],
  [
    'Expected `maxKeys` to be an integer from 1 up',
    () => keyed(() => noop, { ...byHost, maxKeys: 0 }),
  ],
  ['Expected `idleMs` to be a finite number', () => keyed(() => noop, { ...byHost, idleMs: 0 })],
  ['Unknown option `max`', () => keyed(() => noop, { ...byHost, max: 1 } as never)],
  ['Expected `name` to be a string', () => keyed(() => noop, { ...byHost, name: 1 as never })],
])('%s', (message, make) => {
  expect(make).toThrow(message);
});

test('the time of a call counts in all of its layers by the clock of each', async () => {
  const clock = virtualClock();
  const policy = keyed(() => timeout({ afterMs: 50, clock }), { ...byHost, clock });
  const call = policy.outcome(() => new Promise(() => undefined), { deadline: clock.now() + 10 });
  await clock.advance(10);
  expect(await call).toMatchObject({ ok: false, error: { timeoutMs: 10 } });
});
