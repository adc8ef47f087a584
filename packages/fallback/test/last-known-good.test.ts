import { fallback, type FellBackEvent, lastKnownGood } from '@holdfast/fallback';
import { compose, contextKey, type ExecuteOptions, type Outcome } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { afterEach, describe, expect, test, vi } from 'vitest';

const failed = new Error('the operation failed');
const failing = async (): Promise<never> => {
  throw failed;
};
const sku = contextKey<string>('sku');
const keyed = (key: string): ExecuteOptions => ({ properties: [sku(key)] });

afterEach(() => {
  vi.restoreAllMocks();
});

/** An operation that takes its time, whatever its signal says. */
function slow<T>(clock: VirtualClock, takesMs: number, end: () => T): () => Promise<T> {
  return () => new Promise<void>((resolve) => clock.setTimeout(resolve, takesMs)).then(end);
}

describe('the last known good value', () => {
  test('is what a call gets whose operation fails', async () => {
    const value = { level: 7 };
    const policy = fallback({ use: lastKnownGood<{ level: number }>({ maxAgeMs: 1_000 }) });
    expect(await policy.execute(() => value)).toBe(value);
    expect(await policy.execute(failing)).toBe(value);
    expect(await policy.execute(async () => ({ level: 8 }))).toEqual({ level: 8 });
    expect(await policy.execute(failing)).toEqual({ level: 8 });
  });

  test('is handed out until it is too old, and not after', async () => {
    const clock = virtualClock();
    const memory = lastKnownGood<number>({ maxAgeMs: 1_000 });
    const policy = fallback({ use: memory, clock });
    await policy.execute(() => 5);
    await clock.advance(1_000);
    expect(await policy.execute(failing)).toBe(5);
    await clock.advance(1);
    expect(await policy.outcome(failing)).toEqual({ ok: false, error: failed });
    expect(memory.size).toBe(0);
  });

  test('may be undefined, and is handed out as such', async () => {
    const policy = fallback({ use: lastKnownGood<number | undefined>({ maxAgeMs: 1_000 }) });
    await policy.execute(() => undefined);
    expect(await policy.outcome(failing)).toEqual({ ok: true, value: undefined });
  });

  test('counts its age from when the call came in that it is from', async () => {
    const clock = virtualClock();
    const policy = fallback({ use: lastKnownGood<number>({ maxAgeMs: 1_000 }), clock });
    const told: FellBackEvent[] = [];
    policy.on('fell-back', (event) => told.push(event));
    await clock.runUntil(policy.execute(slow(clock, 600, () => 5)));
    await clock.advance(300);
    expect(await policy.execute(failing)).toBe(5);
    expect(told).toEqual([
      {
        kind: 'fallback',
        event: 'fell-back',
        policy: 'fallback',
        outcome: { ok: false, error: failed },
        value: 5,
        step: 1,
        ageMs: 900,
      },
    ]);
    await clock.advance(101);
    expect((await policy.outcome(failing)).ok).toBe(false);
  });

  test('is never a value that `when` names; such a one goes through where nothing is known', async () => {
    const policy = fallback({
      when: (outcome: Outcome<number>) => !outcome.ok || outcome.value < 0,
      use: lastKnownGood<number>({ maxAgeMs: 1_000 }),
    });
    expect(await policy.execute(() => -1)).toBe(-1);
    expect((await policy.outcome(failing)).ok).toBe(false);
    await policy.execute(() => 5);
    expect(await policy.execute(() => -2)).toBe(5);
    expect(await policy.execute(failing)).toBe(5);
  });

  test('is not handed out for an error that `when` leaves alone', async () => {
    const policy = fallback({
      when: (outcome) => outcome.ok,
      use: lastKnownGood<number>({ maxAgeMs: 1_000 }),
    });
    await policy.execute(() => 5);
    await expect(policy.execute(failing)).rejects.toBe(failed);
  });

  test('is not handed out to a caller that has given up', async () => {
    const policy = fallback({ use: lastKnownGood<number>({ maxAgeMs: 1_000 }) });
    await policy.execute(() => 5);
    const caller = new AbortController();
    const call = policy.outcome(
      () => {
        caller.abort('enough');
        throw failed;
      },
      { signal: caller.signal },
    );
    expect(await call).toEqual({ ok: false, error: failed });
  });

  test('lets the very outcome through and tells of no failure while nothing is known', async () => {
    const policy = fallback({ use: lastKnownGood({ maxAgeMs: 1_000 }) });
    const told = vi.fn();
    policy.on('failed', told);
    policy.on('fell-back', told);
    await expect(policy.execute(failing)).rejects.toBe(failed);
    expect(told).not.toHaveBeenCalled();
  });

  test('is not what a later step made up', async () => {
    const chain = [lastKnownGood<number>({ maxAgeMs: 1_000 }), () => 0] as const;
    const policy = fallback({ chain });
    expect(await policy.execute(failing)).toBe(0);
    await policy.execute(() => 5);
    expect(await policy.execute(failing)).toBe(5);
  });

  test('is good behind a retry and a timeout', async () => {
    const clock = virtualClock();
    const policy = compose(
      fallback({ use: lastKnownGood<number>({ maxAgeMs: 10_000 }), clock }),
      retry({ backoff: [10], clock }),
      timeout({ afterMs: 100, clock }),
    );
    await policy.execute(() => 5);
    const never = (): Promise<number> => new Promise(() => {});
    expect(await clock.runUntil(policy.execute(never))).toBe(5);
  });

  test('works where the policy stands in a pipeline twice', async () => {
    const policy = fallback({ use: lastKnownGood<number>({ maxAgeMs: 1_000 }) });
    const twice = compose(policy, policy);
    await twice.execute(() => 5);
    expect(await twice.execute(failing)).toBe(5);
  });
});

describe('a chain with a last known good value', () => {
  test('passes over it while nothing is known, also after a step that failed later', async () => {
    const policy = fallback({
      chain: [
        () => Promise.reject(new Error('no replica')),
        lastKnownGood<number>({ maxAgeMs: 1 }),
      ],
    });
    await expect(policy.execute(failing)).rejects.toBe(failed);
    await policy.execute(() => 5);
    const told: number[] = [];
    policy.on('fell-back', ({ step }) => told.push(step));
    expect(await policy.execute(failing)).toBe(5);
    expect(told).toEqual([2]);
  });

  test('may have several, each with its own age and keys', async () => {
    const clock = virtualClock();
    const exact = lastKnownGood<string>({ maxAgeMs: 1_000, key: (context) => context.get(sku) });
    const anyOfAll = lastKnownGood<string>({ maxAgeMs: 5_000 });
    const policy = fallback({ chain: [exact, anyOfAll], clock });
    const told: unknown[] = [];
    policy.on('fell-back', ({ step, ageMs }) => told.push([step, ageMs]));
    await policy.execute(() => 'an apple', keyed('apple'));
    await clock.advance(10);
    await policy.execute(() => 'a pear', keyed('pear'));
    expect(await policy.execute(failing, keyed('apple'))).toBe('an apple');
    expect(await policy.execute(failing, keyed('plum'))).toBe('a pear');
    await clock.advance(1_000);
    expect(await policy.execute(failing, keyed('apple'))).toBe('a pear');
    expect(told).toEqual([
      [1, 10],
      [2, 0],
      [2, 1_000],
    ]);
  });
});

describe('by key', () => {
  test('each key has its value', async () => {
    const memory = lastKnownGood<string>({ maxAgeMs: 1_000, key: (context) => context.get(sku) });
    const policy = fallback({ use: memory });
    await policy.execute(() => 'an apple', keyed('apple'));
    await policy.execute(() => 'a pear', keyed('pear'));
    expect(await policy.execute(failing, keyed('apple'))).toBe('an apple');
    expect((await policy.outcome(failing, keyed('plum'))).ok).toBe(false);
    expect(memory.size).toBe(2);
  });

  test('a call without a key is neither remembered nor answered', async () => {
    const memory = lastKnownGood<string>({ maxAgeMs: 1_000, key: (context) => context.get(sku) });
    const policy = fallback({ use: memory });
    await policy.execute(() => 'something');
    expect(memory.size).toBe(0);
    expect((await policy.outcome(failing)).ok).toBe(false);
  });

  test('the key that has not been used for the longest time makes room for a further one', async () => {
    const key = (context: { get(key: typeof sku): string | undefined }): unknown =>
      context.get(sku);
    const memory = lastKnownGood<string>({ maxAgeMs: 1_000, key, maxKeys: 2 });
    const policy = fallback({ use: memory });
    await policy.execute(() => 'an apple', keyed('apple'));
    await policy.execute(() => 'a pear', keyed('pear'));
    await policy.execute(failing, keyed('apple'));
    await policy.execute(() => 'a plum', keyed('plum'));
    expect(memory.size).toBe(2);
    expect((await policy.outcome(failing, keyed('pear'))).ok).toBe(false);
    expect(await policy.execute(failing, keyed('apple'))).toBe('an apple');
  });

  test('values that have become too old go as new ones come, though nobody asks for them', async () => {
    const clock = virtualClock();
    const memory = lastKnownGood<string>({ maxAgeMs: 1_000, key: (context) => context.get(sku) });
    const policy = fallback({ use: memory, clock });
    for (let i = 0; i < 10; i++) await policy.execute(() => 'old', keyed(`old ${i}`));
    await clock.advance(1_001);
    for (let i = 0; i < 10; i++) await policy.execute(() => 'new', keyed(`new ${i}`));
    expect(memory.size).toBe(10);
  });

  test('a value can be forgotten, and all of them', async () => {
    const memory = lastKnownGood<string>({ maxAgeMs: 1_000, key: (context) => context.get(sku) });
    const policy = fallback({ use: memory });
    for (const name of ['apple', 'pear', 'plum']) await policy.execute(() => name, keyed(name));
    expect([memory.forget('apple'), memory.forget('apple'), memory.forget()]).toEqual([
      true,
      false,
      false,
    ]);
    expect((await policy.outcome(failing, keyed('apple'))).ok).toBe(false);
    memory.clear();
    expect(memory.size).toBe(0);
  });

  test('a key function that throws spoils no success, and is reported', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const bad = new Error('a bad key');
    const key = (): never => {
      throw bad;
    };
    const policy = fallback({
      use: lastKnownGood<number>({ maxAgeMs: 1_000, key }),
      name: 'stock',
    });
    expect(await policy.execute(() => 5)).toBe(5);
    expect(warned.mock.lastCall?.[0]).toBe(
      'A listener of "remember" (stock) threw: Error: a bad key',
    );
    const told = vi.fn();
    policy.on('failed', told);
    await expect(policy.execute(failing)).rejects.toBe(bad);
    expect(told).toHaveBeenCalledOnce();
  });
});

describe('a value that comes late', () => {
  /** A pipeline that stops waiting after 100 ms, and what it remembers. */
  function impatient(clock: VirtualClock) {
    const inner = fallback({
      when: (outcome: Outcome<number>) => !outcome.ok || outcome.value < 0,
      use: lastKnownGood<number>({ maxAgeMs: 1_000 }),
      clock,
    });
    return { inner, outer: compose(timeout({ afterMs: 100, clock }), inner) };
  }

  test('after a timeout outside is good for the next call', async () => {
    const clock = virtualClock();
    const { inner, outer } = impatient(clock);
    const call = outer.outcome(slow(clock, 500, () => 5));
    await clock.advance(100);
    expect(await call).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    await clock.advance(400);
    expect(await inner.execute(failing)).toBe(5);
  });

  test('is not remembered if `when` names it', async () => {
    const clock = virtualClock();
    const { inner, outer } = impatient(clock);
    await clock.runUntil(outer.outcome(slow(clock, 500, () => -5)));
    await clock.advance(500);
    expect((await inner.outcome(failing)).ok).toBe(false);
  });

  test('does not take the place of one whose call began later', async () => {
    const clock = virtualClock();
    const { inner } = impatient(clock);
    const early = inner.execute(slow(clock, 500, () => 1));
    await clock.advance(10);
    await inner.execute(() => 2);
    await clock.advance(490);
    expect(await early).toBe(1);
    expect(await inner.execute(failing)).toBe(2);
  });
});

describe('clone', () => {
  interface Stock {
    level: number;
  }

  test('keeps callers from changing what is remembered', async () => {
    const clone = vi.fn((stock: Stock) => ({ ...stock }));
    const policy = fallback({ use: lastKnownGood<Stock>({ maxAgeMs: 1_000, clone }) });
    const mine = await policy.execute(() => ({ level: 7 }));
    expect(clone).toHaveBeenCalledTimes(1);
    mine.level = 0;
    const stale = await policy.execute<Stock>(failing);
    expect(stale).toEqual({ level: 7 });
    stale.level = 0;
    expect(await policy.execute<Stock>(failing)).toEqual({ level: 7 });
    expect(clone).toHaveBeenCalledTimes(3);
  });

  test('one that throws leaves the former value', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const clone = vi.fn((stock: Stock) => stock);
    const policy = fallback({ use: lastKnownGood<Stock>({ maxAgeMs: 1_000, clone }) });
    const first = await policy.execute(() => ({ level: 1 }));
    clone.mockImplementationOnce(() => {
      throw new Error('cannot be copied');
    });
    expect(await policy.execute(() => ({ level: 2 }))).toEqual({ level: 2 });
    expect(await policy.execute<Stock>(failing)).toBe(first);
  });
});

describe('options of the last known good value', () => {
  test.each([
    ['maxAgeMs', 0],
    ['maxAgeMs', Infinity],
    ['maxAgeMs', undefined],
    ['maxAgeMs', '5'],
    ['maxKeys', 0],
    ['maxKeys', 1.5],
    ['key', 'sku'],
    ['clone', true],
    ['maxAge', 5],
  ])('%s cannot be %j', (name, value) => {
    expect(() => lastKnownGood({ maxAgeMs: 1, [name]: value })).toThrow(`\`${name}\``);
  });

  test('describe() tells them, defaults included', () => {
    const policy = fallback({ chain: [lastKnownGood({ maxAgeMs: 5 }), () => 0] });
    expect(policy.describe().layers[0]?.options).toEqual({
      steps: 2,
      memories: [{ kind: 'last-known-good', maxAgeMs: 5, maxKeys: 1_000 }],
    });
  });

  test('a step has to be a function or a memory', () => {
    expect(() => fallback({ use: {} as never })).toThrow('`use`');
    expect(() => fallback({ chain: [null as never] })).toThrow('`chain[0]`');
  });
});
