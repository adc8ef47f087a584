import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { CaseDefinition } from './contract-case.ts';
import { nextTurn } from './probe.ts';

/** 8. An operation runs in the async context of its own caller. */
export const asyncContextCases: readonly CaseDefinition[] = [
  {
    name: 'runs each operation in the async context of its caller, and goes on there after it',
    async check({ policy }) {
      const storage = new AsyncLocalStorage<number>();
      async function call(id: number): Promise<void> {
        await policy.outcome(async () => {
          assert.equal(storage.getStore(), id, 'in the operation');
          await nextTurn();
          assert.equal(storage.getStore(), id, 'later in the operation');
        });
        assert.equal(storage.getStore(), id, 'after the call');
      }
      await Promise.all(Array.from({ length: 50 }, (_, id) => storage.run(id, () => call(id))));
    },
  },
];
