import { compose, definePolicy, noop } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';
import { Again, Gate } from './layers.ts';

const trap = {
  // oxlint-disable-next-line unicorn/no-thenable -- such a result is what is tested
  get then(): never {
    throw new Error('do not touch');
  },
};

describe('a result whose `then` throws when it is read', () => {
  test.each(['noop', 'timeout', 'gate', 'defined', 'waking'])(
    'is a rejection under %s',
    async (kind) => {
      const clock = virtualClock();
      const gate = new Gate(1);
      const policy = {
        noop,
        timeout: compose(timeout({ clock }), gate),
        gate,
        defined: compose(
          gate,
          definePolicy('once', (next) => next()),
        ),
        waking: compose(timeout({ clock }), gate, new Again(clock, 2, 1)),
      }[kind];
      const call: Promise<unknown> = policy?.outcome(() => trap) ?? Promise.resolve();
      expect(await clock.runUntil(call)).toEqual({
        ok: false,
        error: new Error('do not touch'),
      });
      expect(gate.active).toBe(0);
      await clock.runUntilIdle();
      expect(clock.now()).toBeLessThan(10);
    },
  );
});

describe('a defined policy', () => {
  test('may answer without calling next', async () => {
    const policy = definePolicy<string>('closed', async () => 'closed today');
    expect(await policy.execute(() => 'open')).toBe('closed today');
  });

  test('may throw at once or reject', async () => {
    const error = new Error('no');
    const throws = definePolicy('throws', () => {
      throw error;
    });
    expect(await throws.outcome(() => 1)).toEqual({ ok: false, error });
    const rejects = definePolicy('rejects', async () => {
      throw error;
    });
    expect(await rejects.outcome(() => 1)).toEqual({ ok: false, error });
  });

  test('may call next many times, one after another or at once', async () => {
    let calls = 0;
    const sum = definePolicy('sum', async (next) => {
      const first = await next();
      await Promise.all([next(), next(), next()]);
      return first;
    });
    expect(await compose(sum, noop, sum).execute(() => Promise.resolve(++calls))).toBe(1);
    expect(calls).toBe(16);
  });

  test('rejects a call of next after the caller has gone, without calling the operation', async () => {
    const clock = virtualClock();
    const gone = Promise.withResolvers<void>();
    let error: unknown;
    let calls = 0;
    const late = definePolicy('late', async (next) => {
      await gone.promise;
      return next().catch((reason: unknown) => {
        error = reason;
        throw reason;
      });
    });
    const call = compose(timeout({ afterMs: 5, clock }), late).outcome(() => ++calls);
    const outcome = await clock.runUntil(call);
    gone.resolve();
    await clock.flush();
    expect(calls).toBe(0);
    expect(outcome).toEqual({ ok: false, error });
  });

  test('may ignore the promise of next', async () => {
    const ignores = definePolicy<string>('ignores', async (next) => {
      void next();
      return 'ignored';
    });
    expect(await ignores.execute(() => Promise.reject(new Error('unheard')))).toBe('ignored');
  });

  test('gets a rejected next when a timeout outside strikes', async () => {
    const clock = virtualClock();
    const seen: unknown[] = [];
    const watches = definePolicy('watches', (next) =>
      next().catch((error: unknown) => {
        seen.push(error);
        throw error;
      }),
    );
    const call = compose(timeout({ afterMs: 5, clock }), watches).outcome(
      () => new Promise(() => undefined),
    );
    const outcome = await clock.runUntil(call);
    await clock.flush();
    expect(seen).toEqual([outcome.ok ? undefined : outcome.error]);
  });

  test('under a cooperative timeout bears that the operation aborts its own caller', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const policy = compose(
      timeout({ mode: 'cooperative', clock }),
      definePolicy('once', (next) => next()),
    );
    const call = policy.outcome(
      ({ signal }) => {
        caller.abort();
        return signal.aborted;
      },
      { signal: caller.signal },
    );
    expect((await call).ok).toBe(true);
  });

  test('rejects what is not a name or not a function', () => {
    expect(() => definePolicy(1 as never, (next) => next())).toThrow(
      new TypeError('Expected `name` to be a string, got 1.'),
    );
    expect(() => definePolicy('x', 1 as never)).toThrow(
      new TypeError('Expected `around` to be a function, got 1.'),
    );
  });
});
