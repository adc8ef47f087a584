import { getEventListeners } from 'node:events';
import { exponential, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';
import { scripted } from '../script.ts';

const failed = new Error('failed');

describe('cockatiel', () => {
  test('maxAttempts: 3 makes four calls; here it makes three', async () => {
    const operation = scripted(virtualClock(), failed);
    await retry({ maxAttempts: 3, backoff: [0] }).outcome(operation);
    expect(operation.startedAt).toHaveLength(3);
  });

  test('retries for ever without options; here a retry ends by itself', async () => {
    const clock = virtualClock();
    await clock.runUntil(retry({ clock }).outcome(scripted(clock, failed)));
    expect(clock.now()).toBeLessThanOrEqual(300);
  });

  test('an abort in a back-off is noticed after it, and the function called again', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, failed);
    const caller = new AbortController();
    const policy = retry({ backoff: [500], clock });
    const call = policy.outcome(operation, { signal: caller.signal });
    await clock.advance(100);
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    expect([clock.now(), clock.pending]).toEqual([100, 0]);
    await clock.advance(1_000);
    expect(operation.startedAt).toHaveLength(1);
  });

  test('rejects with the last error after an abort (#101); here with the reason of the signal', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const reason = new Error('the caller left');
    const call = retry({ clock }).execute(scripted(clock, failed), { signal: caller.signal });
    call.catch(() => undefined);
    await clock.flush();
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test('calls the function although the signal is aborted already', async () => {
    const operation = scripted(virtualClock(), 'value');
    const call = retry().outcome(operation, { signal: AbortSignal.abort('before') });
    expect(await call).toEqual({ ok: false, error: 'before' });
    expect(operation.startedAt).toEqual([]);
  });

  test.each(['none', 'full', 'equal', 'decorrelated'] as const)(
    'ignores the exponent with jitter; here the factor counts with jitter %s',
    (jitter) => {
      const outcome = { ok: false, error: failed } as const;
      const context = { attempt: 4, step: 4, outcome, previousDelayMs: 100, elapsedMs: 0 };
      const delayOf = (factor: number): unknown =>
        exponential({ initialMs: 10, factor, jitter, random: () => 0.5 })(context);
      expect(delayOf(3)).toBeGreaterThan(delayOf(2) as number);
    },
  );

  test('the decorrelated jitter became NaN (#86)', () => {
    const backoff = exponential({ initialMs: 0, jitter: 'decorrelated' });
    const outcome = { ok: false, error: failed } as const;
    for (const previousDelayMs of [undefined, 0]) {
      const context = { attempt: 5_000, step: 5_000, outcome, previousDelayMs, elapsedMs: 0 };
      expect(backoff(context)).toBe(0);
    }
  });

  test('counts attempts from 0 in the call and from 1 in events (#90); here both count from 1', async () => {
    const told: unknown[] = [];
    const policy = retry({ backoff: [0] });
    policy.on('retried', ({ attempt }) => told.push(`retried ${attempt}`));
    await policy.outcome(({ attempt }) => {
      told.push(`attempt ${attempt}`);
      throw failed;
    });
    expect(told).toEqual(['attempt 1', 'retried 1', 'attempt 2', 'retried 2', 'attempt 3']);
  });

  test('a listener that throws makes a call that succeeded run again', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, failed, 'value');
    const policy = retry({ backoff: [0], clock });
    const boom = (): never => {
      throw new Error('a bad listener');
    };
    policy.on('retried', boom);
    policy.on('recovered', boom);
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(await policy.execute(operation)).toBe('value');
    expect(warned).toHaveBeenCalledTimes(2);
    warned.mockRestore();
    expect(operation.startedAt).toHaveLength(2);
  });

  test('the first back-off was 0 (#30)', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, failed);
    const backoff = exponential({ initialMs: 128, jitter: 'none' });
    await clock.runUntil(retry({ backoff, clock }).outcome(operation));
    expect(operation.startedAt).toEqual([0, 128, 384]);
  });

  test('listeners pile up on a signal that calls share (#69, #81)', async () => {
    const { signal } = new AbortController();
    const policy = retry({ backoff: [0] });
    for (let i = 0; i < 100; i++) {
      await policy.outcome(scripted(virtualClock(), failed), { signal });
    }
    await virtualClock().flush();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
