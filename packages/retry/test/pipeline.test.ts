import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead } from '@holdfast/bulkhead';
import { compose, definePolicy, type ExecuteOptions } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { scripted } from './script.ts';

const failed = new Error('failed');

describe('the async context of the caller', () => {
  const storage = new AsyncLocalStorage<string>();

  test.each(['after a back-off', 'after a timeout inside', 'after an async shouldRetry'])(
    'is that of each attempt %s',
    async (moment) => {
      const clock = virtualClock();
      const shouldRetry =
        moment === 'after an async shouldRetry' ? async (): Promise<boolean> => true : undefined;
      const policy = compose(
        retry({ backoff: constant(10), shouldRetry, clock }),
        timeout({ afterMs: 50, clock }),
      );
      const seen: unknown[] = [];
      const call = (caller: string): Promise<unknown> =>
        storage.run(caller, () =>
          policy.outcome(() => {
            seen.push(storage.getStore());
            if (moment === 'after a timeout inside') return new Promise(() => {});
            throw failed;
          }),
        );
      const calls = [call('Ann'), call('Ben')];
      await storage.run('the test', () => clock.runUntil(Promise.all(calls)));
      expect(seen).toEqual(['Ann', 'Ben', 'Ann', 'Ben', 'Ann', 'Ben']);
    },
  );
});

describe('inside a bulkhead', () => {
  test('each attempt takes a place of its own, and none is held in a back-off', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 10, clock });
    const policy = compose(retry({ backoff: constant(100), clock }), places);
    const operation = scripted(clock, failed, 'value');
    const call = policy.execute(operation);
    await clock.flush();
    expect(places.active).toBe(0);
    expect(await clock.runUntil(call)).toBe('value');
    expect(places.active).toBe(0);
  });

  test('an attempt that waits in a queue is given up at once', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 10, clock });
    const policy = compose(retry({ backoff: constant(10), clock }), places);
    const caller = new AbortController();
    const operation = scripted(clock, failed);
    const call = policy.outcome(operation, { signal: caller.signal });
    await clock.flush();
    const permit = places.tryAcquire();
    await clock.advance(10);
    expect(places.queued).toBe(1);
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    permit?.release();
    await clock.runUntilIdle();
    expect(operation.startedAt).toHaveLength(1);
    expect([places.active, places.queued]).toEqual([0, 0]);
  });

  test('a full bulkhead at a later attempt rejects with the error of the one that ran', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 0, clock });
    const policy = compose(retry({ backoff: constant(10), clock }), places);
    const call = policy.outcome(scripted(clock, failed));
    await clock.flush();
    const permit = places.tryAcquire();
    await clock.runUntilIdle();
    expect(await call).toEqual({ ok: false, error: failed });
    permit?.release();
  });

  test('work that a timeout inside cut holds its place during the next attempt', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 2, clock });
    const policy = compose(
      retry({ maxAttempts: 2, backoff: constant(0), clock }),
      places,
      timeout({ afterMs: 50, clock }),
    );
    const works = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    let calls = 0;
    const call = policy.outcome(() => works[calls++]?.promise);
    await clock.advance(50);
    expect(places.active).toBe(2);
    works[1]?.resolve('value');
    expect(await call).toEqual({ ok: true, value: 'value' });
    works[0]?.reject(failed);
    await clock.flush();
    expect(places.active).toBe(0);
  });
});

describe('with timeouts', () => {
  test('one outside that strikes in a back-off leaves no timer and no attempt', async () => {
    const clock = virtualClock();
    const retrying = retry({ delayFrom: () => 40, clock });
    const slow = definePolicy('slow', async (next) => next());
    const policy = compose(timeout({ afterMs: 50, clock }), slow, retrying);
    const operation = scripted(clock, failed);
    const caller = new AbortController();
    const call = policy.outcome(operation, { signal: caller.signal });
    await clock.advance(20);
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await clock.runUntilIdle();
    expect(clock.now()).toBe(20);
    expect(operation.startedAt).toEqual([0]);
  });

  test.each([
    ['failure', () => Promise.reject(failed)],
    ['value', () => Promise.resolve('late')],
  ])('a late %s of an attempt that was cut is neither judged nor retried', async (_what, end) => {
    const clock = virtualClock();
    const shouldRetry = vi.fn(() => true);
    const retrying = retry({ shouldRetry, backoff: constant(0), clock });
    const gaveUp = vi.fn();
    retrying.on('gave-up', gaveUp);
    const work = Promise.withResolvers<unknown>();
    let calls = 0;
    const call = compose(timeout({ afterMs: 50, clock }), retrying).outcome(() => {
      calls++;
      return work.promise;
    });
    await clock.runUntil(call);
    work.resolve(end());
    await clock.runUntilIdle();
    expect(calls).toBe(1);
    expect(shouldRetry).not.toHaveBeenCalled();
    expect(gaveUp).not.toHaveBeenCalled();
  });
});

describe('nested in another pipeline', () => {
  test('the deadline of the outer one crosses by the context', async () => {
    const clock = virtualClock();
    const inner = retry({ maxAttempts: 9, backoff: constant(40), clock });
    const operation = scripted(clock, failed);
    const outer = timeout({ afterMs: 100, clock });
    const call = outer.outcome((context: ExecuteOptions) => inner.execute(operation, context));
    expect(await clock.runUntil(call)).toEqual({ ok: false, error: failed });
    expect(operation.startedAt).toEqual([0, 40, 80]);
    expect(clock.now()).toBe(80);
  });

  test('the abort of the outer one is not retried by the inner', async () => {
    const clock = virtualClock();
    const inner = retry({ maxAttempts: 9, backoff: constant(0), clock });
    const outer = timeout({ afterMs: 100, clock });
    let calls = 0;
    const call = outer.outcome((context) =>
      inner.execute(({ signal }) => {
        calls++;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      }, context),
    );
    expect(await clock.runUntil(call)).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    await clock.runUntilIdle();
    expect(calls).toBe(1);
  });
});
