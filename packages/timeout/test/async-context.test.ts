import { AsyncLocalStorage } from 'node:async_hooks';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

const storage = new AsyncLocalStorage<string>();

const hang = (): Promise<never> => new Promise(() => undefined);

test('no listener sees the store of another caller whose call armed the timer', async () => {
  const policy = timeout({ afterMs: 10 });
  const seen: (string | undefined)[] = [];
  policy.on('timed-out', () => seen.push(storage.getStore()));
  const call = (id: string): Promise<unknown> =>
    storage.run(id, () =>
      policy.outcome(({ signal }) => {
        signal.addEventListener('abort', () => seen.push(storage.getStore()));
        return hang();
      }),
    );

  await Promise.all([call('first'), call('second')]);
  // The timer of a deadline that only one call has: those of the heap are shared as well.
  const deadline = timeout();
  deadline.on('timed-out', () => seen.push(storage.getStore()));
  await Promise.all(
    ['third', 'fourth'].map((id) =>
      storage.run(id, () => deadline.outcome(hang, { deadline: performance.now() + 10 })),
    ),
  );

  expect(new Set(seen)).toEqual(new Set([undefined]));
});

test('what is tidied up at the end of a turn tells nobody the store of another', async () => {
  const seen: (string | undefined)[] = [];
  const pipeline = compose(retry(), timeout({ afterMs: 1_000 }));
  const caller = new AbortController();
  const call = (id: string): Promise<unknown> =>
    storage.run(id, () =>
      pipeline.outcome(
        ({ signal }) => {
          signal.addEventListener('abort', () => seen.push(storage.getStore()));
          return hang();
        },
        { signal: caller.signal },
      ),
    );

  const calls = [call('first'), call('second')];
  storage.run('who aborts', () => caller.abort());
  await Promise.all(calls);

  // An abort is heard in the context of whoever aborts, as with any signal.
  expect(new Set(seen)).toEqual(new Set(['who aborts']));
});
