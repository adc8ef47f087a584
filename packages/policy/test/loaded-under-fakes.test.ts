import type * as Timeouts from '@holdfast/timeout';
import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function loadUnderFakes(): Promise<typeof Timeouts> {
  vi.resetModules();
  vi.useFakeTimers();
  return import('@holdfast/timeout');
}

test('loaded under fake timers, a timeout obeys them', async () => {
  const { timeout } = await loadUnderFakes();
  const never = (): Promise<never> => new Promise(() => undefined);
  const result = timeout({ afterMs: 100 }).outcome(never);
  vi.advanceTimersByTime(100);
  vi.useRealTimers();
  expect(await result).toMatchObject({ ok: false, error: { timeoutMs: 100 } });
});

test('loaded under fake timers that have gone, a timeout obeys the real ones', async () => {
  const { timeout } = await loadUnderFakes();
  vi.useRealTimers();
  const never = (): Promise<never> => new Promise(() => undefined);
  const began = performance.now();
  const outcome = await timeout({ afterMs: 20 }).outcome(never);
  expect(outcome).toMatchObject({ ok: false, error: { timeoutMs: 20 } });
  expect(performance.now() - began).toBeGreaterThanOrEqual(20);
});

test('loaded under fake timers that have gone, an abort is heard and nothing is left', async () => {
  const { timeout } = await loadUnderFakes();
  vi.useRealTimers();
  const controller = new AbortController();
  const { signal } = controller;
  const never = (): Promise<never> => new Promise(() => undefined);
  const policy = timeout();
  const result = policy.outcome(never, { signal });
  await turn();
  controller.abort('enough');
  expect(await result).toEqual({ ok: false, error: 'enough' });
  const other = new AbortController().signal;
  await policy.execute(async (context) => context.signal.aborted, { signal: other });
  await turn();
  expect(getEventListeners(other, 'abort')).toHaveLength(0);
});
