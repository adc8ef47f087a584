import { bulkhead } from '@holdfast/bulkhead';
import { abort, after, chaos, isChaosError, latency, oneOf } from '@holdfast/chaos';
import { compose } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { lasting, timeOf } from '../work.ts';

const always = (): boolean => true;

describe('an abort', () => {
  test('aborts the signal of the operation midway, with a ChaosError', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: abort({ afterMs: 50 }), when: always, clock });
    const call = policy.outcome(lasting(clock, 100, 'done'));
    expect(await timeOf(clock, call)).toBe(50);
    const outcome = await call;
    expect(!outcome.ok && isChaosError(outcome.error) && outcome.error.injection).toBe('abort');
    expect([policy.active, clock.pending]).toEqual([0, 0]);
  });

  test.each([new Error('gone'), 'gone', () => 'gone'])(
    'has the reason that it is given',
    async (reason) => {
      const clock = virtualClock();
      const policy = chaos({ inject: abort({ reason }), when: always, clock });
      const outcome = await clock.runUntil(policy.outcome(lasting(clock, 100, 'done')));
      expect(outcome).toEqual({ ok: false, error: reason instanceof Error ? reason : 'gone' });
    },
  );

  test('has what its function throws for its reason', async () => {
    const clock = virtualClock();
    const reason = (): never => {
      throw 'thrown';
    };
    const policy = chaos({ inject: abort({ reason }), when: always, clock });
    const outcome = await clock.runUntil(policy.outcome(lasting(clock, 100, 'done')));
    expect(outcome).toEqual({ ok: false, error: 'thrown' });
  });

  test('waits for an operation that does not listen, and its value counts', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: abort({ afterMs: 50 }), when: always, clock });
    const call = policy.execute(async ({ signal }) => {
      await lasting(clock, 100, undefined)({ signal: new AbortController().signal } as never);
      return signal.aborted;
    });
    expect(await timeOf(clock, call)).toBe(100);
    expect(await call).toBe(true);
  });

  test.each([abort({ reason: 'gone' }), oneOf([abort({ reason: 'gone' })])])(
    'leaves the signal of the caller alone',
    async (inject) => {
      const clock = virtualClock();
      const { signal } = new AbortController();
      const policy = chaos({ inject, when: always, clock });
      const call = policy.outcome(lasting(clock, 100, 'done'), { signal });
      expect(await clock.runUntil(call)).toEqual({ ok: false, error: 'gone' });
      expect(signal.aborted).toBe(false);
    },
  );

  test('does not reach into what comes after the operation', async () => {
    const clock = virtualClock();
    const inject = [abort({ afterMs: 50 }), after(latency({ delayMs: 100 }))];
    const policy = chaos({ inject, when: always, clock });
    const call = policy.execute(lasting(clock, 10, 'done'));
    expect(await timeOf(clock, call)).toBe(110);
    expect(await call).toBe('done');
  });

  test('that comes too late does nothing, and leaves no timer', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: abort({ afterMs: 50 }), when: always, clock });
    const signals: AbortSignal[] = [];
    for (const settle of [() => Promise.resolve(1), () => Promise.reject(new Error('own'))]) {
      await policy.outcome(({ signal }) => {
        signals.push(signal);
        return settle();
      });
    }
    expect([policy.active, clock.pending]).toEqual([0, 0]);
    await clock.advance(100);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });

  test('loses against a caller who gives up before it', async () => {
    const clock = virtualClock();
    const reason = vi.fn(() => 'chaos');
    const policy = chaos({ inject: abort({ afterMs: 50, reason }), when: always, clock });
    const caller = new AbortController();
    const { signal } = caller;
    let inner: AbortSignal | undefined;
    const work = Promise.withResolvers<string>();
    const call = policy.outcome(
      (context) => {
        inner = context.signal;
        return work.promise;
      },
      { signal },
    );
    await clock.advance(40);
    caller.abort('the caller');
    await clock.advance(40);
    expect(inner?.reason).toBe('the caller');
    expect(reason).not.toHaveBeenCalled();
    work.reject('the caller');
    expect(await call).toEqual({ ok: false, error: 'the caller' });
  });

  test.each(['chaos', undefined])(
    'loses also against a caller who gives up after it, with the reason %s',
    async (reason) => {
      const clock = virtualClock();
      const inject = abort({ afterMs: 50, reason: () => reason });
      const policy = chaos({ inject, when: always, clock });
      const caller = new AbortController();
      const operation = async ({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
        await lasting(clock, 100, undefined)({ signal: new AbortController().signal } as never);
        throw signal.reason;
      };
      const call = policy.outcome(operation, { signal: caller.signal });
      await clock.advance(60);
      caller.abort('the caller');
      await clock.advance(60);
      expect(await call).toEqual({ ok: false, error: 'the caller' });
    },
  );

  test('ends a wait in a policy inside at once', async () => {
    const clock = virtualClock();
    const places = bulkhead({ maxConcurrent: 1, maxQueued: 1, clock });
    places.tryAcquire();
    const policy = chaos({ inject: abort({ afterMs: 50, reason: 'gone' }), when: always, clock });
    const operation = vi.fn();
    const call = compose(policy, places).outcome(operation);
    expect(await timeOf(clock, call)).toBe(50);
    expect(await call).toEqual({ ok: false, error: 'gone' });
    expect([places.queued, policy.active]).toEqual([0, 0]);
    expect(operation).not.toHaveBeenCalled();
  });

  test('strikes the attempt that runs by then', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: abort({ afterMs: 50, reason: 'gone' }), when: always, clock });
    let attempts = 0;
    const again = retry({ maxAttempts: 2, backoff: constant(10), clock });
    const call = compose(policy, again).outcome((context) => {
      attempts++;
      if (attempts === 1) throw new Error('at once');
      return lasting(clock, 100, 'done')(context);
    });
    expect(await timeOf(clock, call)).toBe(50);
    expect(await call).toEqual({ ok: false, error: 'gone' });
    expect([attempts, policy.active]).toEqual([2, 0]);
  });

  test('ends its own latency', async () => {
    const clock = virtualClock();
    const inject = [abort({ afterMs: 50, reason: 'gone' }), latency({ delayMs: 100 })];
    const policy = chaos({ inject, when: always, clock });
    const operation = vi.fn();
    const call = policy.outcome(operation);
    expect(await timeOf(clock, call)).toBe(50);
    expect(await call).toEqual({ ok: false, error: 'gone' });
    await clock.runUntilIdle();
    expect(operation).not.toHaveBeenCalled();
    expect([policy.active, clock.now()]).toEqual([0, 50]);
  });

  test('counts from the end of a latency that stands before it', async () => {
    const clock = virtualClock();
    const inject = [latency({ delayMs: 100 }), abort({ afterMs: 50, reason: 'gone' })];
    const call = chaos({ inject, when: always, clock }).outcome(lasting(clock, 100, 'done'));
    expect(await timeOf(clock, call)).toBe(150);
  });

  test('is forgotten when a timeout outside has cut the call', async () => {
    const clock = virtualClock();
    const reason = vi.fn();
    const policy = chaos({ inject: abort({ afterMs: 50, reason }), when: always, clock });
    const work = Promise.withResolvers<void>();
    const call = compose(timeout({ afterMs: 20, clock }), policy).outcome(() => work.promise);
    expect(await timeOf(clock, call)).toBe(20);
    expect([policy.active, clock.pending]).toEqual([0, 0]);
    work.resolve();
    await clock.advance(100);
    expect(reason).not.toHaveBeenCalled();
  });

  test('has no place after the operation', () => {
    expect(() => after(abort())).toThrow('no abort after the operation');
  });
});
