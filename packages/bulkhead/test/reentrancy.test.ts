import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bulkhead, isBulkheadReentrancyError } from '@holdfast/bulkhead';
import { compose, definePolicy, isRejectedError } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { reactions, work } from './work.ts';

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const again = definePolicy('again', async (next) => {
  try {
    return await next();
  } catch {
    return next();
  }
});

describe('a nested call that was given the context of the outer one', () => {
  test('is rejected where it would queue behind the outer one', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 10 });
    const operation = vi.fn();
    const heard = vi.fn();
    policy.on('rejected', heard);
    const error = await policy
      .execute((context) => policy.execute(operation, context))
      .catch((reason: unknown) => reason);

    expect(isBulkheadReentrancyError(error) && isRejectedError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'BULKHEAD_REENTRANCY', policy: 'bulkhead' });
    expect(operation).not.toHaveBeenCalled();
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ reason: 'reentrancy' }));
    expect([policy.active, policy.queued]).toEqual([0, 0]);
  });

  test('goes in where there is room', async () => {
    const policy = bulkhead({ maxConcurrent: 2 });
    const inner = await policy.execute((context) => policy.execute(() => 'inner', context));
    expect(inner).toBe('inner');
  });

  test('is recognised through other policies, attempts and branches', async () => {
    const clock = virtualClock();
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 10, clock });
    const other = bulkhead({ clock });
    const pipeline = compose(policy, again, timeout({ afterMs: 100, clock }));
    let attempts = 0;
    const call = pipeline.outcome((context) => {
      if (attempts++ === 0) return work().operation(context);
      return other.execute((inner) => policy.execute(() => 2, inner), context);
    });
    await clock.advance(100);
    expect(await call).toMatchObject({ error: { code: 'BULKHEAD_REENTRANCY' } });
    expect(attempts).toBe(2);
  });

  test('may queue once the outer one has ended', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const contexts: Parameters<Parameters<typeof policy.execute>[0]>[0][] = [];
    await policy.execute((context) => contexts.push(context));
    const place = policy.tryAcquire();
    const call = policy.execute(() => 'later', contexts[0]);
    place?.release();
    expect(await call).toBe('later');
  });

  test('may queue in another bulkhead', async () => {
    const outer = bulkhead();
    const inner = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const place = inner.tryAcquire();
    const call = outer.execute((context) => inner.execute(() => 'inner', context));
    place?.release();
    expect(await call).toBe('inner');
  });
});

describe('a nested call without the context', () => {
  test('queues, unless detectReentrancy is on', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    const controller = new AbortController();
    const call = policy.outcome(() => policy.execute(() => 1, { signal: controller.signal }));
    await reactions();
    expect([policy.active, policy.queued]).toEqual([1, 1]);
    controller.abort('deadlock');
    expect(await call).toEqual({ ok: false, error: 'deadlock' });
  });

  test('is detected by the async context', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, detectReentrancy: true });
    const nested = async (): Promise<unknown> => {
      await reactions();
      return policy.execute(() => 1);
    };
    await expect(policy.execute(nested)).rejects.toMatchObject({ code: 'BULKHEAD_REENTRANCY' });
    await expect(compose(again, policy, again).execute(nested)).rejects.toMatchObject({
      code: 'BULKHEAD_REENTRANCY',
    });
    expect(policy.describe().layers[0]?.options).toMatchObject({ detectReentrancy: true });
  });

  test('is detected by the context as well', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1, detectReentrancy: true });
    const elsewhere = new AsyncLocalStorage();
    const call = policy.execute((context) =>
      elsewhere.exit(() => policy.execute(() => 1, context)),
    );
    await expect(call).rejects.toMatchObject({ code: 'BULKHEAD_REENTRANCY' });
  });

  test('may queue when it is from a queued call of another caller, or comes after the end', async () => {
    const policy = bulkhead({ maxConcurrent: 1, maxQueued: 5, detectReentrancy: true });
    const rounds: number[] = [];
    /** Each round starts the next before it ends itself, and does not wait for it. */
    function round(n: number): void {
      setImmediate(() => {
        void policy.execute(() => {
          rounds.push(n);
          if (n < 20) round(n + 1);
        });
      });
    }
    round(1);
    while (rounds.length < 20) await reactions();
    expect(rounds).toHaveLength(20);
    const place = policy.tryAcquire();
    const calls = [1, 2].map((each) => policy.execute(() => each));
    place?.release();
    expect(await Promise.all(calls)).toEqual([1, 2]);
  });

  test('keeps the async context of the caller, sync results and errors', async () => {
    const storage = new AsyncLocalStorage<string>();
    const policy = bulkhead({ detectReentrancy: true });
    expect(await storage.run('mine', () => policy.execute(() => storage.getStore()))).toBe('mine');
    const error = new Error('thrown');
    const thrown = policy.execute(() => {
      throw error;
    });
    await expect(thrown).rejects.toBe(error);
    expect(policy.active).toBe(0);
  });

  test('remembers no operations that have ended, however long they start one another', async () => {
    const policy = bulkhead({ maxConcurrent: 10, detectReentrancy: true });
    const first: WeakRef<object>[] = [];
    const last = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    async function operation(context: object, depth: number): Promise<void> {
      if (depth < 10) first.push(new WeakRef(context));
      await Promise.resolve();
      if (depth < 100) void policy.execute((inner) => operation(inner, depth + 1));
      else {
        reached.resolve();
        await last.promise;
      }
    }
    const call = policy.execute((context) => operation(context, 0));
    await reached.promise;
    const survivors = (): number[] =>
      first.flatMap((each, i) => (each.deref() === undefined ? [] : [i]));
    // What a WeakRef has been made for, or asked for, lives until the end of that turn of the loop.
    for (let turn = 0; turn < 10 && survivors().length > 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    expect(survivors()).toEqual([]);
    last.resolve();
    await call;
  });
});
