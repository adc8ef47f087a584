import { compose, concurrentRetryBudget, retryBudget, type RetryBudget } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { Gate, Refusal, scripted } from './script.ts';

const failed = new Error('failed');

/** Grants some retries and counts what it is told. */
class Ledger implements RetryBudget {
  calls = 0;
  retries = 0;
  begun = 0;
  granted = 0;
  private left: number;

  constructor(left = Number.POSITIVE_INFINITY) {
    this.left = left;
  }

  begin(): void {
    this.calls++;
    this.begun++;
  }

  end(): void {
    this.calls--;
    if (this.calls < 0) throw new Error('a call has ended twice');
  }

  tryRetry(): boolean {
    if (this.left === 0) return false;
    this.left--;
    this.retries++;
    this.granted++;
    return true;
  }

  retryEnded(): void {
    this.retries--;
    if (this.retries < 0) throw new Error('a retry has ended twice');
  }

  get told(): { begun: number; granted: number; calls: number; retries: number } {
    const { begun, granted, calls, retries } = this;
    return { begun, granted, calls, retries };
  }
}

const settled = { calls: 0, retries: 0 };

describe('a retry with a budget', () => {
  test('begins and ends each call once, and each granted retry', async () => {
    const budget = new Ledger();
    await retry({ budget, backoff: constant(0) }).outcome(scripted(virtualClock(), failed));
    expect(budget.told).toEqual({ begun: 1, granted: 2, ...settled });
  });

  test('takes nothing for a call that succeeds', async () => {
    const budget = new Ledger();
    await retry({ budget }).execute(() => 1);
    expect(budget.told).toEqual({ begun: 1, granted: 0, ...settled });
  });

  test('gives up with the last error when there is none left', async () => {
    const budget = new Ledger(1);
    const policy = retry({ budget, backoff: constant(0) });
    const gaveUp = vi.fn();
    policy.on('gave-up', gaveUp);
    const operation = scripted(virtualClock(), failed);
    expect(await policy.outcome(operation)).toEqual({ ok: false, error: failed });
    expect(operation.startedAt).toHaveLength(2);
    expect(gaveUp).toHaveBeenCalledWith(expect.objectContaining({ reason: 'budget', attempts: 2 }));
    expect(budget.told).toEqual({ begun: 1, granted: 1, ...settled });
  });

  test('asks for nothing that would not be used', async () => {
    const budget = new Ledger();
    const policy = retry({ budget, backoff: constant(50), clock: virtualClock() });
    await policy.outcome(scripted(virtualClock(), failed), { deadline: 50 });
    await retry({ budget, maxAttempts: 1 }).outcome(scripted(virtualClock(), failed));
    await retry({ budget, shouldRetry: () => false }).outcome(scripted(virtualClock(), failed));
    expect(budget.told).toEqual({ begun: 3, granted: 0, ...settled });
  });

  test('holds the retry during the back-off and the attempt', async () => {
    const clock = virtualClock();
    const budget = new Ledger();
    const policy = retry({ budget, maxAttempts: 2, backoff: constant(10), clock });
    const done = Promise.withResolvers<string>();
    let calls = 0;
    const call = policy.execute(() => (calls++ === 0 ? Promise.reject(failed) : done.promise));
    await clock.flush();
    expect(budget.told).toMatchObject({ calls: 1, retries: 1 });
    await clock.advance(10);
    expect(budget.told).toMatchObject({ calls: 1, retries: 1 });
    done.resolve('value');
    await call;
    expect(budget.told).toMatchObject(settled);
  });

  test.each(['during the back-off', 'during the further attempt', 'while shouldRetry is asked'])(
    'settles when the caller gives up %s',
    async (moment) => {
      const clock = virtualClock();
      const budget = new Ledger();
      const shouldRetry = (_outcome: unknown, attempt: number): boolean | Promise<boolean> =>
        moment === 'while shouldRetry is asked' && attempt === 2 ? new Promise(() => {}) : true;
      const inner = retry({ budget, shouldRetry, backoff: constant(10), clock });
      const caller = new AbortController();
      let calls = 0;
      const call = compose(timeout({ clock }), inner).outcome(
        () => {
          if (++calls > 1 && moment === 'during the further attempt') return new Promise(() => {});
          throw failed;
        },
        { signal: caller.signal },
      );
      await clock.advance(moment === 'during the back-off' ? 5 : 15);
      caller.abort('enough');
      expect(await call).toEqual({ ok: false, error: 'enough' });
      expect(budget.told).toMatchObject({ begun: 1, ...settled });
    },
  );

  test('settles when a timeout outside cuts it, not again when the work ends', async () => {
    const clock = virtualClock();
    const budget = new Ledger();
    const retrying = retry({ budget, backoff: constant(0), clock });
    const policy = compose(timeout({ afterMs: 50, clock }), retrying);
    const work = Promise.withResolvers<never>();
    const call = policy.outcome(() => work.promise);
    await clock.runUntil(call);
    expect(budget.told).toEqual({ begun: 1, granted: 0, ...settled });
    work.reject(failed);
    await clock.flush();
    expect(budget.told).toEqual({ begun: 1, granted: 0, ...settled });
  });

  test('settles when a further attempt is refused', async () => {
    const budget = new Ledger();
    const policy = compose(retry({ budget, backoff: constant(0) }), new Gate({ 2: new Refusal() }));
    await policy.outcome(scripted(virtualClock(), failed));
    expect(budget.told).toEqual({ begun: 1, granted: 1, ...settled });
  });

  test.each([
    { ofCall: 0, ofPolicy: 9 },
    { ofCall: 9, ofPolicy: 0 },
  ])('needs the grant of both budgets: %o', async (limits) => {
    const [own, calls] = [new Ledger(limits.ofPolicy), new Ledger(limits.ofCall)];
    const operation = scripted(virtualClock(), failed);
    await retry({ budget: own, backoff: constant(0) }).outcome(operation, { retryBudget: calls });
    for (const { told } of [own, calls]) expect(told).toMatchObject({ begun: 1, ...settled });
    expect(operation.startedAt).toHaveLength(1);
  });

  test('goes on while both budgets grant it', async () => {
    const [own, calls] = [new Ledger(), new Ledger(1)];
    const operation = scripted(virtualClock(), failed);
    await retry({ budget: own, backoff: constant(0) }).outcome(operation, { retryBudget: calls });
    for (const { told } of [own, calls]) expect(told).toMatchObject({ begun: 1, ...settled });
    expect(operation.startedAt).toHaveLength(2);
  });

  test('nested retries share the one of the call', async () => {
    const budget = new Ledger(2);
    const operation = scripted(virtualClock(), failed);
    const each = retry({ maxAttempts: 5, backoff: constant(0) });
    await compose(each, each).outcome(operation, { retryBudget: budget });
    expect(operation.startedAt).toHaveLength(3);
    expect(budget.told).toMatchObject(settled);
  });
});

describe('a budget that throws', () => {
  const broken = new Error('broken');
  const throwing = (method: keyof RetryBudget): RetryBudget =>
    Object.assign(new Ledger(), {
      [method]: () => {
        throw broken;
      },
    });

  test.each(['begin', 'tryRetry'] as const)(
    'in %s ends the call with that error',
    async (method) => {
      const policy = retry({ budget: throwing(method), backoff: constant(0) });
      await expect(policy.execute(scripted(virtualClock(), failed))).rejects.toBe(broken);
    },
  );

  test.each(['end', 'retryEnded'] as const)('in %s changes no outcome', async (method) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const policy = retry({ budget: throwing(method), backoff: constant(0) });
    expect(await policy.execute(scripted(virtualClock(), failed, 'value'))).toBe('value');
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('under an outage', () => {
  test('a shared windowed budget keeps the load within a fifth on top', async () => {
    const clock = virtualClock();
    const budget = retryBudget({ minPerSecond: 0, clock });
    const policy = retry({ budget, backoff: constant(0), clock });
    const operation = scripted(clock, failed);
    for (let i = 0; i < 1_000; i++) await policy.outcome(operation);
    expect(operation.startedAt.length).toBeGreaterThan(1_190);
    expect(operation.startedAt.length).toBeLessThanOrEqual(1_200);
  });

  test('a shared concurrent budget keeps to a fifth of the active calls', async () => {
    const clock = virtualClock();
    const budget = concurrentRetryBudget();
    const policy = retry({ budget, maxAttempts: 2, backoff: constant(10), clock });
    const operation = scripted(clock, failed);
    const calls = Array.from({ length: 100 }, () => policy.outcome(async () => operation()));
    await clock.runUntilIdle();
    await Promise.all(calls);
    expect(operation.startedAt.length).toBeLessThanOrEqual(120);
    expect(operation.startedAt.length).toBeGreaterThan(103);
    expect(budget.available).toBe(3);
  });
});
