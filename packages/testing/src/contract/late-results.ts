import assert from 'node:assert/strict';
import type { CaseDefinition } from './contract-case.ts';
import { manualOperation, nextTurn } from './probe.ts';

/** 3 and 10. What settles after its caller has gone touches nothing, and is nobody's unhandled rejection. */
export const lateResultCases: readonly CaseDefinition[] = [
  {
    name: 'leaves later calls alone when operations of callers that have gone settle',
    needsTransparent: true,
    async check({ policy }) {
      for (const settle of ['resolve', 'reject'] as const) {
        const caller = new AbortController();
        const work = manualOperation<string>();
        const calls = Array.from({ length: 100 }, () =>
          policy.outcome(work.operation, { signal: caller.signal }),
        );
        await nextTurn();
        caller.abort(new Error('the caller left'));
        await nextTurn();
        if (settle === 'resolve') work.resolve('late');
        else work.reject(caller.signal.reason);
        const next = policy.execute(() => 'in time');
        await Promise.all(calls);
        assert.equal(await next, 'in time');
        assert.equal(await policy.execute(() => Promise.resolve('after')), 'after');
      }
    },
  },
  {
    name: 'leaves no rejection unhandled, whatever the order of abort and settling',
    async check({ policy }) {
      const abort = (caller: AbortController): void => caller.abort(new Error('the caller left'));
      for (const turns of [0, 1, 2]) {
        for (const abortFirst of [true, false]) {
          const caller = new AbortController();
          const work = manualOperation<never>();
          const call = policy.outcome(work.operation, { signal: caller.signal });
          if (turns > 1) await nextTurn();
          if (abortFirst) abort(caller);
          if (turns > 0) await nextTurn();
          work.reject(new Error('late'));
          if (turns > 0) await nextTurn();
          if (!abortFirst) abort(caller);
          await call;
        }
      }
    },
  },
  {
    name: 'settles a call once',
    async check({ policy }) {
      let settled = 0;
      const count = (): void => {
        settled++;
      };
      const caller = new AbortController();
      const work = manualOperation<number>();
      policy.execute(work.operation, { signal: caller.signal }).then(count, count);
      await nextTurn();
      work.resolve(1);
      caller.abort();
      await nextTurn();
      assert.equal(settled, 1);
    },
  },
];
