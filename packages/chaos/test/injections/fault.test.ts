import { after, chaos, fault, isChaosError, result, tamper } from '@holdfast/chaos';
import { contextKey } from '@holdfast/policy';
import { describe, expect, test, vi } from 'vitest';

const always = (): boolean => true;

describe('a fault', () => {
  test('fails with a ChaosError, and the operation is not called', async () => {
    const operation = vi.fn(() => 1);

    const outcome = await chaos({ inject: fault(), when: always, name: 'trouble' }).outcome(
      operation,
    );

    expect(!outcome.ok && isChaosError(outcome.error) && outcome.error).toMatchObject({
      name: 'ChaosError',
      code: 'CHAOS_INJECTED',
      injection: 'fault',
      policy: 'trouble',
    });
    expect(operation).not.toHaveBeenCalled();
  });

  test.each([new Error('boom'), 'boom', null, 0, Symbol('boom')])(
    'fails with the very error that it is given',
    async (error) => {
      const policy = chaos({ inject: fault(error), when: always });
      expect(await policy.outcome(() => 1)).toEqual({ ok: false, error });
    },
  );

  test('fails with what its function makes of the context, each time anew', async () => {
    const tenant = contextKey<string>('tenant');
    const policy = chaos({
      inject: fault((context) => new Error(`not for ${context.get(tenant)}`)),
      when: always,
    });
    const properties = [tenant('acme')];
    const [first, second] = [
      await policy.outcome(() => 1, { properties }),
      await policy.outcome(() => 1, { properties }),
    ];
    expect(first).toEqual({ ok: false, error: new Error('not for acme') });
    expect(!first.ok && !second.ok && first.error !== second.error).toBe(true);
  });

  test('fails with what its function throws', async () => {
    const error = new Error('thrown');
    const inject = fault(() => {
      throw error;
    });
    expect(await chaos({ inject, when: always }).outcome(() => 1)).toEqual({ ok: false, error });
  });

  test('after the operation loses its value, which is closed', async () => {
    const value = { [Symbol.dispose]: vi.fn() };
    const operation = vi.fn(() => value);

    const outcome = await chaos({ inject: after(fault('lost')), when: always }).outcome(operation);

    expect(outcome).toEqual({ ok: false, error: 'lost' });
    expect(operation).toHaveBeenCalledTimes(1);
    expect(value[Symbol.dispose]).toHaveBeenCalledTimes(1);
  });

  test('after the operation takes the place of its failure', async () => {
    const policy = chaos({ inject: after(fault('lost')), when: always });
    const outcome = await policy.outcome(() => Promise.reject(new Error('its own')));
    expect(outcome).toEqual({ ok: false, error: 'lost' });
  });

  test('gives way to the abort of a caller who gives up meanwhile', async () => {
    const controller = new AbortController();
    const inject = fault(() => {
      controller.abort('enough');
      return 'boom';
    });
    const policy = chaos({ inject, when: always });
    expect(await policy.outcome(() => 1, { signal: controller.signal })).toEqual({
      ok: false,
      error: 'enough',
    });
  });
});

describe('a result', () => {
  test('answers with its value, and the operation is not called', async () => {
    const operation = vi.fn(() => 1);
    const policy = chaos({ inject: result({ status: 503 }), when: always });
    expect(await policy.execute(operation)).toEqual({ status: 503 });
    expect(operation).not.toHaveBeenCalled();
  });

  test('answers with what its function returns or resolves to', async () => {
    const inject = result(({ attempt }) => `attempt ${attempt}`);
    expect(await chaos({ inject, when: always }).execute(() => 'own')).toBe('attempt 1');
    const later = result(async () => 'later');
    expect(await chaos({ inject: later, when: always }).execute(() => 'own')).toBe('later');
  });

  test('fails with what its function throws or rejects with', async () => {
    const error = new Error('no result');
    const thrown = result((): string => {
      throw error;
    });
    const rejected = result(() => Promise.reject(error));
    for (const inject of [thrown, rejected]) {
      const outcome = await chaos({ inject, when: always }).outcome(() => 'own');
      expect(outcome).toEqual({ ok: false, error });
    }
  });

  test('after the operation takes the place of its value, which is closed', async () => {
    const value = { [Symbol.dispose]: vi.fn() };
    const policy = chaos({ inject: after(result('other')), when: always });
    expect(await policy.execute(() => value)).toBe('other');
    expect(value[Symbol.dispose]).toHaveBeenCalledTimes(1);
  });
});

describe('a tamper', () => {
  test('changes the value of the operation, one after another, and closes nothing', async () => {
    const close = vi.fn();
    const policy = chaos({
      inject: [
        tamper((value: { text: string }) => value.text.slice(0, 4)),
        tamper(async (text: string) => `${text}...`),
      ],
      when: always,
    });
    // Each sees what the one before it has made: types cannot follow that.
    const operation = (): never => ({ text: 'a long text', [Symbol.dispose]: close }) as never;
    expect(await policy.execute(operation)).toBe('a lo...');
    expect(close).not.toHaveBeenCalled();
  });

  test('leaves failures as they are', async () => {
    const change = vi.fn((value: unknown) => value);
    const policy = chaos({ inject: tamper(change), when: always });
    expect(await policy.outcome(() => Promise.reject(5))).toEqual({ ok: false, error: 5 });
    expect(change).not.toHaveBeenCalled();
  });

  test('fails with what its function throws, and closes the value', async () => {
    const value = { [Symbol.dispose]: vi.fn() };
    const inject = tamper(() => {
      throw 'cannot';
    });
    expect(await chaos({ inject, when: always }).outcome(() => value)).toEqual({
      ok: false,
      error: 'cannot',
    });
    expect(value[Symbol.dispose]).toHaveBeenCalledTimes(1);
  });
});
