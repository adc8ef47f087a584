import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { noop } from '@holdfast/policy';
import { expect, test } from 'vitest';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
    if (reference.deref() === undefined) return true;
  }
  return false;
}

// A record that waitUntil holds open keeps the answer alive: a response that everybody has forgotten can
// then never be collected, and its body holds its place in a bulkhead until the deadline.
test('an answer that has gone out is not kept by work that is still open', async () => {
  const work = Promise.withResolvers<void>();
  const call = async (): Promise<WeakRef<object>> =>
    new WeakRef(
      await noop.execute((context) => {
        context.waitUntil(work.promise);
        return Promise.resolve({});
      }),
    );

  const reference = await call();
  expect(await isCollected(reference)).toBe(true);
  work.resolve();
});
