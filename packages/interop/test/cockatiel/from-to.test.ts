import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { fromCockatiel, toCockatiel } from '@holdfast/interop';
import * as ours from '@holdfast/interop/cockatiel';
import { compose, noop } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import * as theirs from 'cockatiel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sleep } from './side-by-side.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const libraries = [
  ['cockatiel', theirs as unknown as typeof ours],
  ['the drop-in', ours],
] as const;

/** An operation that obeys its signal. */
function obedient({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason));
  return promise;
}

describe.each(libraries)('fromCockatiel with a policy of %s', (_library, lib) => {
  test('runs a pipeline under it, and counts in it', async () => {
    const breaker = lib.circuitBreaker(lib.handleAll, {
      halfOpenAfter: 1_000,
      breaker: new lib.ConsecutiveBreaker(2),
    });
    const heard: unknown[] = [];
    breaker.onBreak((reason) => heard.push(reason));
    const pipeline = compose(noop, fromCockatiel(breaker));
    const down = new Error('down');
    for (let i = 0; i < 2; i++) {
      await expect(pipeline.execute(() => Promise.reject(down))).rejects.toBe(down);
    }
    expect(heard).toEqual([{ error: down }]);
    const outcome = await pipeline.outcome(() => 'never');
    expect(!outcome.ok && lib.isBrokenCircuitError(outcome.error)).toBe(true);
  });

  test('is not asked again by our retry when it lets no call in', async () => {
    const breaker = lib.circuitBreaker(lib.handleAll, {
      halfOpenAfter: 1_000,
      breaker: new lib.ConsecutiveBreaker(1),
    });
    const isolation = breaker.isolate();
    const pipeline = compose(retry({ maxAttempts: 5 }), fromCockatiel(breaker));
    const outcome = await pipeline.outcome(() => 'never');
    expect(!outcome.ok && lib.isIsolatedCircuitError(outcome.error)).toBe(true);
    isolation.dispose();
    expect(await pipeline.execute(() => 'again')).toBe('again');
  });

  test('its timeout aborts the operation, and lets the answer go at once', async () => {
    const theirTimeout = lib.timeout(100, lib.TimeoutStrategy.Aggressive);
    const places = bulkhead({ maxConcurrent: 1 });
    const pipeline = compose(places, fromCockatiel(theirTimeout));
    let seen: AbortSignal | undefined;
    const call = pipeline.outcome(async ({ signal }) => {
      seen = signal;
      await sleep(500);
    });
    await vi.advanceTimersByTimeAsync(100);
    const outcome = await call;
    expect(!outcome.ok && lib.isTaskCancelledError(outcome.error)).toBe(true);
    expect(seen?.aborted).toBe(true);
    // The work goes on, and holds its place.
    expect(places.active).toBe(1);
    await vi.advanceTimersByTimeAsync(400);
    expect(places.active).toBe(0);
  });

  test('its cooperative timeout aborts the operation and waits for it', async () => {
    const policy = fromCockatiel(lib.timeout(100, lib.TimeoutStrategy.Cooperative));
    const call = policy.execute(async ({ signal }) => {
      await sleep(200);
      return signal.aborted;
    });
    await vi.advanceTimersByTimeAsync(200);
    expect(await call).toBe(true);
  });

  test('its retry runs the inside again, each time through our policies', async () => {
    const theirRetry = lib.retry(lib.handleAll, {
      maxAttempts: 3,
      backoff: new lib.ConstantBackoff(100),
    });
    const breaker = circuitBreaker({ trip: consecutiveFailures(2), halfOpenAfterMs: 5_000 });
    const pipeline = compose(fromCockatiel(theirRetry), breaker);
    let calls = 0;
    const call = pipeline.outcome(() => {
      calls++;
      throw new Error('down');
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await call).toMatchObject({ ok: false, error: { code: 'CIRCUIT_OPEN' } });
    expect(calls).toBe(2);
  });

  test('calls nothing any more once the caller or a timeout outside has given up', async () => {
    const theirRetry = lib.retry(lib.handleAll, { backoff: new lib.ConstantBackoff(100) });
    const pipeline = compose(timeout({ afterMs: 250 }), fromCockatiel(theirRetry));
    let calls = 0;
    const call = pipeline.outcome(() => {
      calls++;
      throw new Error('down');
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await call).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(calls).toBe(3);
  });

  test("ends with the operation's own error when the caller aborts it", async () => {
    const caller = new AbortController();
    const breaker = lib.circuitBreaker(lib.handleAll, {
      halfOpenAfter: 1_000,
      breaker: new lib.ConsecutiveBreaker(5),
    });
    const call = fromCockatiel(breaker).outcome(obedient, { signal: caller.signal });
    await vi.advanceTimersByTimeAsync(10);
    caller.abort(new Error('gone'));
    expect(await call).toEqual({ ok: false, error: caller.signal.reason });
  });

  test('answers with what its fallback gives', async () => {
    const policy = fromCockatiel(lib.fallback(lib.handleAll, 'stale'));
    expect(await policy.execute(() => Promise.reject(new Error('down')))).toBe('stale');
  });

  test('tells its name, and keeps the async context', async () => {
    const policy = fromCockatiel(lib.noop, { name: 'legacy' });
    expect(policy.describe()).toEqual({
      name: 'legacy',
      layers: [{ kind: 'cockatiel', name: 'legacy', options: {} }],
    });
    const context = new AsyncLocalStorage<string>();
    const seen = await context.run('mine', () => policy.execute(() => context.getStore()));
    expect(seen).toBe('mine');
  });
});

test('fromCockatiel refuses what is no policy, and options that it does not know', () => {
  expect(() => fromCockatiel({} as never)).toThrow(TypeError);
  expect(() => fromCockatiel(undefined as never)).toThrow('`policy`');
  expect(() => fromCockatiel(theirs.noop, { names: 'x' } as never)).toThrow('names');
  expect(() => fromCockatiel(theirs.noop, { name: 1 } as never)).toThrow('`name`');
});

describe.each(libraries)('toCockatiel in `wrap` of %s', (_library, lib) => {
  test('stands among its policies, with their contexts', async () => {
    const theirRetry = lib.retry(lib.handleAll, { maxAttempts: 2 });
    const all = lib.wrap(theirRetry, toCockatiel(compose(timeout({ afterMs: 100 }), bulkhead())));
    const attempts: number[] = [];
    const call = all.execute(({ attempt, signal }) => {
      attempts.push(attempt);
      return attempt < 2 ? obedient({ signal }) : 'done';
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await call).toBe('done');
    expect(attempts).toEqual([0, 1, 2]);
  });

  test('tells the attempts of our retry as cockatiel counts them', async () => {
    const all = lib.wrap(toCockatiel(retry({ backoff: [0, 0] })), lib.noop);
    const attempts: unknown[] = [];
    const call = all.execute((context) => {
      attempts.push((context as { attempt?: number }).attempt);
      throw new Error('down');
    });
    await Promise.all([expect(call).rejects.toThrow('down'), vi.advanceTimersByTimeAsync(1_000)]);
    expect(attempts).toEqual([0, 1, 2]);
  });

  test('hears the signal that an outer policy of theirs aborts', async () => {
    const all = lib.wrap(
      lib.timeout(100, lib.TimeoutStrategy.Aggressive),
      toCockatiel(retry({ backoff: [10_000] })),
    );
    const call = all.execute(() => Promise.reject(new Error('down')));
    const rejected = expect(call).rejects.toSatisfy(lib.isTaskCancelledError);
    await vi.advanceTimersByTimeAsync(100);
    await rejected;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('works with `usePolicy`', async () => {
    const descriptor: PropertyDescriptor = { value: (sku: string) => `read ${sku}` };
    lib.usePolicy(toCockatiel(bulkhead()))({}, 'read', descriptor);
    expect(await (descriptor.value as (sku: string) => Promise<string>)('sku')).toBe('read sku');
  });
});

describe('the events of toCockatiel', () => {
  test('tell how each call was answered, and whether a policy made the error', async () => {
    const policy = toCockatiel(timeout({ afterMs: 100 }));
    const heard: unknown[] = [];
    policy.onSuccess((event) => heard.push(event));
    const failures = policy.onFailure(({ duration, handled }) => heard.push({ duration, handled }));
    await policy.execute(() => 1);
    await policy.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    const late = policy.execute(() => sleep(500)).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(500);
    await late;
    failures.dispose();
    await policy.execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
    expect(heard).toEqual([
      { duration: 0 },
      { duration: 0, handled: false },
      { duration: 100, handled: true },
    ]);
  });

  test('a listener that throws changes nothing', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const policy = toCockatiel(noop);
    policy.onSuccess(() => {
      throw new Error('a bad listener');
    });
    expect(await policy.execute(() => 1)).toBe(1);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

test('toCockatiel refuses what is no policy', () => {
  expect(() => toCockatiel(theirs.noop as never)).toThrow(TypeError);
  expect(() => toCockatiel(undefined as never)).toThrow('`policy`');
});
