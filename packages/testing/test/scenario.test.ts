import { compose, definePolicy, noop, TimeoutError } from '@holdfast/policy';
import { fails, hangs, returns, scenario } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';

const boom = new Error('boom');
const thrice = definePolicy('thrice', async (next) => {
  for (let calls = 1; ; calls++) {
    try {
      return await next();
    } catch (error) {
      if (calls === 3) throw error;
    }
  }
});

describe('a scenario', () => {
  test('plays its steps in turn and reports how it went', async () => {
    const report = await scenario((clock) => compose(thrice, timeout({ afterMs: 100, clock })))
      .when([fails(boom, 10), hangs(), returns('stock', 5)])
      .expect({ value: 'stock', operations: 3, attempts: 1, elapsedMs: 115 });
    expect(report).toEqual({
      outcome: { ok: true, value: 'stock' },
      operations: 3,
      attempts: 1,
      elapsedMs: 115,
    });
  });

  test('knows an error by itself, by its class or by its code', async () => {
    await scenario(() => noop)
      .when([fails(boom)])
      .expect({ error: boom });
    const slow = scenario((clock) => timeout({ afterMs: 50, clock })).when([hangs({ deaf: true })]);
    await slow.expect({ error: TimeoutError, elapsedMs: 50 });
    await slow.expect({ error: 'TIMEOUT' });
    await expect(slow.expect({ error: 'CIRCUIT_OPEN' })).rejects.toThrow(
      'unexpected error: TimeoutError',
    );
    await expect(slow.expect({ error: boom })).rejects.toThrow('unexpected error');
  });

  test('has its caller give up', async () => {
    const gone = scenario((clock) => timeout({ clock })).abortedAfter(20, 'enough');
    await gone.when([hangs()]).expect({ error: 'enough', elapsedMs: 20 });
    await gone.when([returns(1)]).expect({ value: 1, elapsedMs: 0 });
  });

  test('says what differs', async () => {
    const works = scenario(() => noop).when([returns(1)]);
    await expect(works.expect({ value: 2 })).rejects.toThrow('deep-equal');
    await expect(works.expect({ error: boom })).rejects.toThrow(
      'expected an error, got the value 1',
    );
    await expect(works.expect({ operations: 2 })).rejects.toThrow('operations');
    const failing = scenario(() => noop).when([fails(boom)]);
    await expect(failing.expect({ value: 1 })).rejects.toThrow(
      'expected a value, got the error Error: boom',
    );
    const more = scenario(() => thrice).when([fails(boom)]);
    await expect(more.expect({ value: 1 })).rejects.toThrow('called 3 times');
  });

  test('fails when something is left behind', async () => {
    const armed = definePolicy('armed', (next) => next());
    const leaking = scenario((clock) => {
      clock.setTimeout(() => undefined, 5_000);
      return armed;
    });
    await expect(leaking.when([returns(1)]).expect({ value: 1 })).rejects.toThrow(
      'a timer is left that keeps the process alive',
    );
    const stray = definePolicy('stray', async (next) => {
      void Promise.reject(boom);
      return next();
    });
    await expect(
      scenario(() => stray)
        .when([returns(1, 5)])
        .expect({ value: 1 }),
    ).rejects.toThrow('a rejection was left without a handler');
  });

  test('needs a function that makes the policy', () => {
    expect(() => scenario(noop as never)).toThrow('Expected `make` to be a function, got object.');
  });
});
