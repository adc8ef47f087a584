import assert from 'node:assert/strict';
import { isTimeoutError } from '@holdfast/policy';
import type { CaseDefinition } from './contract-case.ts';
import { nextTurn } from './probe.ts';

/** 6. Time comes from the clock that was injected, and a deadline is never overrun. */
export const timeCases: readonly CaseDefinition[] = [
  {
    name: 'takes the time from its own clock, never from the process',
    async check({ policy }) {
      const uses = await usesOfRealTime(async () => {
        for (let i = 0; i < 50; i++) {
          await policy.outcome(() => Promise.resolve(i));
          await policy.outcome(() => Promise.reject(i));
        }
      });
      assert.deepEqual(uses, []);
    },
  },
  {
    name: 'does not call the operation once the deadline of the call has passed',
    needsTransparent: true,
    async check({ policy, clock }) {
      await clock.advance(1_000);
      let calls = 0;
      const outcome = await policy.outcome(() => ++calls, { deadline: -1 });
      assert.ok(!outcome.ok && isTimeoutError(outcome.error));
      assert.equal(outcome.error.started, false);
      assert.equal(calls, 0);
    },
  },
  {
    name: 'tells the operation the deadline of the call, or an earlier one',
    async check({ policy }) {
      const deadline = performance.now() + 3_600_000;
      let seen: number | undefined;
      await policy.outcome(
        (context) => {
          seen = context.deadline;
        },
        { deadline },
      );
      assert.ok(seen !== undefined && seen <= deadline);
    },
  },
];

/** Runs `action` and tells which means of telling the real time were used. */
async function usesOfRealTime(action: () => Promise<void>): Promise<string[]> {
  const uses = new Set<string>();
  const restore = [
    spy(globalThis, 'setTimeout', uses),
    spy(globalThis, 'setInterval', uses),
    spy(performance, 'now', uses),
    spy(Date, 'now', uses),
  ];
  try {
    await action();
    await nextTurn();
  } finally {
    for (const each of restore) each();
  }
  return [...uses];
}

function spy<Name extends string>(
  target: { [N in Name]: unknown },
  name: Name,
  uses: Set<string>,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original = target[name] as (...args: unknown[]) => unknown;
  const replacement = (...args: unknown[]): unknown => {
    uses.add(name);
    return original.apply(target, args);
  };
  Object.defineProperty(target, name, { value: replacement, configurable: true, writable: true });
  return () => {
    if (descriptor !== undefined) Object.defineProperty(target, name, descriptor);
    else delete (target as Partial<typeof target>)[name];
  };
}
