import { getEventListeners } from 'node:events';
import { compose, definePolicy, noop } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gate } from './engine/layers.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const count = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('one listener serves any number of calls on one signal, and goes when they have ended', async () => {
  const policy = timeout({ clock: virtualClock() });
  const { signal } = new AbortController();
  const works = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const calls: Promise<unknown>[] = [];
  for (const { promise } of works) {
    calls.push(policy.execute(() => promise, { signal }));
    await turn();
    expect(count(signal)).toBe(1);
  }
  for (const { resolve } of works.toReversed()) resolve();
  await Promise.all(calls);
  await turn();
  expect(count(signal)).toBe(0);
});

test('any interleaving of calls on two signals rejects those whose signal is aborted, and leaves nothing', async () => {
  const step = fc.record({
    act: fc.constantFrom('begin', 'end', 'abort', 'turn'),
    which: fc.nat(7),
    on: fc.nat(1),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const policy = timeout({ clock: virtualClock() });
      const controllers = [new AbortController(), new AbortController()];
      const calls: {
        end: () => void;
        outcome: Promise<unknown>;
        on: number;
        ended: boolean;
        doomed: boolean;
      }[] = [];
      for (const { act, which, on } of steps) {
        const controller = controllers[on] as AbortController;
        if (act === 'begin') {
          const { promise, resolve } = Promise.withResolvers<string>();
          const outcome = policy.outcome(() => promise, { signal: controller.signal });
          calls.push({
            end: () => resolve('done'),
            outcome,
            on,
            ended: false,
            doomed: controller.signal.aborted,
          });
        } else if (act === 'end') {
          const each = calls[which];
          each?.end();
          await turn();
          if (each !== undefined && !each.doomed) each.ended = true;
        } else if (act === 'abort') {
          controller.abort(on);
          for (const each of calls) if (each.on === on && !each.ended) each.doomed = true;
        } else await turn();
        for (const { signal } of controllers) expect(count(signal)).toBeLessThanOrEqual(1);
      }
      for (const { end, outcome, on, doomed } of calls) {
        end();
        expect(await outcome).toEqual(
          doomed ? { ok: false, error: on } : { ok: true, value: 'done' },
        );
      }
      await turn();
      for (const { signal } of controllers) expect(count(signal)).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('a call that settles within the turn and does not look at its signal needs no listener', async () => {
  const { signal } = new AbortController();
  const policy = timeout();
  const call = policy.execute(() => Promise.resolve(1), { signal });
  expect(count(signal)).toBe(0);
  expect(await call).toBe(1);
});

test('an operation that looks at its signal hears of an abort at once', async () => {
  const caller = new AbortController();
  const seen: unknown[] = [];
  const call = timeout().outcome(
    (context) => {
      context.signal.addEventListener('abort', () => seen.push(context.signal.reason));
      caller.abort('enough');
      expect(seen).toEqual(['enough']);
      return 1;
    },
    { signal: caller.signal },
  );
  expect(await call).toEqual({ ok: false, error: 'enough' });
});

test('an abort in the turn in which the call began wins over a result that comes after it', async () => {
  const caller = new AbortController();
  const late: unknown[] = [];
  const policy = timeout({ onLateResult: (value) => void late.push(value) });
  const call = policy.outcome(() => Promise.resolve('late'), { signal: caller.signal });
  caller.abort('enough');
  expect(await call).toEqual({ ok: false, error: 'enough' });
  expect(late).toEqual(['late']);
});

test('a plan that cannot cut hands the signal of the caller through and does not listen to it', async () => {
  const { signal } = new AbortController();
  await compose(
    noop,
    definePolicy('once', (next) => next()),
  ).execute(
    (context) => {
      expect(context.signal).toBe(signal);
      expect(count(signal)).toBe(0);
    },
    { signal },
  );
});

test('an abort while a call waits is heard also where the plan does not cut', async () => {
  const gate = new Gate(1);
  const first = Promise.withResolvers<void>();
  void gate.execute(() => first.promise);
  const caller = new AbortController();
  const call = gate.outcome(() => 1, { signal: caller.signal });
  expect(count(caller.signal)).toBe(1);
  caller.abort('enough');
  expect(await call).toEqual({ ok: false, error: 'enough' });
  expect(gate.queue).toEqual([]);
  first.resolve();
  await turn();
  expect(gate.active).toBe(0);
});

test('an abort from a listener that comes first is heard by calls that are linked meanwhile', async () => {
  const policy = timeout({ clock: virtualClock() });
  const caller = new AbortController();
  const calls: Promise<unknown>[] = [];
  const begin = (): void => {
    calls.push(policy.outcome(() => new Promise(() => undefined), { signal: caller.signal }));
  };
  caller.signal.addEventListener('abort', begin);
  begin();
  begin();
  caller.abort('enough');
  const outcome = { ok: false, error: 'enough' };
  expect(await Promise.all(calls)).toEqual([outcome, outcome, outcome]);
});
