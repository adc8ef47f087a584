import assert from 'node:assert/strict';
import type { ExecutionContext } from '@holdfast/policy';
import type { CaseDefinition } from './contract-case.ts';
import { nextTurn } from './probe.ts';

/** 5. Work that goes on after the operation's promise. */
export const workCases: readonly CaseDefinition[] = [
  {
    name: 'returns the value although work goes on that waitUntil has named',
    needsTransparent: true,
    async check({ policy }) {
      const body = Promise.withResolvers<void>();
      const value = await policy.execute((context) => {
        context.waitUntil(body.promise);
        return 'headers';
      });
      assert.equal(value, 'headers');
      body.resolve();
      await nextTurn();
      assert.equal(await policy.execute(() => 'next'), 'next');
    },
  },
  {
    name: 'ignores how work ends that waitUntil has named',
    needsTransparent: true,
    async check({ policy }) {
      const failing = Promise.withResolvers<never>();
      const value = await policy.execute((context) => {
        context.waitUntil(failing.promise);
        context.waitUntil(Promise.reject(new Error('the body broke off')));
        return 'headers';
      });
      assert.equal(value, 'headers');
      failing.reject(new Error('the body broke off'));
      await nextTurn();
      assert.equal(await policy.execute(() => 'next'), 'next');
    },
  },
  {
    name: 'throws a TypeError at waitUntil once the operation has settled',
    async check({ policy }) {
      let kept: ExecutionContext | undefined;
      await policy.outcome((context) => {
        kept = context;
        return Promise.resolve();
      });
      assert.throws(() => kept?.waitUntil(Promise.resolve()), TypeError);
    },
  },
];
