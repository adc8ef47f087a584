import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { isTimeoutError } from '@holdfast/policy';
import type { CaseDefinition } from './contract-case.ts';
import { assertUnheard, isPending, manualOperation, nextTurn, rejectionOf } from './probe.ts';

/** `undefined` becomes the platform's own AbortError. */
const reasons: readonly unknown[] = [new Error('the caller left'), undefined, null, 'stop', 0];
const manyCalls = 1_000;
/** Node warns from the eleventh listener of a signal on. */
const mostListeners = 10;

/** 2. What a caller's abort does, and what it leaves behind. */
export const cancellationCases: readonly CaseDefinition[] = [
  {
    name: 'does not call the operation when the signal is aborted already, and rejects with its reason',
    needsTransparent: true,
    async check({ policy }) {
      for (const given of reasons) {
        const signal = AbortSignal.abort(given);
        let calls = 0;
        const operation = (): number => ++calls;
        const error = await rejectionOf(policy.execute(operation, { signal }));
        assert.ok(Object.is(error, signal.reason));
        const outcome = await policy.outcome(operation, { signal });
        assert.ok(!outcome.ok && Object.is(outcome.error, signal.reason));
        assert.equal(calls, 0);
        assertUnheard(signal);
      }
    },
  },
  {
    name: 'aborts the signal of a running operation with the reason of the caller',
    async check({ policy }) {
      for (const given of reasons) {
        const caller = new AbortController();
        const work = manualOperation<number>();
        const call = policy.outcome(work.operation, { signal: caller.signal });
        await nextTurn();
        caller.abort(given);
        assert.equal(work.signals.length, 1);
        assert.equal(work.signals[0]?.aborted, true);
        assert.ok(Object.is(work.signals[0]?.reason, caller.signal.reason));
        work.reject(caller.signal.reason);
        await call;
        await nextTurn();
        assertUnheard(caller.signal);
      }
    },
  },
  {
    name: 'rejects at once on an abort if it stops waiting, or else waits for the operation',
    needsTransparent: true,
    async check({ policy, detaches }) {
      const caller = new AbortController();
      const work = manualOperation<string>();
      const call = policy.outcome(work.operation, { signal: caller.signal });
      await nextTurn();
      caller.abort(new Error('the caller left'));
      assert.equal(await isPending(call), !detaches);
      work.resolve('done all the same');
      const expected = detaches
        ? { ok: false, error: caller.signal.reason }
        : { ok: true, value: 'done all the same' };
      assert.deepEqual(await call, expected);
    },
  },
  {
    name: 'never takes an abort of the caller for a timeout',
    needsTransparent: true,
    async check({ policy }) {
      const caller = new AbortController();
      const call = policy.execute(obedient, { signal: caller.signal });
      await nextTurn();
      caller.abort();
      const error = await rejectionOf(call);
      assert.equal(error, caller.signal.reason);
      assert.equal(isTimeoutError(error), false);
    },
  },
  {
    name: 'bears an abort from inside the operation, before it returns',
    needsTransparent: true,
    async check({ policy, detaches }) {
      const caller = new AbortController();
      const outcome = await policy.outcome(
        ({ signal }) => {
          caller.abort(new Error('the caller left'));
          return signal.aborted;
        },
        { signal: caller.signal },
      );
      assert.deepEqual(
        outcome,
        detaches ? { ok: false, error: caller.signal.reason } : { ok: true, value: true },
      );
      await nextTurn();
      assertUnheard(caller.signal);
    },
  },
  {
    name: 'does not abort the signal of an operation that has succeeded',
    async check({ policy, clock }) {
      const signals: AbortSignal[] = [];
      const { signal: callers } = new AbortController();
      for (const options of [undefined, { signal: callers }]) {
        await policy.outcome(({ signal }) => {
          signals.push(signal);
          return clock.now();
        }, options);
      }
      await clock.advance(24 * 3_600_000);
      assert.deepEqual(
        signals.map((signal) => signal.aborted),
        [false, false],
      );
    },
  },
  {
    name: 'leaves no listener on a signal that serves one call',
    async check({ policy }) {
      for (let i = 0; i < 100; i++) {
        const { signal } = new AbortController();
        await policy.outcome(() => (i % 2 === 0 ? Promise.resolve(i) : Promise.reject(i)), {
          signal,
        });
        await nextTurn();
        assertUnheard(signal);
      }
    },
  },
  {
    name: 'leaves no listener on a signal that serves a thousand calls, one after another or at a time',
    async check({ policy }) {
      const { signal } = new AbortController();
      for (let i = 0; i < manyCalls; i++)
        await policy.outcome(() => Promise.resolve(i), { signal });
      await nextTurn();
      assertUnheard(signal);
      const work = manualOperation<number>();
      const calls = Array.from({ length: manyCalls }, () =>
        policy.outcome(work.operation, { signal }),
      );
      assert.ok(getEventListeners(signal, 'abort').length <= mostListeners);
      work.resolve(1);
      await Promise.all(calls);
      await nextTurn();
      assertUnheard(signal);
    },
  },
  {
    name: 'ends a thousand calls on one signal with its reason',
    needsTransparent: true,
    async check({ policy }) {
      const caller = new AbortController();
      const calls = Array.from({ length: manyCalls }, () =>
        policy.outcome(obedient, { signal: caller.signal }),
      );
      await nextTurn();
      caller.abort(new Error('the caller left'));
      for (const outcome of await Promise.all(calls)) {
        assert.ok(!outcome.ok && outcome.error === caller.signal.reason);
      }
      await nextTurn();
      assertUnheard(caller.signal);
    },
  },
  {
    name: 'goes on as before after many calls that their callers gave up',
    needsTransparent: true,
    async check({ policy }) {
      for (let i = 0; i < 200; i++) {
        const caller = new AbortController();
        const call = policy.outcome(obedient, { signal: caller.signal });
        caller.abort(new Error('the caller left'));
        const outcome = await call;
        assert.ok(!outcome.ok && outcome.error === caller.signal.reason);
      }
      assert.equal(await policy.execute(() => 'in service'), 'in service');
    },
  },
];

/** Rejects with the reason of its signal when that is aborted, as `fetch` does. */
function obedient({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
