import { AsyncLocalStorage } from 'node:async_hooks';
import { compose, definePolicy } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';
import { Again } from './engine/layers.ts';

const storage = new AsyncLocalStorage<string>();

test('an attempt after a timeout has cut the one before runs in the context of the caller', async () => {
  const clock = virtualClock();
  const seen: unknown[] = [];
  const policies = {
    aggressive: compose(new Again(clock, 3, 1), timeout({ afterMs: 5, clock })),
    outside: compose(
      timeout({ afterMs: 100, clock }),
      new Again(clock, 3, 1),
      timeout({ afterMs: 5, clock }),
    ),
    defined: compose(
      definePolicy('twice', async (next) => {
        try {
          return await next();
        } catch {
          return next();
        }
      }),
      timeout({ afterMs: 5, clock }),
    ),
  };
  for (const policy of Object.values(policies)) {
    const operation = (): Promise<never> => {
      seen.push(storage.getStore());
      return new Promise(() => undefined);
    };
    const calls = ['a', 'b'].map((id) => storage.run(id, () => policy.outcome(operation)));
    await storage.run('the clock', () => clock.runUntil(Promise.all(calls)));
  }
  expect(seen).toEqual([
    'a',
    'b',
    'a',
    'b',
    'a',
    'b',
    'a',
    'b',
    'a',
    'b',
    'a',
    'b',
    'a',
    'b',
    'a',
    'b',
  ]);
});
