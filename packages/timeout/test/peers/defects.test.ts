import { getEventListeners } from 'node:events';
import { compose, isTimeoutError } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';

const hangs = (): Promise<never> => new Promise(() => undefined);

test('cockatiel tells of a timeout when the caller has aborted: ours gives the reason of the caller', async () => {
  const clock = virtualClock();
  const policy = timeout({ afterMs: 10_000, clock });
  const timedOut = vi.fn();
  policy.on('timed-out', timedOut);
  const caller = new AbortController();
  const reason = new Error('the user left');
  const call = policy.outcome(hangs, { signal: caller.signal });
  await clock.advance(20);
  caller.abort(reason);
  expect(await call).toEqual({ ok: false, error: reason });
  expect(timedOut).not.toHaveBeenCalled();
});

test('cockatiel aborts the signal after a success, which kills streaming bodies (#72): ours leaves it alone', async () => {
  const clock = virtualClock();
  let kept: AbortSignal | undefined;
  await timeout({ afterMs: 50, clock }).execute(({ signal }) => {
    kept = signal;
  });
  await clock.advance(1_000);
  expect(kept?.aborted).toBe(false);
});

test('cockatiel gives a plain AbortError as the reason: ours says that it was a timeout', async () => {
  const clock = virtualClock();
  let kept: AbortSignal | undefined;
  await clock.runUntil(
    timeout({ afterMs: 50, clock }).outcome(({ signal }) => {
      kept = signal;
      return hangs();
    }),
  );
  expect(isTimeoutError(kept?.reason)).toBe(true);
});

test('cockatiel calls the function although the signal is aborted already: ours does not', async () => {
  const operation = vi.fn();
  const call = timeout().outcome(operation, { signal: AbortSignal.abort('gone') });
  expect(await call).toEqual({ ok: false, error: 'gone' });
  expect(operation).not.toHaveBeenCalled();
});

test('cockatiel leaked a listener per call on a shared signal (#69, #81): ours leaves none', async () => {
  const clock = virtualClock();
  const policy = compose(timeout({ afterMs: 500, clock }), timeout({ afterMs: 50, clock }));
  const { signal } = new AbortController();
  for (let i = 0; i < 1_000; i++) await policy.execute(async () => i, { signal });
  await clock.flush();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('cockatiel told of timeouts that were none (#27): ours tells of each once, and of no other', async () => {
  const clock = virtualClock();
  const policy = timeout({ afterMs: 50, clock });
  const timedOut = vi.fn();
  policy.on('timed-out', timedOut);
  await policy.execute(async () => 1);
  await policy.outcome(() => Promise.reject(new Error('failed')));
  await clock.advance(1_000);
  expect(timedOut).not.toHaveBeenCalled();
  await clock.runUntil(policy.outcome(hangs));
  await clock.advance(1_000);
  expect(timedOut).toHaveBeenCalledOnce();
});

test('cockatiel fired an aggressive timeout at once (#16): ours fires when the time is over', async () => {
  const clock = virtualClock();
  await clock.runUntil(timeout({ afterMs: 50, clock }).outcome(hangs));
  expect(clock.now()).toBe(50);
});

test('opossum has one signal for all calls, so that one timeout ends the others (#861): ours has one for each', async () => {
  const clock = virtualClock();
  const policy = timeout({ afterMs: 50, clock });
  const signals: AbortSignal[] = [];
  const call = (): Promise<unknown> =>
    policy.outcome(({ signal }) => {
      signals.push(signal);
      return hangs();
    });
  const first = call();
  await clock.advance(40);
  void call();
  await clock.runUntil(first);
  void call();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
});

test('opossum could not have its timeout taken away (#393): a function of ours can', async () => {
  const clock = virtualClock();
  const work = Promise.withResolvers<number>();
  const call = timeout({ afterMs: () => undefined, clock }).execute(() => work.promise);
  await clock.advance(1e9);
  work.resolve(1);
  expect(await call).toBe(1);
});

test('bottleneck throws from a timer when a job expires (#181): ours rejects the call alone', async () => {
  const clock = virtualClock();
  const work = Promise.withResolvers<number>();
  const call = timeout({ afterMs: 50, clock }).outcome(() => work.promise);
  await clock.advance(50);
  work.reject(new Error('late'));
  await clock.flush();
  expect((await call).ok).toBe(false);
});

test('opossum keeps the process alive by the timer of a call that has ended: ours does not', async () => {
  const arm = vi.spyOn(globalThis, 'setTimeout');
  await timeout({ afterMs: 60_000 }).execute(async () => 1);
  await new Promise((resolve) => setImmediate(resolve));
  const timers = arm.mock.results.map(({ value }) => value as NodeJS.Timeout);
  arm.mockRestore();
  expect(timers.filter((timer) => timer.hasRef())).toEqual([]);
});
