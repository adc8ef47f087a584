import { isTimeoutError, TimeoutError } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout, type TimeoutOptions } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';

const hangs = (): Promise<never> => new Promise(() => undefined);

function setUp(options: TimeoutOptions = {}) {
  const clock = virtualClock();
  return { clock, policy: timeout({ clock, ...options }) };
}

describe('an aggressive timeout', () => {
  test('rejects with a TimeoutError exactly when the time is over', async () => {
    const { clock, policy } = setUp({ afterMs: 50, name: 'quick' });
    const settled = vi.fn();
    void policy.outcome(hangs).then(settled);
    await clock.advance(49);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(1);
    const error = settled.mock.calls[0]?.[0].error as TimeoutError;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 50, started: true, policy: 'quick', code: 'TIMEOUT' });
    expect(error.message).toBe('timed out after 50 ms');
    expect(clock.pending).toBe(0);
  });

  test('waits for thirty seconds unless told otherwise', async () => {
    const { clock, policy } = setUp();
    await clock.runUntil(policy.outcome(hangs));
    expect(clock.now()).toBe(30_000);
    expect(policy.describe()).toEqual({
      name: 'timeout',
      layers: [
        { kind: 'timeout', name: 'timeout', options: { afterMs: 30_000, mode: 'aggressive' } },
      ],
    });
  });

  test('aborts the signal of the operation with the very error of the call', async () => {
    const { clock, policy } = setUp({ afterMs: 50 });
    let reason: unknown;
    const call = policy.outcome(({ signal }) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      return hangs();
    });
    const outcome = await clock.runUntil(call);
    expect(outcome).toEqual({ ok: false, error: reason });
  });

  test('lets a call go that ends in time, and each has its own time', async () => {
    const { clock, policy } = setUp({ afterMs: 50 });
    const after = (ms: number) =>
      policy.outcome(() => new Promise((resolve) => clock.setTimeout(() => resolve(ms), ms)));
    const first = [after(20), after(70)];
    await clock.advance(30);
    const second = [after(49), after(51)];
    const all = await clock.runUntil(Promise.all([...first, ...second]));
    expect(all.map(({ ok }) => ok)).toEqual([true, false, true, false]);
  });

  test('hands a late value to onLateResult, and reports what that throws', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const onLateResult = vi.fn(() => {
      throw new Error('cannot close');
    });
    const { clock, policy } = setUp({ afterMs: 50, onLateResult });
    const work = Promise.withResolvers<string>();
    await clock.runUntil(policy.outcome(() => work.promise));
    work.resolve('a connection');
    await clock.flush();
    expect(onLateResult.mock.calls).toEqual([['a connection']]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

describe('a cooperative timeout', () => {
  test('aborts the signal, and waits for the operation', async () => {
    const { clock, policy } = setUp({ afterMs: 50, mode: 'cooperative' });
    const call = policy.execute(
      ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => clock.setTimeout(() => resolve('cleaned up'), 10));
        }),
    );
    expect(await clock.runUntil(call)).toBe('cleaned up');
    expect(clock.now()).toBe(60);
  });

  test('says that it was a timeout where the operation only says that it was aborted', async () => {
    const { clock, policy } = setUp({ afterMs: 50, mode: 'cooperative' });
    const call = policy.outcome(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
        }),
    );
    const outcome = await clock.runUntil(call);
    expect(!outcome.ok && isTimeoutError(outcome.error)).toBe(true);
  });

  test('leaves any other error of the operation alone', async () => {
    const { clock, policy } = setUp({ afterMs: 50, mode: 'cooperative' });
    for (const error of [new Error('half done'), 'a string', null]) {
      const call = policy.outcome(
        ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(error));
          }),
      );
      expect(await clock.runUntil(call)).toEqual({ ok: false, error });
    }
  });
});

describe('a time by function', () => {
  test('is asked for at each call, with its context', async () => {
    const times = [10, 20];
    const { clock, policy } = setUp({ afterMs: ({ attempt }) => times.shift() ?? attempt });
    await clock.runUntil(policy.outcome(hangs));
    expect(clock.now()).toBe(10);
    await clock.runUntil(policy.outcome(hangs));
    expect(clock.now()).toBe(30);
    await clock.runUntil(policy.outcome(hangs));
    expect(clock.now()).toBe(31);
    expect(policy.describe().layers[0]?.options).toEqual({ mode: 'aggressive' });
  });

  test.each([undefined, Infinity])('of %s is no limit', async (afterMs) => {
    const { clock, policy } = setUp({ afterMs: () => afterMs });
    const work = Promise.withResolvers<number>();
    const call = policy.execute(() => work.promise);
    await clock.advance(1e9);
    expect(clock.pending).toBe(0);
    work.resolve(1);
    expect(await call).toBe(1);
  });

  test('that cannot be used, or that throws, rejects the call before it begins', async () => {
    const operation = vi.fn();
    const error = new Error('no idea');
    for (const [afterMs, expected] of [
      [() => -1, RangeError],
      [() => Number.NaN, RangeError],
      [() => '5' as never, TypeError],
    ] as const) {
      const outcome = await setUp({ afterMs }).policy.outcome(operation);
      expect(!outcome.ok && outcome.error).toBeInstanceOf(expected);
    }
    const throws = (): never => {
      throw error;
    };
    expect(await setUp({ afterMs: throws }).policy.outcome(operation)).toEqual({
      ok: false,
      error,
    });
    expect(operation).not.toHaveBeenCalled();
  });

  test('of 0 is over before the operation is called', async () => {
    const { policy } = setUp({ afterMs: () => 0 });
    const outcome = await policy.outcome(hangs);
    expect(!outcome.ok && isTimeoutError(outcome.error) && outcome.error).toMatchObject({
      started: false,
      message: 'timed out after 0 ms, before the operation was called',
    });
  });
});

describe('events', () => {
  test('tell of a strike and of a late result', async () => {
    const { clock, policy } = setUp({ afterMs: 50 });
    const heard: unknown[] = [];
    policy.on('timed-out', (event) => heard.push(event));
    policy.on('late-result', (event) => heard.push(event));
    const work = Promise.withResolvers<string>();
    await clock.runUntil(policy.outcome(() => work.promise));
    const error = new Error('late');
    work.reject(error);
    await clock.flush();
    const names = { kind: 'timeout', policy: 'timeout' };
    expect(heard).toEqual([
      { ...names, event: 'timed-out', timeoutMs: 50, started: true, attempt: 1 },
      { ...names, event: 'late-result', ok: false, value: error },
    ]);
  });

  test('do not tell of a timeout when the caller has gone', async () => {
    const { clock, policy } = setUp({ afterMs: 50 });
    const timedOut = vi.fn();
    policy.on('timed-out', timedOut);
    const caller = new AbortController();
    const call = policy.outcome(hangs, { signal: caller.signal });
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await clock.advance(100);
    expect(timedOut).not.toHaveBeenCalled();
  });
});

describe('options', () => {
  test.each([
    [
      { afterMs: 0 },
      RangeError,
      'Expected `afterMs` to be a finite number of milliseconds above 0, got 0.',
    ],
    [
      { afterMs: Infinity },
      RangeError,
      'Expected `afterMs` to be a finite number of milliseconds above 0, got Infinity.',
    ],
    [
      { afterMs: '5' },
      TypeError,
      'Expected `afterMs` to be a number of milliseconds or a function, got "5".',
    ],
    [
      { mode: 'rough' },
      RangeError,
      'Expected `mode` to be one of "aggressive", "cooperative", got "rough".',
    ],
    [{ onLateResult: 1 }, TypeError, 'Expected `onLateResult` to be a function, got 1.'],
    [{ name: 1 }, TypeError, 'Expected `name` to be a string, got 1.'],
    [
      { after: 1 },
      TypeError,
      'Unknown option `after`; the options are afterMs, mode, onLateResult, name, clock.',
    ],
  ])('%j is refused', (options, kind, message) => {
    expect(() => timeout(options as TimeoutOptions)).toThrow(new kind(message));
  });

  test('are neither kept nor changed', async () => {
    const clock = virtualClock();
    const options = { afterMs: 50, clock };
    const policy = timeout(Object.freeze({ ...options }));
    const other = timeout(options);
    options.afterMs = 1;
    await clock.runUntil(other.outcome(hangs));
    expect(clock.now()).toBe(50);
    expect(policy.layers).not.toBe(other.layers);
  });
});
