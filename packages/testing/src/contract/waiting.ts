import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Policy } from '@holdfast/policy';
import type { CaseDefinition } from './contract-case.ts';
import { assertUnheard, isPending, nextTurn, rejectionOf } from './probe.ts';
import { asCallable, type PolicyContractOptions, type Subject } from './subject.ts';

type MakeWaiting = NonNullable<PolicyContractOptions['waiting']>;

interface Waiting {
  readonly policy: Policy<unknown>;
  readonly release: () => Promise<void>;
}

/** 2 and 8, for a call that waits before an attempt. */
export function waitingCases(make: MakeWaiting): readonly CaseDefinition[] {
  const prepare = async ({ clock, random }: Subject): Promise<Waiting> => {
    const { policy, release } = await make({ clock, random });
    return {
      policy: asCallable(policy),
      release: async () => {
        await release();
        await clock.flush();
      },
    };
  };
  return [
    {
      name: 'gives up a wait at once when the caller aborts, and never calls the operation again',
      async check(subject) {
        const { policy, release } = await prepare(subject);
        const caller = new AbortController();
        let calls = 0;
        const call = policy.execute(() => ++calls, { signal: caller.signal });
        assert.equal(await isPending(call), true, 'the call does not wait');
        const callsBefore = calls;
        const abortedAt = subject.clock.now();
        caller.abort(new Error('the caller left'));
        assert.equal(await rejectionOf(call), caller.signal.reason);
        assert.equal(subject.clock.now(), abortedAt);
        await nextTurn();
        assertUnheard(caller.signal);
        await release();
        assert.equal(calls, callsBefore);
      },
    },
    {
      name: 'leaves no listener on the signal of a call that has waited',
      async check(subject) {
        const { policy, release } = await prepare(subject);
        const { signal } = new AbortController();
        const call = policy.outcome(() => 1, { signal });
        assert.equal(await isPending(call), true, 'the call does not wait');
        await release();
        await call;
        await nextTurn();
        assertUnheard(signal);
      },
    },
    {
      name: 'resumes in the async context of the caller that waited',
      async check(subject) {
        const { policy, release } = await prepare(subject);
        const storage = new AsyncLocalStorage<string>();
        const seen: unknown[] = [];
        const call = storage.run('waiter', () =>
          policy.outcome(() => {
            seen.push(storage.getStore());
          }),
        );
        assert.equal(await isPending(call), true, 'the call does not wait');
        await storage.run('releaser', release);
        await call;
        assert.ok(seen.length > 0, 'the operation was not called');
        assert.deepEqual([...new Set(seen)], ['waiter']);
      },
    },
    {
      name: 'rejects with the reason when the abort comes together with the end of the wait',
      async check(subject) {
        const { policy, release } = await prepare(subject);
        const caller = new AbortController();
        const call = policy.outcome(() => 1, { signal: caller.signal });
        assert.equal(await isPending(call), true, 'the call does not wait');
        caller.abort(new Error('the caller left'));
        await release();
        const outcome = await call;
        assert.ok(!outcome.ok && outcome.error === caller.signal.reason);
      },
    },
  ];
}
