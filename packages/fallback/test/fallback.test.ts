import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead } from '@holdfast/bulkhead';
import { fallback } from '@holdfast/fallback';
import { compose, definePolicy, type ExecutionContext, type Outcome } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';

const failed = new Error('the operation failed');
const failing = async (): Promise<never> => {
  throw failed;
};

describe('a fallback to a value', () => {
  test('answers with the very value when the operation fails', async () => {
    const value = { level: 0 };
    expect(await fallback({ value }).execute(failing)).toBe(value);
  });

  test('leaves a success as it is', async () => {
    expect(await fallback({ value: 'none' }).execute(() => 'mine')).toBe('mine');
  });

  test('answers with undefined when that is the value', async () => {
    expect(await fallback({ value: undefined }).execute(failing)).toBeUndefined();
  });

  test('replaces a synchronous throw too', async () => {
    const policy = fallback({ value: 'none' });
    const thrown = policy.execute(() => {
      throw failed;
    });
    expect(await thrown).toBe('none');
  });

  test('is told as an outcome like any other answer', async () => {
    expect(await fallback({ value: 0 }).outcome(failing)).toEqual({ ok: true, value: 0 });
  });

  test('replaces the rejection of an inner policy', async () => {
    const full = bulkhead({ maxConcurrent: 1 });
    full.tryAcquire();
    expect(await compose(fallback({ value: 'none' }), full).execute(() => 'mine')).toBe('none');
  });
});

describe('a fallback to a function', () => {
  test('gets the outcome and the context of the call', async () => {
    const use = vi.fn((_outcome: Outcome<unknown>, context: ExecutionContext) => context.attempt);
    const answer = await fallback({ use }).execute(failing, { deadline: Number.MAX_VALUE });

    expect(answer).toBe(1);
    expect(use).toHaveBeenCalledOnce();
    expect(use.mock.calls[0]?.[0]).toEqual({ ok: false, error: failed });
    expect(use.mock.calls[0]?.[1].deadline).toBe(Number.MAX_VALUE);
  });

  test('may be asynchronous', async () => {
    expect(await fallback({ use: async () => 'later' }).execute(failing)).toBe('later');
  });

  test('throws what the function throws, at once or later', async () => {
    const other = new Error('no alternative either');
    const sync = fallback({
      use: () => {
        throw other;
      },
    });
    const async = fallback({ use: () => Promise.reject(other) });

    await expect(sync.execute(failing)).rejects.toBe(other);
    await expect(async.execute(failing)).rejects.toBe(other);
  });

  test('is not called for a success', async () => {
    const use = vi.fn(() => 'never');
    await fallback({ use }).execute(() => 1);
    expect(use).not.toHaveBeenCalled();
  });

  test('runs in the async context of the caller, also when a timer cut the operation off', async () => {
    const clock = virtualClock();
    const storage = new AsyncLocalStorage<number>();
    const policy = compose(
      fallback({ chain: [() => Promise.reject(failed), () => storage.getStore()] }),
      timeout({ afterMs: 100, clock }),
    );
    const calls = [1, 2, 3].map((id) =>
      storage.run(id, () => policy.execute(() => new Promise(() => 0))),
    );

    await clock.advance(100);

    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
  });

  test('has a signal of its own after an inner timeout has aborted that of the operation', async () => {
    const clock = virtualClock();
    let isAborted: boolean | undefined;
    const policy = compose(
      fallback({
        use: (_, { signal }): void => {
          isAborted = signal.aborted;
        },
      }),
      timeout({ afterMs: 100, clock }),
    );
    const call = policy.execute(() => new Promise(() => 0));
    await clock.advance(100);
    await call;

    expect(isAborted).toBe(false);
  });
});

describe('a chain', () => {
  test('is tried in turn until one does not throw, each with the outcome of the operation', async () => {
    const outcomes: unknown[] = [];
    const tries = (result: () => unknown) => (outcome: Outcome<unknown>) => {
      outcomes.push(outcome);
      return result();
    };
    const broken = (): never => {
      throw new Error('broken');
    };
    const last = vi.fn();
    const policy = fallback({
      chain: [
        tries(broken),
        tries(async () => broken()),
        tries(broken),
        tries(async () => 'fourth'),
        last,
      ],
    });

    expect(await policy.execute(failing)).toBe('fourth');
    expect(outcomes).toEqual(Array.from({ length: 4 }, () => ({ ok: false, error: failed })));
    expect(last).not.toHaveBeenCalled();
  });

  test('ends with what a synchronous step returns after an asynchronous one has failed', async () => {
    const policy = fallback({ chain: [() => Promise.reject(failed), () => 'second'] });
    expect(await policy.execute(failing)).toBe('second');
  });

  test('throws the error of the last when all have thrown', async () => {
    const last = new Error('the last');
    const throwing = (): never => {
      throw last;
    };
    const sync = fallback({ chain: [() => Promise.reject(failed), throwing] });
    const async = fallback({ chain: [failing, () => Promise.reject(last)] });

    await expect(sync.execute(failing)).rejects.toBe(last);
    await expect(async.execute(failing)).rejects.toBe(last);
  });

  test('is not changed by later changes of the list', async () => {
    const chain = [(): string => 'first'];
    const policy = fallback({ chain });
    chain[0] = () => 'changed';
    expect(await policy.execute(failing)).toBe('first');
  });
});

describe('when', () => {
  test('names the errors to replace', async () => {
    const policy = fallback({
      when: (outcome) => !outcome.ok && outcome.error === failed,
      value: 0,
    });
    const other = new Error('other');

    expect(await policy.execute(failing)).toBe(0);
    await expect(policy.execute(() => Promise.reject(other))).rejects.toBe(other);
    expect(await policy.execute(() => 5)).toBe(5);
  });

  test('names the results to replace', async () => {
    const policy = fallback({
      when: (outcome: Outcome<readonly string[]>) => outcome.ok && outcome.value.length === 0,
      use: (outcome) => (outcome.ok ? [...outcome.value, 'default'] : []),
    });

    expect(await policy.execute(() => [])).toEqual(['default']);
    expect(await policy.execute(() => ['a'])).toEqual(['a']);
    await expect(policy.execute(failing)).rejects.toBe(failed);
  });

  test('throws to the caller when it throws itself', async () => {
    const bug = new TypeError('bug in when');
    const policy = fallback({
      when: () => {
        throw bug;
      },
      value: 0,
    });
    await expect(policy.execute(failing)).rejects.toBe(bug);
    await expect(policy.execute(() => 1)).rejects.toBe(bug);
  });
});

describe('giving up', () => {
  test('is never replaced', async () => {
    const when = vi.fn(() => true);
    const policy = fallback({ when, value: 'none' });
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = policy.execute(
      async ({ signal }) => {
        await Promise.resolve();
        controller.abort(reason);
        signal.throwIfAborted();
      },
      { signal: controller.signal },
    );

    await expect(call).rejects.toBe(reason);
    expect(when).not.toHaveBeenCalled();
  });

  test('ends the wait for a function at once, and what comes of it is ignored', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const next = vi.fn();
    const onFailed = vi.fn();
    const policy = fallback({ chain: [() => promise, next] });
    policy.on('failed', onFailed);
    const controller = new AbortController();
    const call = policy.execute(failing, { signal: controller.signal });
    await virtualClock().flush();

    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
    reject(new Error('too late'));
    await virtualClock().flush();

    expect(next).not.toHaveBeenCalled();
    expect(onFailed).not.toHaveBeenCalled();
  });

  test('by an outer timeout aborts the signal of the function and ignores its value', async () => {
    const clock = virtualClock();
    const { promise, resolve } = Promise.withResolvers<string>();
    const onFellBack = vi.fn();
    let reason: unknown;
    const policy = fallback({
      use: (_, { signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        return promise;
      },
    });
    policy.on('fell-back', onFellBack);
    const call = compose(timeout({ afterMs: 50, clock }), policy).outcome(failing);
    await clock.advance(50);
    resolve('too late');
    await clock.flush();

    const outcome = await call;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(!outcome.ok && outcome.error).toBe(reason);
    expect(onFellBack).not.toHaveBeenCalled();
  });

  test('does not call the function for an operation that fails after an outer timeout', async () => {
    const clock = virtualClock();
    const use = vi.fn(() => 'never');
    const { promise, reject } = Promise.withResolvers<never>();
    const policy = compose(timeout({ afterMs: 50, clock }), fallback({ when: () => true, use }));
    const call = policy.outcome(() => promise);
    await clock.advance(50);
    await call;
    reject(failed);
    await clock.flush();

    expect(use).not.toHaveBeenCalled();
  });

  test.each(['when', 'use'] as const)('inside `%s` frees each place once', async (place) => {
    const controller = new AbortController();
    const abort = (): boolean => {
      controller.abort('enough');
      return true;
    };
    const inner = bulkhead();
    const outer = bulkhead();
    const policy = compose(
      outer,
      timeout({ clock: virtualClock() }),
      fallback(place === 'when' ? { when: abort, use: () => true } : { use: abort }),
      inner,
    );
    await policy.outcome(failing, { signal: controller.signal });

    expect([outer.active, inner.active]).toEqual([0, 0]);
  });
});

test('the place of an outer bulkhead is held until the function has really ended', async () => {
  const clock = virtualClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const outer = bulkhead();
  const middle = bulkhead();
  const policy = compose(
    outer,
    timeout({ afterMs: 50, clock }),
    middle,
    fallback({ use: () => promise }),
  );
  const call = policy.outcome(failing);
  await clock.advance(50);
  await call;
  expect([outer.active, middle.active]).toEqual([1, 1]);

  resolve();
  await clock.flush();
  expect([outer.active, middle.active]).toEqual([0, 0]);
});

test('answers for a policy that runs the inside itself', async () => {
  const twice = definePolicy('twice', async (next) => {
    await next().catch(() => undefined);
    return next();
  });
  const use = vi.fn(async () => 'fallen');
  expect(await compose(fallback({ use }), twice).execute(failing)).toBe('fallen');
  expect(use).toHaveBeenCalledOnce();
  expect(await compose(twice, fallback({ use })).execute(failing)).toBe('fallen');
  expect(use).toHaveBeenCalledTimes(3);
});

describe('the events', () => {
  test('tell what the caller got in place of what, and from which step', async () => {
    const policy = fallback({ name: 'stock', chain: [failing, () => 'second'] });
    const events: unknown[] = [];
    policy.on('failed', (event) => events.push(event));
    policy.on('fell-back', (event) => events.push(event));

    await policy.execute(failing);

    const outcome = { ok: false, error: failed };
    const from = { kind: 'fallback', policy: 'stock', outcome };
    expect(events).toEqual([
      { ...from, event: 'failed', error: failed, step: 1 },
      { ...from, event: 'fell-back', value: 'second', step: 2 },
    ]);
  });

  test('tell the value of a fallback to a value and to a synchronous function', async () => {
    const heard = vi.fn();
    for (const policy of [fallback({ value: 1 }), fallback({ use: () => 1 })]) {
      policy.on('fell-back', heard);
      await policy.execute(failing);
    }
    expect(heard.mock.calls.map(([event]) => [event.value, event.step])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});

describe('the options', () => {
  test.each([
    [{}, /exactly one of/],
    [{ value: 1, use: () => 1 }, /exactly one of/],
    [{ use: () => 1, chain: [() => 1] }, /exactly one of/],
    [{ use: 1 }, /`use`/],
    [{ chain: [] }, /`chain`/],
    [{ chain: () => 1 }, /`chain`/],
    [{ chain: [() => 1, 2] }, /`chain\[1\]`/],
    [{ value: 1, when: true }, /`when`/],
    [{ value: 1, name: 5 }, /`name`/],
    [{ value: 1, wen: () => true }, /`wen`/],
    [undefined, /options/],
  ] as readonly (readonly [unknown, RegExp])[])('are checked: %o', (options, message) => {
    expect(() => fallback(options as never)).toThrow(TypeError);
    expect(() => fallback(options as never)).toThrow(message);
  });

  test('are told by describe', () => {
    expect(fallback({ value: 5, name: 'five' }).describe()).toEqual({
      name: 'five',
      layers: [{ kind: 'fallback', name: 'five', options: { value: 5 } }],
    });
    expect(fallback({ chain: [() => 1, () => 2] }).describe().layers[0]?.options).toEqual({
      steps: 2,
    });
  });
});
