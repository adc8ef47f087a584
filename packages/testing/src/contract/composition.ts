import assert from 'node:assert/strict';
import { compose, contextKey, noop, type Policy } from '@holdfast/policy';
import type { CaseDefinition } from './contract-case.ts';
import { manualOperation, nextTurn, rejectionOf } from './probe.ts';

/** 9 and 11. A policy composes, nests, describes itself, and shares nothing with another. */
export const compositionCases: readonly CaseDefinition[] = [
  {
    name: 'does the same in a pipeline as alone',
    needsTransparent: true,
    async check({ policy }) {
      const error = new Error('boom');
      for (const each of [policy, compose(policy), compose(noop, policy, noop), around(policy)]) {
        assert.equal(await each.execute(() => Promise.resolve(7)), 7);
        assert.equal(await rejectionOf(each.execute(() => Promise.reject(error))), error);
        const { signal } = abortedController();
        assert.equal(await rejectionOf(each.execute(() => 7, { signal })), signal.reason);
      }
    },
  },
  {
    name: 'passes signal, deadline, budget and properties on to a nested call that gets the context',
    needsTransparent: true,
    async check({ policy, another }) {
      const caller = new AbortController();
      const tenant = contextKey<string>('tenant');
      const deadline = performance.now() + 3_600_000;
      const retryBudget = plentifulBudget();
      const inner = another();
      const work = manualOperation<never>();
      const call = policy.outcome(
        (outer) =>
          inner.execute((context) => {
            assert.equal(context.get(tenant), 'acme');
            assert.equal(context.retryBudget, retryBudget);
            assert.ok(context.deadline !== undefined && context.deadline <= deadline);
            return work.operation(context);
          }, outer),
        { signal: caller.signal, deadline, retryBudget, properties: [tenant('acme')] },
      );
      await nextTurn();
      caller.abort(new Error('the caller left'));
      assert.equal(work.signals[0]?.reason, caller.signal.reason);
      work.reject(caller.signal.reason);
      assert.deepEqual(await call, { ok: false, error: caller.signal.reason });
    },
  },
  {
    name: 'describes itself in plain data, which calls do not change',
    async check({ policy }) {
      const before = policy.describe();
      // Infinity is the one option that JSON lacks.
      assert.deepEqual(structuredClone(before), before);
      assert.equal(before.name, policy.name);
      assert.equal(before.layers.length, policy.layers.length);
      await policy.outcome(() => 1);
      await policy.outcome(() => Promise.reject(new Error('boom')));
      assert.deepEqual(policy.describe(), before);
    },
  },
  {
    name: 'shares no layer with another policy that is made the same way',
    check({ policy, another }) {
      const other = another();
      assert.deepEqual(other.describe(), policy.describe());
      for (const layer of other.layers) assert.ok(!policy.layers.includes(layer));
    },
  },
];

function around(policy: Policy<unknown>): Policy<unknown> {
  return compose(compose(noop), compose(compose(policy), noop)).named('nested');
}

function abortedController(): AbortController {
  const controller = new AbortController();
  controller.abort(new Error('the caller left'));
  return controller;
}

function plentifulBudget(): {
  begin(): void;
  end(): void;
  tryRetry(): boolean;
  retryEnded(): void;
} {
  const nothing = (): void => undefined;
  return { begin: nothing, end: nothing, tryRetry: () => true, retryEnded: nothing };
}
