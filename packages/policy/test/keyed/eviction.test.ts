import { spawnSync } from 'node:child_process';
import { bulkhead } from '@holdfast/bulkhead';
import {
  compose,
  type ForgottenEvent,
  type Keyed,
  keyed,
  type KeyedOptions,
} from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Remembering } from './remembering-layer.ts';

/** A keyed policy whose calls say for which key they are. */
function many(options: Omit<KeyedOptions, 'key'>) {
  let next = '';
  const policy = keyed(() => new Remembering('remembering'), { ...options, key: () => next });
  const call = (key: string, operation: () => unknown = () => 1): Promise<unknown> => {
    next = key;
    return policy.outcome(operation);
  };
  return { policy, call };
}

const keysOf = (policy: Keyed): string => [...policy.keys()].join(' ');

describe('with as many keys as it may have', () => {
  test('the key idle for longest makes room', async () => {
    const { policy, call } = many({ maxKeys: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) await call(key);
    expect(keysOf(policy)).toBe('a c d');
  });

  test('a key is idle from the end of its last call on', async () => {
    const { policy, call } = many({ maxKeys: 2 });
    const work = Promise.withResolvers<void>();
    const long = call('a', () => work.promise);
    await call('b');
    work.resolve();
    await long;
    await call('c');
    expect(keysOf(policy)).toBe('a c');
  });

  test('a key whose calls are in flight stays, and there are more for a while', async () => {
    const { policy, call } = many({ maxKeys: 2 });
    const crowded: unknown[] = [];
    policy.on('crowded', ({ key, size }) => crowded.push([key, size]));
    const work = Promise.withResolvers<void>();
    const calls = ['a', 'b', 'c', 'd'].map((key) => call(key, () => work.promise));
    expect(keysOf(policy)).toBe('a b c d');
    expect(crowded).toEqual([
      ['c', 3],
      ['d', 4],
    ]);

    work.resolve();
    await Promise.all(calls);
    expect(keysOf(policy)).toBe('c d');
  });

  test('what outlives its caller counts as in flight', async () => {
    const clock = virtualClock();
    let key = 'a';
    const policy = keyed(() => compose(timeout({ afterMs: 10, clock }), bulkhead({ clock })), {
      key: () => key,
      maxKeys: 1,
      clock,
    });
    const work = Promise.withResolvers<void>();
    const cut = policy.outcome(() => work.promise);
    await clock.advance(10);
    expect((await cut).ok).toBe(false);
    key = 'b';
    await policy.execute(() => 1);
    expect(policy.has('a')).toBe(true);

    const body = Promise.withResolvers<void>();
    await policy.execute((context) => context.waitUntil(body.promise));
    work.resolve();
    await clock.flush();
    expect(keysOf(policy)).toBe('b');
    key = 'c';
    await policy.execute(() => 1);
    expect(keysOf(policy)).toBe('b');
    body.resolve();
  });

  test('a key whose state matters makes room only where all matter', async () => {
    const { policy, call } = many({ maxKeys: 3 });
    for (const key of ['a', 'b', 'c']) await call(key);
    policy.get('a').mattersMs = 1_000;
    await Promise.all(['b', 'c'].map((key) => call(key)));

    await call('d');
    expect(keysOf(policy)).toBe('a c d');

    for (const key of ['c', 'd']) policy.get(key).mattersMs = 1_000;
    await call('e');
    expect(keysOf(policy)).toBe('c d e');
  });

  test('a key that somebody holds by hand is never forgotten', async () => {
    const { policy, call } = many({ maxKeys: 2 });
    for (const key of ['a', 'b']) policy.get(key).mattersMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 100; i++) await call(`other ${i}`);
    expect(keysOf(policy)).toBe('a b');
  });

  test('it tells which key it forgot, and why', async () => {
    const clock = virtualClock();
    const { policy, call } = many({ maxKeys: 1, idleMs: 1_000, clock });
    const heard: ForgottenEvent[] = [];
    policy.on('forgotten', (event) => heard.push(event));
    await call('a');
    await call('b');
    await clock.advance(1_000);
    expect(heard.map(({ key, reason, size }) => [key, reason, size])).toEqual([
      ['a', 'full', 0],
      ['b', 'idle', 0],
    ]);
  });
});

describe('after idleMs', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('a key is forgotten, not before, and not while it is used', async () => {
    const clock = virtualClock();
    const { policy, call } = many({ idleMs: 100, clock });
    await call('a');
    await clock.advance(60);
    await call('b');
    await clock.advance(39);
    expect(keysOf(policy)).toBe('a b');
    await clock.advance(1);
    expect(keysOf(policy)).toBe('b');
    await call('b');
    await clock.advance(99);
    expect(keysOf(policy)).toBe('b');
    await clock.advance(1);
    expect(policy.size).toBe(0);
  });

  test('a key with a call in flight stays', async () => {
    const clock = virtualClock();
    const { policy, call } = many({ idleMs: 100, clock });
    const work = Promise.withResolvers<void>();
    const long = call('a', () => work.promise);
    await clock.advance(1_000);
    expect(policy.size).toBe(1);
    work.resolve();
    await long;
    await clock.advance(100);
    expect(policy.size).toBe(0);
  });

  test('a key stays until its state matters no more', async () => {
    const clock = virtualClock();
    const { policy, call } = many({ idleMs: 100, clock });
    await call('a');
    policy.get('a').mattersMs = 1;
    await clock.advance(1_000);
    expect(policy.size).toBe(1);
    policy.get('a').mattersMs = 0;
    await clock.advance(100);
    expect(policy.size).toBe(0);
  });

  test('with Infinity nothing is forgotten and no timer armed', async () => {
    const clock = virtualClock();
    const setTimeout = vi.spyOn(clock, 'setTimeout');
    const { policy, call } = many({ idleMs: Number.POSITIVE_INFINITY, clock });
    await call('a');
    await clock.advance(1e9);
    expect(policy.size).toBe(1);
    expect(setTimeout).not.toHaveBeenCalled();
  });

  test('one timer serves all keys, and none is armed once all are forgotten', async () => {
    const clock = virtualClock();
    const setTimeout = vi.spyOn(clock, 'setTimeout');
    const { policy, call } = many({ idleMs: 100, clock });
    for (let i = 0; i < 1_000; i++) await call(`key ${i}`);
    expect(setTimeout).toHaveBeenCalledTimes(1);
    await clock.advance(100);
    expect(policy.size).toBe(0);
    await clock.advance(1e6);
    expect(setTimeout).toHaveBeenCalledTimes(1);
  });

  test('fake timers that are gone do not keep keys for ever', async () => {
    const { policy, call } = many({ idleMs: 1 });
    vi.useFakeTimers();
    await call('a');
    vi.useRealTimers();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1e6);
    await call('b');
    clock.mockRestore();
    expect(keysOf(policy)).toBe('b');
  });

  test('keys are forgotten by new fake timers where former ones are gone', async () => {
    const { policy, call } = many({ idleMs: 100 });
    vi.useFakeTimers();
    await call('a');
    vi.useRealTimers();
    vi.useFakeTimers();
    await call('b');
    vi.advanceTimersByTime(300);
    expect(policy.size).toBe(0);
  });

  test('a key that is deleted while in flight leaves the idle ones in their order', async () => {
    const clock = virtualClock();
    const { policy, call } = many({ idleMs: 100, clock });
    await call('idle');
    void call('busy', () => new Promise(() => undefined));
    policy.delete('busy');
    await clock.advance(100);
    expect(policy.size).toBe(0);
  });

  test('the timer does not keep the process alive', () => {
    const script = `
      import { keyed, noop } from '@holdfast/policy';
      await keyed(() => noop, { key: () => 'a' }).execute(() => 1);
    `;
    const flags = ['--conditions=@holdfast/source', '--no-warnings', '--input-type=module'];
    const options = { cwd: import.meta.dirname, timeout: 20_000 };
    expect(spawnSync(process.execPath, [...flags, '-e', script], options).status).toBe(0);
  });
});
