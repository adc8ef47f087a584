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
        const seen: unknown[] = [];
        await policy.outcome(async () => {
          seen.push(storage.getStore());
          await nextTurn();
          seen.push(storage.getStore());
        });
        assert.deepEqual([...seen, storage.getStore()], [id, id, id]);
      }
      await Promise.all(Array.from({ length: 50 }, (_, id) => storage.run(id, () => call(id))));
    },
  },
];
