import { compose } from '@holdfast/policy';
import { bulkhead } from '@holdfast/bulkhead';
import { timeout } from '@holdfast/timeout';
import { expect, test } from 'vitest';

const never = (): Promise<never> => new Promise(() => undefined);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['sealed', Object.seal],
  ['not extensible', Object.preventExtensions],
])('a signal that is %s cancels as any other', async (_kind, harden) => {
  const controller = new AbortController();
  const { signal } = controller;
  harden(signal);
  const places = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
  const running = compose(timeout(), places).outcome(never, { signal });
  const queued = places.outcome(never, { signal });
  await turn();
  controller.abort('enough');
  expect(await running).toEqual({ ok: false, error: 'enough' });
  expect(await queued).toEqual({ ok: false, error: 'enough' });
  expect(places.queued).toBe(0);
});

test('a frozen signal, which can never be aborted, does no harm', async () => {
  const signal = Object.freeze(new AbortController().signal);
  const work = Promise.withResolvers<string>();
  const result = timeout().execute(() => work.promise, { signal });
  await turn();
  work.resolve('done');
  expect(await result).toBe('done');
  await turn();
});
