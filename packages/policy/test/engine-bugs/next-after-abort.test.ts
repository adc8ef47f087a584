import { compose, definePolicy, TimeoutError } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';

test('next() begins nothing once a cooperative timeout outside has struck', async () => {
  const clock = virtualClock();
  const twice = definePolicy('twice', async (next) => {
    try {
      return await next();
    } catch {
      return next();
    }
  });
  const policy = compose(timeout({ afterMs: 10, mode: 'cooperative', clock }), twice);
  const operation = vi.fn(({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => reject(new Error('stopped')));
    return promise;
  });
  const result = policy.outcome(operation);
  await clock.advance(10);
  expect(await result).toMatchObject({ ok: false, error: expect.any(TimeoutError) as unknown });
  expect(operation).toHaveBeenCalledOnce();
});

test('what next() answers to a caller who has given up may be ignored', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const controller = new AbortController();
  const careless = definePolicy<string>('careless', (next) => {
    void next();
    void next();
    return Promise.resolve('all the same');
  });
  const { signal } = controller;
  const result = await careless.outcome(() => controller.abort('enough'), { signal });
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(result.ok).toBe(true);
  expect(unhandled).not.toHaveBeenCalled();
});
