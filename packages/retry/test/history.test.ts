import { channel } from 'node:diagnostics_channel';
import { compose, type Outcome, retryBudget } from '@holdfast/policy';
import { constant, delays, type GaveUpEvent, type RecoveredEvent, retry } from '@holdfast/retry';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';
import { Gate, Refusal } from './script.ts';

const first = new Error('first');
const second = new Error('second');

/** An operation that takes its time, and ends as a list says; the last item serves for all after it. */
function slow(clock: VirtualClock, steps: readonly [takesMs: number, end: unknown][]) {
  let calls = 0;
  return async (): Promise<unknown> => {
    const [takesMs, end] = steps[Math.min(calls++, steps.length - 1)] as [number, unknown];
    await new Promise<void>((resolve) => {
      clock.setTimeout(resolve, takesMs);
    });
    if (end instanceof Error) throw end;
    return end;
  };
}

function failed(error: Error): Outcome<never> {
  return { ok: false, error };
}

describe('the history', () => {
  test('of a call that recovers has every attempt, its delay and how long it took', async () => {
    const clock = virtualClock();
    const policy = retry({ backoff: delays([100, 200]), clock });
    const events: RecoveredEvent[] = [];
    policy.on('recovered', (event) => events.push(event));
    const operation = slow(clock, [
      [5, first],
      [7, second],
      [9, 'value'],
    ]);
    await clock.runUntil(policy.execute(operation));
    expect(events).toMatchObject([{ attempts: 3, omitted: 0 }]);
    expect(events[0]?.history).toEqual([
      { attempt: 1, outcome: failed(first), delayMs: 0, durationMs: 5 },
      { attempt: 2, outcome: failed(second), delayMs: 100, durationMs: 7 },
      { attempt: 3, outcome: { ok: true, value: 'value' }, delayMs: 200, durationMs: 9 },
    ]);
  });

  test('of a call that is given up too, with refusals and the delay that was really kept', async () => {
    const clock = virtualClock();
    const refusal = new Refusal(300);
    const policy = retry({ backoff: constant(100), maxElapsedMs: 10_000, clock });
    const events: GaveUpEvent[] = [];
    policy.on('gave-up', (event) => events.push(event));
    const call = compose(policy, new Gate({ 2: refusal })).outcome(slow(clock, [[5, first]]));
    await clock.runUntil(call);
    expect(events[0]?.history).toEqual([
      { attempt: 1, outcome: failed(first), delayMs: 0, durationMs: 5 },
      { attempt: 2, outcome: failed(refusal), delayMs: 100, durationMs: 0 },
      { attempt: 3, outcome: failed(first), delayMs: 300, durationMs: 5 },
    ]);
  });

  test.each<[string, (clock: VirtualClock) => object]>([
    ['a budget', (clock) => ({ budget: retryBudget({ clock }) })],
    ['a limit of time', () => ({ maxElapsedMs: 1_000 })],
    ['a predicate', () => ({ shouldRetry: () => true })],
    ['an async predicate', () => ({ shouldRetry: async () => true })],
  ])('is the same with %s', async (_what, options) => {
    const clock = virtualClock();
    const policy = retry({ maxAttempts: 2, backoff: constant(1), clock, ...options(clock) });
    const told = vi.fn();
    policy.on('gave-up', told);
    await clock.runUntil(policy.outcome(slow(clock, [[5, first]])));
    expect(told.mock.lastCall?.[0].history).toMatchObject([
      { attempt: 1, durationMs: 5 },
      { attempt: 2, durationMs: 5 },
    ]);
  });

  test('has the attempt about which a function of the user threw', async () => {
    const clock = virtualClock();
    const policy = retry({
      backoff: () => {
        throw second;
      },
      clock,
    });
    const told = vi.fn();
    policy.on('gave-up', told);
    await clock.runUntil(policy.outcome(slow(clock, [[5, first]])));
    expect(told.mock.lastCall?.[0]).toMatchObject({
      reason: 'callback-threw',
      outcome: failed(second),
      history: [{ attempt: 1, outcome: failed(first), durationMs: 5 }],
    });
  });

  test('keeps the latest 20 attempts, and says how many it omits', async () => {
    const clock = virtualClock();
    const policy = retry({ maxAttempts: Infinity, maxElapsedMs: 49, backoff: constant(1), clock });
    const events: GaveUpEvent[] = [];
    policy.on('gave-up', (event) => events.push(event));
    await clock.runUntil(policy.outcome(slow(clock, [[1, first]])));
    expect(events).toMatchObject([{ attempts: 25, omitted: 5 }]);
    expect(events[0]?.history.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 6),
    );
  });

  test('does not know how long an attempt took that began before anybody listened', async () => {
    const clock = virtualClock();
    const policy = retry({ maxAttempts: 2, backoff: constant(1), clock });
    const call = policy.outcome(slow(clock, [[5, first]]));
    const told = vi.fn();
    policy.on('gave-up', told);
    await clock.runUntil(call);
    expect(told.mock.lastCall?.[0].history).toMatchObject([
      { attempt: 1, durationMs: undefined },
      { attempt: 2, durationMs: 5 },
    ]);
  });

  test('omits what ended before anybody listened', async () => {
    const clock = virtualClock();
    const policy = retry({ maxAttempts: 2, backoff: constant(10), clock });
    const call = policy.outcome(slow(clock, [[5, first]]));
    await clock.advance(10);
    const told = vi.fn();
    policy.on('gave-up', told);
    await clock.runUntil(call);
    expect(told.mock.lastCall?.[0]).toMatchObject({
      attempts: 2,
      omitted: 1,
      history: [{ attempt: 2, delayMs: 10, durationMs: undefined }],
    });
  });

  test.each(['recovered', 'gave-up'] as const)('is heard by the channel of %s', async (name) => {
    const clock = virtualClock();
    const told = vi.fn();
    const topic = channel(`holdfast:retry:${name}`);
    topic.subscribe(told);
    const policy = retry({ maxAttempts: 2, backoff: constant(1), clock });
    const last = name === 'recovered' ? 'value' : second;
    const operation = slow(clock, [
      [5, first],
      [6, last],
    ]);
    await clock.runUntil(policy.outcome(operation));
    topic.unsubscribe(told);
    expect(told.mock.lastCall?.[0]).toMatchObject({
      history: [{ durationMs: 5 }, { delayMs: 1, durationMs: 6 }],
    });
  });

  test('costs no reading of the clock where nobody listens', async () => {
    const clock = virtualClock();
    const now = vi.fn(() => clock.now());
    const policy = retry({
      backoff: constant(0),
      clock: { now, setTimeout: clock.setTimeout.bind(clock) },
    });
    await policy.outcome(() => Promise.reject(first));
    expect(now).not.toHaveBeenCalled();
  });

  test('of calls that succeed at once is not kept', async () => {
    const clock = virtualClock();
    const policy = retry({ clock });
    const told = vi.fn();
    policy.on('recovered', told);
    policy.on('gave-up', told);
    expect(await policy.execute(() => 'value')).toBe('value');
    expect(told).not.toHaveBeenCalled();
  });
});
