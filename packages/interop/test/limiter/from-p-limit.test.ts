import { fromPLimit, isLimiterRejectedError } from '@holdfast/interop';
import dropIn from '@holdfast/interop/p-limit';
import { compose, isTimeoutError } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import pLimit from 'p-limit';
import { describe, expect, test, vi } from 'vitest';

const libraries = [
  ['p-limit', pLimit],
  ['the drop-in for p-limit', dropIn],
] as const;

function work(): { readonly operation: () => Promise<string>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { operation: () => promise, end: () => resolve('done') };
}

function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe.each(libraries)('a limit of %s', (_library, make) => {
  test('bounds the calls together with all else that it runs', async () => {
    const limit = make(2);
    const policy = fromPLimit(limit);
    const own = work();
    const other = work();
    void limit(other.operation);
    const first = policy.execute(own.operation);
    const second = policy.execute(() => 'second');
    await reactions();
    expect([limit.activeCount, limit.pendingCount]).toEqual([2, 1]);
    other.end();
    expect(await second).toBe('second');
    own.end();
    expect(await first).toBe('done');
    await reactions();
    expect(limit.activeCount).toBe(0);
  });

  test('rejects what clearQueue drops', async () => {
    const limit = make({ concurrency: 1, rejectOnClear: true });
    const policy = fromPLimit(limit, { name: 'inventory' });
    const running = work();
    const first = policy.execute(running.operation);
    const operation = vi.fn();
    const dropped = policy.outcome(operation);
    limit.clearQueue();
    const outcome = await dropped;
    if (outcome.ok || !isLimiterRejectedError(outcome.error)) throw new Error('not rejected');
    expect(outcome.error).toMatchObject({ policy: 'inventory', cause: { name: 'AbortError' } });
    running.end();
    expect(await first).toBe('done');
    expect(operation).not.toHaveBeenCalled();
  });

  test('tells nobody of a clear without rejectOnClear: a timeout outside ends such a call', async () => {
    const clock = virtualClock();
    const limit = make(1);
    void limit(work().operation);
    const policy = compose(timeout({ afterMs: 100, clock }), fromPLimit(limit, { clock }));
    const call = policy.outcome(() => 1);
    limit.clearQueue();
    await clock.advance(100);
    const outcome = await call;
    expect(!outcome.ok && isTimeoutError(outcome.error) && outcome.error.started).toBe(false);
  });

  test('holds the place of a call until its work has ended, whoever has stopped waiting', async () => {
    const clock = virtualClock();
    const limit = make(1);
    const policy = compose(timeout({ afterMs: 100, clock }), fromPLimit(limit, { clock }));
    const slow = work();
    const call = policy.outcome(slow.operation);
    await clock.advance(100);
    expect((await call).ok).toBe(false);
    expect(limit.activeCount).toBe(1);
    slow.end();
    await reactions();
    expect(limit.activeCount).toBe(0);
  });

  test('counts a call that was given up as pending, and gives its place back at its turn', async () => {
    const limit = make(1);
    const policy = fromPLimit(limit);
    const running = work();
    const first = policy.execute(running.operation);
    const caller = new AbortController();
    const operation = vi.fn();
    const second = policy.outcome(operation, { signal: caller.signal });
    const third = policy.execute(() => 'third');
    caller.abort('enough');
    expect(await second).toEqual({ ok: false, error: 'enough' });
    expect(limit.pendingCount).toBe(2);
    running.end();
    expect(await Promise.all([first, third])).toEqual(['done', 'third']);
    expect(operation).not.toHaveBeenCalled();
  });

  test('ends the wait of a call at its deadline', async () => {
    const clock = virtualClock();
    const limit = make(1);
    void limit(work().operation);
    const call = fromPLimit(limit, { clock }).outcome(() => 1, { deadline: clock.now() + 30 });
    await clock.advance(30);
    expect(await call).toMatchObject({ error: { code: 'TIMEOUT', started: false, timeoutMs: 30 } });
  });
});

test('what is no limit, and unknown options, are refused', () => {
  expect(() => fromPLimit(5 as never)).toThrow('Expected `limit` to be a limit of p-limit, got 5.');
  expect(() => fromPLimit(pLimit(1), { weight: 1 } as never)).toThrow('Unknown option `weight`');
});

test('it describes itself', () => {
  expect(fromPLimit(pLimit(1)).describe()).toEqual({
    name: 'p-limit',
    layers: [{ kind: 'limiter', name: 'p-limit', options: { library: 'p-limit' } }],
  });
});

describe('edges', () => {
  test('a call that was given up leaves no timer for its deadline', async () => {
    const clock = virtualClock();
    const limit = pLimit(1);
    void limit(work().operation);
    const caller = new AbortController();
    const call = fromPLimit(limit, { clock }).outcome(() => 1, {
      signal: caller.signal,
      deadline: clock.now() + 1_000,
    });
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await reactions();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(0);
  });

  test('a call whose turn comes after its deadline is not started, though no timer has told', async () => {
    let now = 0;
    const never = { cancel: () => {}, ref: () => {}, unref: () => {} };
    const clock = { now: () => now, setTimeout: () => never };
    const limit = pLimit(1);
    const running = work();
    const first = limit(running.operation);
    const operation = vi.fn();
    const call = fromPLimit(limit, { clock }).outcome(operation, { deadline: 50 });
    now = 60;
    running.end();
    await first;
    expect(await call).toMatchObject({ error: { code: 'TIMEOUT', started: false, timeoutMs: 60 } });
    expect(operation).not.toHaveBeenCalled();
  });

  test('a timeout outside says itself that its time is over', async () => {
    const clock = virtualClock();
    const limit = pLimit(1);
    void limit(work().operation);
    const outer = timeout({ afterMs: 1_000, name: 'outer', clock });
    const policy = compose(outer, fromPLimit(limit, { clock }));
    const call = policy.outcome(() => 1, { deadline: clock.now() + 30 });
    await clock.advance(30);
    expect(await call).toMatchObject({ error: { code: 'TIMEOUT', policy: 'outer' } });
  });

  test('a limit that rejects what runs does not end the call, nor one that resolves early', async () => {
    for (const settle of [Promise.reject(new Error('broken')), Promise.resolve()]) {
      settle.catch(() => undefined);
      const running = work();
      const policy = fromPLimit((task) => {
        queueMicrotask(() => void task());
        return reactions().then(() => settle);
      });
      const call = policy.outcome(running.operation);
      await reactions();
      await reactions();
      running.end();
      expect(await call).toEqual({ ok: true, value: 'done' });
    }
  });

  test('a limit that rejects a job as it runs it has not let the call start', async () => {
    const cause = new Error('broken');
    const operation = vi.fn();
    const policy = fromPLimit((task) => {
      void task();
      return Promise.reject(cause);
    });
    expect(await policy.outcome(operation)).toMatchObject({
      error: { code: 'LIMITER_REJECTED', cause },
    });
    expect(operation).not.toHaveBeenCalled();
  });

  test('a limit that settles a job without running it has not let the call start', async () => {
    const outcome = await fromPLimit(() => Promise.resolve()).outcome(() => 1);
    expect(outcome).toMatchObject({ error: { code: 'LIMITER_REJECTED' } });
  });
});
