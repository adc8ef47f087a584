import { cache, type CacheOptions } from '@holdfast/cache';
import { compose, contextKey, isTimeoutError, type PolicyEvent } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { reactions, source } from './source.ts';

const sku = contextKey<string>('sku');
const of = (name: string) => ({ properties: [sku(name)] });
const down = new Error('down');
const fails = (): Promise<never> => Promise.reject(down);

function made<R = unknown>(options: Partial<CacheOptions<R>> = {}) {
  const clock: VirtualClock = virtualClock();
  const policy = cache<R>({
    key: (context) => context.get(sku) ?? 'key',
    ttlMs: 100,
    clock,
    ...options,
  });
  const heard: string[] = [];
  for (const name of names) {
    policy.on(name, (event: PolicyEvent) => heard.push(event.event));
  }
  /** Asks for a key; the operation answers with `value`. */
  const ask = (value: R, name = 'key'): Promise<R> => policy.execute(() => value, of(name));
  return { clock, policy, heard, ask };
}

const names = [
  'hit',
  'miss',
  'stale',
  'coalesced',
  'abandoned',
  'refreshed',
  'refresh-failed',
  'evicted',
] as const;

describe('a cache', () => {
  test('answers from memory until the time to live has passed', async () => {
    const { clock, policy, heard, ask } = made();
    expect(await ask(1)).toBe(1);
    await clock.advance(99);
    expect(await ask(2)).toBe(1);
    expect(policy.peek('key')).toEqual({ ok: true, value: 1, ageMs: 99, isFresh: true });
    await clock.advance(1);
    expect(policy.peek('key')).toMatchObject({ isFresh: false });
    expect(await ask(3)).toBe(3);
    expect(heard).toEqual(['miss', 'hit', 'miss']);
  });

  test('counts the time from the arrival of the answer, not from the call', async () => {
    const { clock, policy, ask } = made();
    const stock = source<unknown>();
    const call = policy.execute(stock.operation);
    await clock.advance(1_000);
    stock.last.resolve(1);
    await call;
    await clock.advance(99);
    expect(await ask(2)).toBe(1);
  });

  test('keeps values whatever they are, undefined and null too', async () => {
    for (const value of [undefined, null, 0, '', false, Number.NaN, fails]) {
      const { ask } = made();
      await ask(value);
      expect(await ask('other')).toBe(value);
    }
  });

  test('asks a function for the time of each value, from 0 to Infinity', async () => {
    const { clock, policy, ask } = made<number>({ ttlMs: (value) => value });
    await ask(0, 'none');
    expect(policy.peek('none')).toBeUndefined();
    await ask(50, 'short');
    await ask(Infinity, 'long');
    await clock.advance(50);
    expect(await ask(1, 'short')).toBe(1);
    await clock.advance(1e12);
    expect(await ask(1, 'long')).toBe(Infinity);
  });

  test('forgets the former value when the next one is not to be kept', async () => {
    const { clock, policy, ask } = made<number>({ ttlMs: (value) => value, staleIfErrorMs: 1_000 });
    await ask(10);
    await clock.advance(10);
    await ask(0);
    expect(policy.size).toBe(0);
  });

  test('fails with what its functions throw, and keeps nothing', async () => {
    const thrown = new Error('a bug');
    const throws = (): never => {
      throw thrown;
    };
    for (const options of [{ ttlMs: throws }, { weightOf: throws, maxWeight: 1 }]) {
      const { policy, ask } = made(options);
      await expect(ask(1)).rejects.toBe(thrown);
      expect(policy.size).toBe(0);
    }
    const { policy } = made({ negativeTtlMs: throws });
    await expect(policy.execute(fails)).rejects.toBe(thrown);
    await expect(made({ ttlMs: () => -1 }).ask(1)).rejects.toThrow(RangeError);
    await expect(made({ ttlMs: () => '5' as never }).ask(1)).rejects.toThrow('`ttlMs`');
    await expect(made({ weightOf: () => Number.NaN }).ask(1)).rejects.toThrow('`weightOf`');
  });

  test('clones for each hit, so that nobody can change what is kept', async () => {
    const { policy } = made<number[]>({ clone: (value) => [...value] });
    const first = await policy.execute(() => [1]);
    first.push(2);
    const second = await policy.execute(() => [9]);
    expect(second).toEqual([1]);
    second.push(3);
    expect(await policy.execute(() => [9])).toEqual([1]);
    expect(policy.peek('key')).toMatchObject({ ok: true, value: [1] });
  });

  test('rejects a hit whose copy cannot be made, and keeps the answer', async () => {
    let copies = 0;
    const { policy, ask } = made({
      clone(value) {
        if (++copies === 2) throw down;
        return value;
      },
    });
    await ask(1);
    await expect(ask(2)).rejects.toBe(down);
    expect(await ask(3)).toBe(1);
    expect(policy.size).toBe(1);
  });

  test('answers a hit without calling anything, in no more turns than no policy at all', async () => {
    const { ask, policy } = made();
    await ask(1);
    const operation = vi.fn();
    let ticks = 0;
    const hit = policy.execute(operation).then(() => ticks);
    for (; ticks < 10; ticks++) await Promise.resolve();
    expect(await hit).toBeLessThanOrEqual(1);
    expect(operation).not.toHaveBeenCalled();
  });

  test('does not call a hit an answer where the caller has given up or come too late', async () => {
    const { ask, policy } = made();
    await ask(1);
    await expect(policy.execute(() => 2, { signal: AbortSignal.abort('enough') })).rejects.toBe(
      'enough',
    );
    const outcome = await policy.outcome(() => 2, { deadline: -1 });
    expect(!outcome.ok && isTimeoutError(outcome.error)).toBe(true);
  });

  test('asks nothing about a flight that was abandoned', async () => {
    const negativeTtlMs = vi.fn(() => 1);
    const { policy } = made({ negativeTtlMs });
    const caller = new AbortController();
    const call = policy.outcome(() => new Promise(() => {}), { signal: caller.signal });
    caller.abort(down);
    await call;
    await reactions();
    expect(negativeTtlMs).not.toHaveBeenCalled();
  });

  test('keeps no answer of a flight that was abandoned', async () => {
    const { clock, policy } = made();
    const stock = source<unknown>();
    const late = compose(timeout({ afterMs: 10, clock }), policy).outcome(stock.operation);
    await clock.advance(10);
    await late;
    stock.last.resolve('late');
    await reactions();
    expect(policy.size).toBe(0);
  });
});

describe('errors', () => {
  test('are not kept, unless told', async () => {
    const { policy, ask } = made();
    await policy.outcome(fails);
    expect(policy.size).toBe(0);
    expect(await ask(1)).toBe(1);
  });

  test('are the answer for their own time', async () => {
    const { clock, policy, heard, ask } = made({ negativeTtlMs: 10 });
    await policy.outcome(fails);
    await clock.advance(9);
    await expect(ask(1)).rejects.toBe(down);
    expect(policy.peek('key')).toEqual({ ok: false, error: down, ageMs: 9, isFresh: true });
    await clock.advance(1);
    expect(await ask(1)).toBe(1);
    expect(heard).toEqual(['miss', 'hit', 'miss']);
  });

  test('are kept as a function says', async () => {
    const negativeTtlMs = (error: unknown): number => (error === down ? 10 : 0);
    const { policy, ask } = made({ negativeTtlMs });
    await policy.outcome(() => Promise.reject(new Error('other')));
    expect(policy.size).toBe(0);
    await policy.outcome(fails);
    await expect(ask(1)).rejects.toBe(down);
  });

  test('of policies inside are never kept', async () => {
    const { clock, policy } = made({ negativeTtlMs: 1_000 });
    const call = compose(policy, timeout({ afterMs: 10, clock })).outcome(
      () => new Promise(() => {}),
    );
    await clock.advance(10);
    const outcome = await call;
    expect(!outcome.ok && isTimeoutError(outcome.error)).toBe(true);
    expect(policy.size).toBe(0);
  });

  test('that are kept take the place of a stale value; the others leave it to be served', async () => {
    const gone = new Error('gone');
    const { clock, policy, ask } = made({
      staleIfErrorMs: 1_000,
      negativeTtlMs: (error) => (error === gone ? 50 : 0),
    });
    await ask(1);
    await clock.advance(100);
    expect(await policy.execute(fails)).toBe(1);
    await expect(policy.execute(() => Promise.reject(gone))).rejects.toBe(gone);
    await expect(ask(2)).rejects.toBe(gone);
    await clock.advance(50);
    await expect(policy.execute(fails)).rejects.toBe(down);
  });
});

describe('stale-while-revalidate', () => {
  test('answers at once with the stale value, and refreshes it once', async () => {
    const { clock, policy, heard, ask } = made({ staleWhileRevalidateMs: 50 });
    await ask(1);
    await clock.advance(100);
    const stock = source<unknown>();
    for (let i = 0; i < 3; i++) expect(await policy.execute(stock.operation)).toBe(1);
    expect(stock.calls).toHaveLength(1);
    stock.last.resolve(2);
    await reactions();
    expect(await ask(3)).toBe(2);
    expect(heard).toEqual(['miss', 'stale', 'stale', 'stale', 'refreshed', 'hit']);
  });

  test('keeps the stale value for its time when a refresh fails, and tries again at the next call', async () => {
    const { clock, policy, heard, ask } = made({ staleWhileRevalidateMs: 50 });
    const errors: unknown[] = [];
    policy.on('refresh-failed', ({ error }) => errors.push(error));
    await ask(1);
    await clock.advance(100);
    expect(await policy.execute(fails)).toBe(1);
    await reactions();
    await clock.advance(49);
    expect(await policy.execute(fails)).toBe(1);
    await reactions();
    await clock.advance(1);
    await expect(policy.execute(fails)).rejects.toBe(down);
    expect(errors).toEqual([down, down]);
    expect(heard).toEqual(['miss', 'stale', 'refresh-failed', 'stale', 'refresh-failed', 'miss']);
  });

  test('lets a refresh outlive the caller who set it off', async () => {
    const { clock, policy, ask } = made({ staleWhileRevalidateMs: 50 });
    await ask(1);
    await clock.advance(100);
    const stock = source<unknown>();
    const caller = new AbortController();
    expect(await policy.execute(stock.operation, { signal: caller.signal })).toBe(1);
    caller.abort();
    await reactions();
    expect(stock.last.signal.aborted).toBe(false);
    stock.last.resolve(2);
    await reactions();
    expect(await ask(3)).toBe(2);
  });

  test('lets those who come too late for the stale value wait for the refresh', async () => {
    const { clock, policy, heard, ask } = made({ staleWhileRevalidateMs: 50 });
    await ask(1);
    await clock.advance(100);
    const stock = source<unknown>();
    await policy.execute(stock.operation);
    await clock.advance(50);
    const waiting = policy.execute(stock.operation);
    stock.last.resolve(2);
    expect(await waiting).toBe(2);
    expect(stock.calls).toHaveLength(1);
    expect(heard).toEqual(['miss', 'stale', 'coalesced', 'refreshed']);
  });

  test('ends a refresh that hangs once those who wait for it have given up', async () => {
    const { clock, policy, ask } = made({ staleWhileRevalidateMs: 50 });
    await ask(1);
    await clock.advance(100);
    const stock = source<unknown>();
    await policy.execute(stock.operation);
    await clock.advance(50);
    const waiting = compose(timeout({ afterMs: 10, clock }), policy).outcome(stock.operation);
    await clock.advance(10);
    expect((await waiting).ok).toBe(false);
    expect(stock.last.signal.aborted).toBe(true);
    expect(await ask(2)).toBe(2);
  });

  test('serves the former value also when the refresh ends within the call', async () => {
    const { clock, ask } = made({ staleWhileRevalidateMs: 50 });
    await ask(1);
    await clock.advance(100);
    expect(await ask(2)).toBe(1);
    expect(await ask(3)).toBe(2);
  });

  test('tells of a refresh that has brought an error to keep', async () => {
    const { clock, policy, ask } = made({ staleWhileRevalidateMs: 50, negativeTtlMs: 50 });
    const oks: boolean[] = [];
    policy.on('refreshed', ({ ok }) => oks.push(ok));
    await ask(1);
    await clock.advance(100);
    await policy.execute(fails);
    await reactions();
    expect(oks).toEqual([false]);
    await expect(ask(2)).rejects.toBe(down);
  });
});

describe('stale-if-error', () => {
  test('serves a value in place of an error until it is too old', async () => {
    const { clock, policy, heard, ask } = made({ staleIfErrorMs: 50 });
    const events: unknown[] = [];
    policy.on('stale', ({ because, error, ageMs }) => events.push({ because, error, ageMs }));
    await ask(1);
    await clock.advance(149);
    expect(await policy.execute(fails)).toBe(1);
    await clock.advance(1);
    await expect(policy.execute(fails)).rejects.toBe(down);
    expect(events).toEqual([{ because: 'error', error: down, ageMs: 149 }]);
    expect(heard).toEqual(['miss', 'miss', 'stale', 'miss']);
    expect(policy.size).toBe(0);
  });

  test('measures the age at the failure, not at the call', async () => {
    const { clock, policy, ask } = made({ staleIfErrorMs: 50 });
    await ask(1);
    await clock.advance(149);
    const stock = source<unknown>();
    const call = policy.outcome(stock.operation);
    await clock.advance(1);
    stock.last.reject(down);
    expect(await call).toEqual({ ok: false, error: down });
  });

  test('serves it to all who wait, and tells each', async () => {
    const { clock, policy, heard, ask } = made<number[]>({
      staleIfErrorMs: 50,
      clone: (value) => [...value],
    });
    await ask([1]);
    await clock.advance(100);
    const stock = source<number[]>();
    const calls = [policy.execute(stock.operation), policy.execute(stock.operation)];
    stock.last.reject(down);
    const [first, second] = await Promise.all(calls);
    expect(first).toEqual([1]);
    expect(second).not.toBe(first);
    const kept = policy.peek('key');
    expect([first, second]).not.toContain(kept?.ok === true && kept.value);
    second?.push(2);
    expect(kept).toMatchObject({ value: [1] });
    expect(heard.filter((each) => each === 'stale')).toHaveLength(2);
  });

  test('prefers a newer value that comes in time', async () => {
    const { clock, ask } = made({ staleIfErrorMs: 50 });
    await ask(1);
    await clock.advance(100);
    expect(await ask(2)).toBe(2);
  });

  test('takes over where stale-while-revalidate ends', async () => {
    const { clock, policy, ask } = made({ staleWhileRevalidateMs: 10, staleIfErrorMs: 50 });
    await ask(1);
    await clock.advance(105);
    expect(await policy.execute(fails)).toBe(1);
    await reactions();
    await clock.advance(44);
    expect(await policy.execute(fails)).toBe(1);
    await clock.advance(1);
    await expect(policy.execute(fails)).rejects.toBe(down);
  });
});

describe('bounds', () => {
  test('let the answer go that was not used for longest', async () => {
    const { policy, ask } = made({ maxEntries: 2 });
    const evicted: string[] = [];
    policy.on('evicted', ({ key }) => evicted.push(key));
    await ask(1, 'a');
    await ask(2, 'b');
    await ask(9, 'a');
    await ask(3, 'c');
    expect(evicted).toEqual(['b']);
    expect(policy.size).toBe(2);
    policy.peek('a');
    await ask(4, 'd');
    expect(evicted).toEqual(['b', 'a']);
  });

  test('take serving a stale value for a use of it', async () => {
    for (const options of [{ staleWhileRevalidateMs: 50 }, { staleIfErrorMs: 50 }]) {
      const { clock, policy, ask } = made({ ...options, maxEntries: 2 });
      await ask(1, 'a');
      await ask(2, 'b');
      await clock.advance(100);
      expect(await policy.execute(fails, of('a'))).toBe(1);
      await reactions();
      await ask(3, 'c');
      expect([policy.peek('a')?.ok, policy.peek('b')?.ok]).toEqual([true, undefined]);
    }
  });

  test('hold what the answers weigh together', async () => {
    const { policy, ask } = made<string>({ maxWeight: 10, weightOf: (value) => value.length });
    const evicted: string[] = [];
    policy.on('evicted', ({ key }) => evicted.push(key));
    await ask('12345', 'a');
    await ask('12345', 'b');
    expect(evicted).toEqual([]);
    await ask('123456', 'c');
    expect(evicted).toEqual(['a', 'b']);
    policy.delete('c');
    await ask('1234567890', 'd');
    expect(policy.size).toBe(1);
    expect(await ask('12345678901', 'heavy')).toBe('12345678901');
    expect(policy.peek('heavy')).toBeUndefined();
    expect(evicted).toEqual(['a', 'b']);
  });

  test('start from nothing again after a clear', async () => {
    const { policy, ask } = made<string>({ maxWeight: 10, weightOf: (value) => value.length });
    await ask('1234567890', 'a');
    policy.clear();
    await ask('12345', 'b');
    await ask('12345', 'c');
    expect(policy.size).toBe(2);
  });

  test('count a key once, however often its answer is replaced', async () => {
    const { clock, policy, ask } = made<string>({
      maxWeight: 10,
      weightOf: (value) => value.length,
    });
    for (let i = 0; i < 20; i++) {
      await ask('12345');
      await clock.advance(100);
    }
    await ask('12345', 'other');
    expect(policy.size).toBe(2);
  });

  test('are 1,000 answers, unless told otherwise', async () => {
    const { policy, ask } = made();
    for (let i = 0; i < 1_001; i++) await ask(i, String(i));
    expect(policy.size).toBe(1_000);
    expect(policy.peek('0')).toBeUndefined();
  });
});

describe('delete and clear', () => {
  test('forget what is kept', async () => {
    const { policy, ask } = made();
    await ask(1, 'a');
    await ask(1, 'b');
    expect([policy.delete('a'), policy.delete('a')]).toEqual([true, false]);
    expect(await ask(2, 'a')).toBe(2);
    policy.clear();
    expect(policy.size).toBe(0);
    expect(await ask(3, 'b')).toBe(3);
  });

  test('let no flight store what it began to read before; its callers get it all the same', async () => {
    for (const forget of ['delete', 'clear'] as const) {
      const { policy, ask } = made();
      const stock = source<unknown>();
      const before = policy.execute(stock.operation);
      policy[forget]('key');
      const after = policy.execute(stock.operation);
      expect(stock.calls).toHaveLength(2);
      stock.calls[1]?.resolve('new');
      expect(await after).toBe('new');
      stock.calls[0]?.resolve('old');
      expect(await before).toBe('old');
      expect(await ask('other')).toBe('new');
    }
  });

  test('leave a forgotten flight to its callers: the last one ends it', async () => {
    const { policy } = made();
    const stock = source<unknown>();
    const caller = new AbortController();
    const before = policy.outcome(stock.operation, { signal: caller.signal });
    policy.delete('key');
    const after = policy.execute(stock.operation);
    caller.abort('enough');
    expect((await before).ok).toBe(false);
    expect(stock.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    stock.last.resolve('new');
    expect(await after).toBe('new');
    expect(policy.size).toBe(1);
  });

  test('let a refresh under way store nothing, and serve no stale value for its failure', async () => {
    const { clock, policy, heard, ask } = made({ staleWhileRevalidateMs: 50, staleIfErrorMs: 50 });
    await ask(1);
    await clock.advance(100);
    const stock = source<unknown>();
    await policy.execute(stock.operation);
    policy.delete('key');
    stock.last.resolve('old');
    await reactions();
    expect(policy.size).toBe(0);
    expect(heard).toEqual(['miss', 'stale']);
  });
});

describe('the options', () => {
  test('are described with their defaults; functions are left out', () => {
    const [plain] = cache({ key: () => 'key', ttlMs: 5 }).describe().layers;
    expect(plain).toEqual({
      kind: 'cache',
      name: 'cache',
      options: {
        ttlMs: 5,
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
        negativeTtlMs: 0,
        maxEntries: 1_000,
        maxWeight: Infinity,
        whenAbandoned: 'abort',
      },
    });
    const [own] = cache({
      key: () => '',
      ttlMs: () => 1,
      negativeTtlMs: () => 1,
      name: 'stock',
    }).describe().layers;
    expect(own).toMatchObject({ name: 'stock' });
    expect(own?.options).not.toHaveProperty('ttlMs');
    expect(own?.options).not.toHaveProperty('negativeTtlMs');
  });

  test.each([
    [{ key: undefined }, TypeError],
    [{ ttlMs: undefined }, TypeError],
    [{ ttlMs: -1 }, RangeError],
    [{ ttlMs: Number.NaN }, RangeError],
    [{ staleWhileRevalidateMs: '5' }, TypeError],
    [{ staleIfErrorMs: -1 }, RangeError],
    [{ negativeTtlMs: -1 }, RangeError],
    [{ negativeTtlMs: null }, TypeError],
    [{ maxEntries: 0 }, RangeError],
    [{ maxEntries: 1.5 }, RangeError],
    [{ maxWeight: -1, weightOf: () => 1 }, RangeError],
    [{ weightOf: 5 }, TypeError],
    [{ clone: true }, TypeError],
    [{ whenAbandoned: 'no' }, RangeError],
    [{ name: 5 }, TypeError],
    [{ clock: {} }, TypeError],
  ])('are refused by name and value: %o', (options, kind) => {
    const [name] = Object.keys(options) as [string];
    const make = () => cache({ key: () => 'key', ttlMs: 1, ...options } as never);
    expect(make).toThrow(kind);
    expect(make).toThrow(`\`${name}\``);
  });

  test('are refused where one needs another, and where there is no such option', () => {
    expect(() => cache({ key: () => 'key', ttlMs: 1, maxWeight: 5 })).toThrow('`weightOf`');
    expect(() => cache({ key: () => 'key', ttlMs: 1, ttl: 5 } as never)).toThrow('`ttl`');
  });

  test('are not looked at again after the cache was made', async () => {
    const options: { -readonly [K in keyof CacheOptions]: CacheOptions[K] } = {
      key: () => 'key',
      ttlMs: Infinity,
    };
    const policy = cache(options);
    options.key = () => 'other';
    options.ttlMs = 0;
    await policy.execute(() => 1);
    expect(policy.peek('key')).toMatchObject({ value: 1 });
  });
});
