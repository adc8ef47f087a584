import assert from 'node:assert/strict';
import type { CaseDefinition } from './contract-case.ts';
import { rejectionOf } from './probe.ts';

const values: readonly unknown[] = [
  undefined,
  null,
  0,
  '',
  Number.NaN,
  { id: 1 },
  () => 'a function',
  new Error('an error as a value'),
];
const errors: readonly unknown[] = [
  new Error('boom'),
  'a string',
  undefined,
  null,
  0,
  { code: 'E_ODD' },
];

type Settle = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void;

/** A promise of another make. */
function thenable(settle: Settle): PromiseLike<unknown> {
  // oxlint-disable-next-line unicorn/no-thenable -- to be one is its purpose
  return { then: settle } as never;
}

/** 1. The operation's value and its very error come back. */
export const resultCases: readonly CaseDefinition[] = [
  {
    name: 'returns the very value of the operation, whether it comes at once or later',
    needsTransparent: true,
    async check({ policy }) {
      for (const value of values) {
        assert.ok(Object.is(await policy.execute(() => value), value));
        assert.ok(Object.is(await policy.execute(() => Promise.resolve(value)), value));
        assert.ok(
          Object.is(await policy.execute(() => thenable((resolve) => resolve(value))), value),
        );
      }
    },
  },
  {
    name: 'rejects with the very error of the operation, whether it throws or rejects',
    needsTransparent: true,
    async check({ policy }) {
      for (const error of errors) {
        const thrown = policy.execute(() => {
          throw error;
        });
        assert.ok(Object.is(await rejectionOf(thrown), error));
        assert.ok(Object.is(await rejectionOf(policy.execute(() => Promise.reject(error))), error));
        const foreign = policy.execute(() => thenable((_resolve, reject) => reject(error)));
        assert.ok(Object.is(await rejectionOf(foreign), error));
      }
    },
  },
  {
    name: 'leaves the properties and the stack of an error alone',
    needsTransparent: true,
    async check({ policy }) {
      const error = Object.freeze(new Error('frozen'));
      const { stack } = error;
      assert.equal(await rejectionOf(policy.execute(() => Promise.reject(error))), error);
      assert.equal(error.stack, stack);
    },
  },
  {
    name: 'turns whatever happens into an outcome that never rejects',
    needsTransparent: true,
    async check({ policy }) {
      const error = new Error('boom');
      assert.deepEqual(await policy.outcome(() => 7), { ok: true, value: 7 });
      assert.deepEqual(await policy.outcome(() => Promise.resolve(undefined)), {
        ok: true,
        value: undefined,
      });
      const rejected = await policy.outcome(() => Promise.reject(error));
      assert.deepEqual(Object.keys(rejected), ['ok', 'error']);
      assert.ok(!rejected.ok && rejected.error === error);
      const thrown = await policy.outcome(() => {
        throw error;
      });
      assert.ok(!thrown.ok && thrown.error === error);
    },
  },
  {
    name: 'calls the operation once, with a context',
    needsTransparent: true,
    async check({ policy }) {
      let calls = 0;
      await policy.execute((context) => {
        calls++;
        assert.equal(context.attempt, 1);
        assert.ok(context.signal instanceof AbortSignal);
        assert.equal(context.signal, context.signal);
        assert.equal(context.signal.aborted, false);
      });
      assert.equal(calls, 1);
    },
  },
  {
    name: 'rejects with a TypeError when the operation is not a function',
    async check({ policy }) {
      for (const operation of [undefined, null, 1, Promise.resolve(1)]) {
        assert.ok((await rejectionOf(policy.execute(operation as never))) instanceof TypeError);
      }
    },
  },
  {
    name: 'wraps a function and keeps its arguments and its `this`',
    needsTransparent: true,
    async check({ policy }) {
      const counter = {
        base: 40,
        add: policy.wrap(function add(this: { base: number }, left: number, right: number) {
          return this.base + left * right;
        }),
      };
      assert.equal(await counter.add(1, 2), 42);
    },
  },
  {
    name: 'keeps results of many calls at a time apart',
    needsTransparent: true,
    async check({ policy }) {
      const calls = Array.from({ length: 1_000 }, (_, i) =>
        policy.outcome(() => (i % 2 === 1 ? Promise.reject(i) : Promise.resolve(i))),
      );
      for (const [i, outcome] of (await Promise.all(calls)).entries()) {
        assert.deepEqual(outcome, i % 2 === 1 ? { ok: false, error: i } : { ok: true, value: i });
      }
    },
  },
];
