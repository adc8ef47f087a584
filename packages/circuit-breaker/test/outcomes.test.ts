import { circuitBreaker, consecutiveFailures, isCircuitOpenError } from '@holdfast/circuit-breaker';
import { compose, definePolicy, type Outcome, TimeoutError } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';
import { down, errorOf, fails, failTimes, hangs, manualCall, succeeds } from './calls.ts';

const trip = consecutiveFailures(2);
const clock = virtualClock();

describe('what counts as a failure', () => {
  test('an abort by the caller counts as neither', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
    const caller = new AbortController();
    const call = manualCall(breaker, { signal: caller.signal });
    caller.abort(new Error('no longer wanted'));
    await call.reject(caller.signal.reason);
    expect(breaker.metrics).toMatchObject({ state: 'closed', ignored: 1, failures: 0 });
  });

  test('an abort by the caller gives the permit of a probe back at once', async () => {
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), clock });
    const pipeline = compose(timeout({ clock }), breaker);
    await failTimes(breaker, 1);
    await clock.advance(5_000);
    const caller = new AbortController();
    const call = pipeline.outcome(hangs, { signal: caller.signal });
    expect(breaker.tryAcquire()).toBeUndefined();
    caller.abort();
    expect(await errorOf(call)).toBe(caller.signal.reason);
    expect(await breaker.execute(succeeds)).toBe('ok');
    expect(breaker.state).toBe('closed');
  });

  test('a timeout outside is a failure, at the moment it strikes', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const pipeline = compose(timeout({ afterMs: 100, clock }), breaker);
    const calls = [pipeline.outcome(hangs), pipeline.outcome(hangs)];
    await clock.advance(100);
    await Promise.all(calls);
    expect(breaker.metrics).toMatchObject({ state: 'open', failures: 2 });
  });

  test('a timeout counts once, whatever the operation does later', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const pipeline = compose(timeout({ afterMs: 100, clock }), breaker);
    const work = Promise.withResolvers<never>();
    const call = pipeline.outcome(() => work.promise);
    await clock.advance(100);
    await call;
    work.reject(down);
    await clock.flush();
    expect(breaker.metrics).toMatchObject({ state: 'closed', failures: 1 });
  });

  test('a timeout around a nested call is a failure of the breaker inside', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const outer = timeout({ afterMs: 100, clock });
    const obedient = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const nested = (): Promise<unknown> =>
      outer.outcome((context) => breaker.execute(({ signal }) => obedient(signal), context));
    const calls = [nested(), nested()];
    await clock.advance(100);
    await Promise.all(calls);
    expect(breaker.metrics).toMatchObject({ state: 'open', failures: 2 });
  });

  test('a timeout inside is a failure', async () => {
    const breaker = circuitBreaker({ trip, clock });
    const pipeline = compose(breaker, timeout({ afterMs: 100, clock }));
    const calls = [pipeline.outcome(hangs), pipeline.outcome(hangs)];
    await clock.advance(100);
    await Promise.all(calls);
    expect(breaker.state).toBe('open');
  });

  test('a timeout before the operation was called is ignored, whatever the predicate', async () => {
    const early = new TimeoutError('too late', { timeoutMs: 1, started: false });
    const queue = definePolicy('queue', (): Promise<never> => Promise.reject(early));
    for (const isFailure of [undefined, () => true]) {
      const breaker = circuitBreaker({ trip, isFailure, clock });
      await compose(breaker, queue).outcome(succeeds);
      expect(breaker.metrics).toMatchObject({ ignored: 1, failures: 0 });
    }
  });

  test('a rejection by a layer inside is ignored, whatever the predicate', async () => {
    for (const isFailure of [undefined, ({ ok }: Outcome<unknown>) => !ok]) {
      const inner = circuitBreaker({ trip: consecutiveFailures(1), clock });
      const outer = circuitBreaker({ trip: consecutiveFailures(1), isFailure, clock });
      await failTimes(inner, 1);
      const error = await errorOf(compose(outer, inner).outcome(succeeds));
      expect(isCircuitOpenError(error)).toBe(true);
      expect(outer.metrics).toMatchObject({ state: 'closed', ignored: 1 });
    }
  });

  test('a rejection that the operation met further on is a matter of the predicate', async () => {
    const inner = circuitBreaker({ trip: consecutiveFailures(1), clock });
    await failTimes(inner, 1);
    const outer = circuitBreaker({ trip, clock });
    await outer.outcome(() => inner.execute(succeeds));
    expect(outer.metrics).toMatchObject({ ignored: 1, failures: 0 });
    outer.configure({ isFailure: ({ ok }) => !ok });
    await outer.outcome(() => inner.execute(succeeds));
    expect(outer.metrics).toMatchObject({ ignored: 1, failures: 1 });
  });

  test('a value can be a failure, and is the cause of the rejection then', async () => {
    const breaker = circuitBreaker<{ status: number }>({
      trip,
      isFailure: (outcome) => !outcome.ok || outcome.value.status >= 500,
      clock,
    });
    const answer = { status: 503 };
    await breaker.execute(() => answer);
    expect(await breaker.execute(() => answer)).toBe(answer);
    const error = await breaker.outcome(() => answer);
    expect(error).toMatchObject({ ok: false, error: { cause: answer } });
  });

  test('what the predicate throws is the answer, and the call is ignored', async () => {
    const bug = new Error('a bug in the predicate');
    const isFailure = (): never => {
      throw bug;
    };
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), isFailure, clock });
    expect(await errorOf(breaker.outcome(succeeds))).toBe(bug);
    expect(await errorOf(breaker.outcome(fails))).toBe(bug);
    expect(breaker.metrics).toMatchObject({ state: 'closed', ignored: 2 });
  });

  test('what the predicate throws about a timeout outside is a warning, and the call is ignored', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const isFailure = (): never => {
      throw new Error('a bug in the predicate');
    };
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), isFailure, clock });
    const call = compose(timeout({ afterMs: 100, clock }), breaker).outcome(hangs);
    await clock.advance(100);
    expect(await errorOf(call)).toBeInstanceOf(TimeoutError);
    expect(breaker.metrics).toMatchObject({ state: 'closed', ignored: 1 });
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  test('the predicate is asked about a timeout outside, too', async () => {
    const isFailure = ({ ok }: Outcome<unknown>): false | 'ignore' => (ok ? false : 'ignore');
    const breaker = circuitBreaker({ trip: consecutiveFailures(1), isFailure, clock });
    const call = compose(timeout({ afterMs: 100, clock }), breaker).outcome(hangs);
    await clock.advance(100);
    await call;
    expect(breaker.metrics).toMatchObject({ state: 'closed', ignored: 1 });
  });

  test('an asynchronous predicate is a mistake that is told', async () => {
    const isFailure = (() => Promise.resolve(false)) as unknown as () => boolean;
    const breaker = circuitBreaker({ isFailure, clock });
    await expect(breaker.execute(succeeds)).rejects.toThrow(/`isFailure` to return .* promise/);
  });
});

describe('tryAcquire', () => {
  test('settles a permit once', () => {
    const breaker = circuitBreaker({ trip, clock });
    const permit = breaker.tryAcquire();
    permit?.fail(down);
    permit?.fail(down);
    permit?.succeed();
    expect(breaker.metrics).toMatchObject({ failures: 1, successes: 0, state: 'closed' });
  });

  test('ignores a permit that its block has left unsettled', () => {
    const breaker = circuitBreaker({ trip, clock });
    {
      using permit = breaker.tryAcquire();
      expect(permit).toBeDefined();
    }
    {
      using permit = breaker.tryAcquire();
      permit?.succeed();
    }
    expect(breaker.metrics).toMatchObject({ ignored: 1, successes: 1 });
  });

  test('gives nothing while the circuit is open', () => {
    const breaker = circuitBreaker({ trip, clock });
    breaker.tryAcquire()?.fail(down);
    breaker.tryAcquire()?.fail(down);
    expect(breaker.tryAcquire()).toBeUndefined();
    const lastFailure = { ok: false, error: down };
    expect(breaker.metrics).toMatchObject({ rejected: 1, retryAfterMs: 5_000, lastFailure });
  });
});
