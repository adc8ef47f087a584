import { AsyncLocalStorage } from 'node:async_hooks';
import {
  after,
  behavior,
  blastRadius,
  chaos,
  fault,
  hang,
  isChaosError,
  latency,
  oneOf,
  result,
  tamper,
} from '@holdfast/chaos';
import { compose } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { lasting, timeOf } from '../work.ts';

const always = (): boolean => true;

describe('a latency', () => {
  test('delays the call of the operation', async () => {
    const clock = virtualClock();
    const operation = vi.fn(() => 'done');
    const policy = chaos({ inject: latency({ delayMs: 200 }), when: always, clock });
    const call = policy.execute(operation);
    await clock.advance(199);
    expect(operation).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(await call).toBe('done');
    expect(policy.active).toBe(0);
  });

  test('after the operation delays its value, and its failure', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: after(latency({ delayMs: 200 })), when: always, clock });
    for (const settle of [() => Promise.resolve(1), () => Promise.reject(new Error('own'))]) {
      const operation = vi.fn(settle);
      const call = policy.outcome(operation);
      expect(operation).toHaveBeenCalledTimes(1);
      expect(await timeOf(clock, call)).toBe(200);
      expect(await call).toEqual(await outcomeOf(settle));
    }
  });

  test('lies between its bounds, all of which it comes near to', async () => {
    const clock = virtualClock();
    const policy = chaos({
      inject: latency({ minMs: 100, maxMs: 300 }),
      when: always,
      seed: 5,
      clock,
    });
    const took: number[] = [];
    for (let i = 0; i < 200; i++)
      took.push(
        await timeOf(
          clock,
          policy.execute(() => 1),
        ),
      );
    expect(Math.min(...took)).toBeGreaterThanOrEqual(100);
    expect(Math.min(...took)).toBeLessThan(105);
    expect(Math.max(...took)).toBeLessThanOrEqual(300);
    expect(Math.max(...took)).toBeGreaterThan(295);
  });

  test('comes from a function, which may draw from the seed', async () => {
    const delays = async (seed: number): Promise<number[]> => {
      const clock = virtualClock();
      const inject = latency({ delayMs: ({ attempt }, random) => attempt * 1_000 * random() });
      const policy = chaos({ inject, when: always, seed, clock });
      const took: number[] = [];
      for (let i = 0; i < 5; i++)
        took.push(
          await timeOf(
            clock,
            policy.execute(() => 1),
          ),
        );
      return took;
    };
    expect(await delays(1)).toEqual(await delays(1));
    expect(await delays(1)).not.toEqual(await delays(2));
  });

  test.each([-1, Number.NaN, Infinity, '5' as never])(
    'rejects the call when its function returns %s',
    async (delayMs) => {
      const policy = chaos({ inject: latency({ delayMs: () => delayMs }), when: always });
      await expect(policy.execute(() => 1)).rejects.toThrow('`delayMs`');
      expect(policy.active).toBe(0);
    },
  );

  test('loses and closes a value that nobody waits for any more', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: after(latency({ delayMs: 200 })), when: always, clock });
    const value = { [Symbol.dispose]: vi.fn() };
    const call = compose(timeout({ afterMs: 100, clock }), policy).outcome(() => value);
    await clock.advance(100);
    expect(await call).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(value[Symbol.dispose]).toHaveBeenCalledTimes(1);
    expect([policy.active, clock.pending]).toEqual([0, 0]);
  });

  test('is cut by a timeout outside, and the operation is never called', async () => {
    const clock = virtualClock();
    const operation = vi.fn();
    const slow = chaos({ inject: latency({ delayMs: 200 }), when: always, clock });
    const call = compose(timeout({ afterMs: 100, clock }), slow).outcome(operation);
    expect(await timeOf(clock, call)).toBe(100);
    await clock.runUntilIdle();
    expect(operation).not.toHaveBeenCalled();
    expect([slow.active, clock.now()]).toEqual([0, 100]);
  });
});

async function outcomeOf(settle: () => Promise<unknown>): Promise<unknown> {
  return settle().then(
    (value) => ({ ok: true, value }),
    (error: unknown) => ({ ok: false, error }),
  );
}

describe('a hang', () => {
  test('lasts until a timeout outside cuts it', async () => {
    const clock = virtualClock();
    const operation = vi.fn();
    const policy = chaos({ inject: hang(), when: always, clock });
    const call = compose(timeout({ afterMs: 500, clock }), policy).outcome(operation);
    expect(await timeOf(clock, call)).toBe(500);
    expect(await call).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(operation).not.toHaveBeenCalled();
    expect([policy.active, clock.pending]).toEqual([0, 0]);
  });

  test('fails after a minute, or as long as it is told, if nothing ends it', async () => {
    for (const [options, expected] of [
      [undefined, 60_000],
      [{ maxMs: 10 }, 10],
    ] as const) {
      const clock = virtualClock();
      const call = chaos({ inject: hang(options), when: always, clock }).outcome(() => 1);
      expect(await timeOf(clock, call)).toBe(expected);
      const outcome = await call;
      expect(!outcome.ok && isChaosError(outcome.error) && outcome.error.injection).toBe('hang');
    }
  });

  test('for ever arms no timer', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: hang({ maxMs: Infinity }), when: always, clock });
    const call = policy.execute(() => 'at last');
    await clock.flush();
    expect([clock.pending, policy.active]).toEqual([0, 1]);
    policy.disable();
    expect(await call).toBe('at last');
  });

  test('after the operation lets the work be done', async () => {
    const clock = virtualClock();
    const operation = vi.fn(() => 1);
    const policy = chaos({ inject: after(hang()), when: always, clock });
    const call = compose(timeout({ afterMs: 500, clock }), policy).outcome(operation);
    expect(operation).toHaveBeenCalledTimes(1);
    expect(await timeOf(clock, call)).toBe(500);
  });
});

describe('a behavior', () => {
  test('comes before the operation, and is waited for', async () => {
    const clock = virtualClock();
    const events: string[] = [];
    const inject = behavior(async (context) => {
      await lasting(clock, 50, undefined)(context);
      events.push('behavior');
    });
    const call = chaos({ inject, when: always, clock }).execute(() => events.push('operation'));
    expect(await timeOf(clock, call)).toBe(50);
    expect(events).toEqual(['behavior', 'operation']);
  });

  test('answers with what it throws or rejects with', async () => {
    const error = new Error('broken');
    const operation = vi.fn();
    const acts = [
      () => {
        throw error;
      },
      () => Promise.reject(error),
    ];
    for (const act of acts) {
      const policy = chaos({ inject: behavior(act), when: always });
      expect(await policy.outcome(operation)).toEqual({ ok: false, error });
    }
    expect(operation).not.toHaveBeenCalled();
  });

  test('that rejects when nobody waits for it any more disturbs nobody', async () => {
    const clock = virtualClock();
    const work = Promise.withResolvers<never>();
    const policy = chaos({ inject: behavior(() => work.promise), when: always, clock });
    const call = policy.execute(() => 'undisturbed');
    policy.disable();
    expect(await call).toBe('undisturbed');
    work.reject(new Error('late'));
    await clock.flush();
  });
});

describe('several injections', () => {
  test('happen one after another, before and after the operation', async () => {
    const clock = virtualClock();
    const events: [string, number][] = [];
    const note = (name: string) => () => {
      events.push([name, clock.now()]);
    };
    const policy = chaos({
      inject: [
        after(behavior(note('after'))),
        behavior(note('first')),
        latency({ delayMs: 10 }),
        behavior(note('second')),
        latency({ delayMs: 10 }),
        tamper((value: string) => value.toUpperCase()),
        after([latency({ delayMs: 5 }), behavior(note('last'))]),
      ],
      when: always,
      clock,
    });
    const call = policy.execute(lasting(clock, 100, 'value'));
    expect(await clock.runUntil(call)).toBe('VALUE');
    expect(events).toEqual([
      ['first', 0],
      ['second', 10],
      ['after', 120],
      ['last', 125],
    ]);
  });

  test('end with the one that answers', async () => {
    const clock = virtualClock();
    const policy = chaos({
      inject: [latency({ delayMs: 30 }), fault('boom')],
      when: always,
      clock,
    });
    const call = policy.outcome(() => 1);
    expect(await timeOf(clock, call)).toBe(30);
    expect(await call).toEqual({ ok: false, error: 'boom' });
  });

  test('must not come after one that answers', () => {
    expect(() => chaos({ inject: [fault(), latency({ delayMs: 1 })], when: always })).toThrow(
      'Expected `inject` to have nothing after fault, which answers the call, got latency.',
    );
    expect(() => chaos({ inject: [hang(), after(fault())], when: always })).toThrow(TypeError);
    expect(() => after([fault(), latency({ delayMs: 1 })])).toThrow(TypeError);
    expect(() =>
      chaos({ inject: [after(fault()), after(latency({ delayMs: 1 }))], when: always }),
    ).toThrow('nothing after after fault');
    expect(() => chaos({ inject: [oneOf([fault(), hang()]), fault()], when: always })).toThrow(
      TypeError,
    );
    chaos({ inject: [after(fault()), latency({ delayMs: 1 }), fault()], when: always });
    chaos({ inject: [oneOf([after(fault()), after(hang())]), fault()], when: always });
    chaos({ inject: [oneOf([fault(), latency({ delayMs: 1 })]), fault()], when: always });
  });

  test('see the async context of the caller, whatever ended the wait', async () => {
    const clock = virtualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const look = behavior(() => seen.push(storage.getStore()));
    const policy = chaos({
      inject: [latency({ delayMs: 5 }), look, after([latency({ delayMs: 5 }), look])],
      when: always,
      clock,
    });
    const call = storage.run('caller', () => policy.execute(() => seen.push(storage.getStore())));
    await storage.run('timer', () => clock.runUntil(call));
    expect(seen).toEqual(['caller', 'caller', 'caller']);
  });

  test('after the operation see the async context of the caller when a timeout inside has cut it', async () => {
    const clock = virtualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const policy = compose(
      chaos({ inject: after(behavior(() => seen.push(storage.getStore()))), when: always, clock }),
      timeout({ afterMs: 10, clock }),
    );
    const calls = ['first', 'second'].map((caller) =>
      storage.run(caller, () => policy.outcome(() => new Promise(() => undefined))),
    );
    await clock.runUntil(Promise.all(calls));
    expect(seen).toEqual(['first', 'second']);
  });
});

describe('a call that nobody waits for any more', () => {
  test('takes no further step, whatever its promises do', async () => {
    const clock = virtualClock();
    const work = Promise.withResolvers<string>();
    const value = { [Symbol.dispose]: vi.fn() };
    const step = vi.fn();
    const radius = blastRadius({ maxConcurrent: 5 });
    const policy = chaos({
      inject: after([behavior(() => work.promise), behavior(step), result(1)]),
      when: always,
      blastRadius: radius,
      clock,
    });
    const cut = compose(timeout({ afterMs: 10, clock }), policy);
    expect(
      await timeOf(
        clock,
        cut.outcome(() => value),
      ),
    ).toBe(10);
    work.resolve('late');
    await clock.flush();
    expect(step).not.toHaveBeenCalled();
    expect(value[Symbol.dispose]).toHaveBeenCalledTimes(1);
    expect([radius.active, policy.active]).toEqual([0, 0]);
  });

  test('gets no answer of a promise that comes too late, and loses nothing twice', async () => {
    const clock = virtualClock();
    const work = Promise.withResolvers<string>();
    const value = { [Symbol.dispose]: vi.fn() };
    const policy = chaos({ inject: after(result(() => work.promise)), when: always, clock });
    const cut = compose(timeout({ afterMs: 10, clock }), policy);
    expect(
      await timeOf(
        clock,
        cut.outcome(() => value),
      ),
    ).toBe(10);
    work.resolve('late');
    await clock.flush();
    expect(value[Symbol.dispose]).toHaveBeenCalledTimes(1);
  });

  test('takes no further step when its caller has given up in one', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const step = vi.fn();
    const policy = chaos({
      inject: [latency({ delayMs: 5 }), behavior(() => caller.abort('enough')), behavior(step)],
      when: always,
      clock,
    });
    const call = policy.outcome(() => 1, { signal: caller.signal });
    expect(await clock.runUntil(call)).toEqual({ ok: false, error: 'enough' });
    await clock.flush();
    expect(step).not.toHaveBeenCalled();
  });

  test('leaves a result of chaos open that is on its way', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const value = { [Symbol.dispose]: vi.fn() };
    const policy = chaos({
      inject: [
        latency({ delayMs: 5 }),
        behavior(() => queueMicrotask(() => caller.abort('enough'))),
        result(value),
      ],
      when: always,
      clock,
    });
    const call = policy.outcome(() => 1, { signal: caller.signal });
    expect(await clock.runUntil(call)).toEqual({ ok: false, error: 'enough' });
    expect(value[Symbol.dispose]).not.toHaveBeenCalled();
  });
});

describe('one of several', () => {
  test('comes as often as its weight says', async () => {
    const policy = chaos({
      inject: oneOf([
        { weight: 3, inject: [behavior(() => undefined), result('three')] },
        result('one'),
        { weight: 0.5, inject: result('half') },
      ]),
      when: always,
      seed: 11,
    });
    const counts: Record<string, number> = {};
    for (let i = 0; i < 9_000; i++) {
      const value = await policy.execute(() => 'own');
      counts[value] = (counts[value] ?? 0) + 1;
    }
    expect(Object.keys(counts).toSorted()).toEqual(['half', 'one', 'three']);
    expect(counts['three']).toBeGreaterThan(5_800);
    expect(counts['three']).toBeLessThan(6_200);
    expect(counts['half']).toBeGreaterThan(900);
    expect(counts['half']).toBeLessThan(1_100);
  });

  test('may happen before or after the operation', async () => {
    const policy = chaos({
      inject: oneOf([fault('before'), after(fault('after'))]),
      when: always,
      seed: 1,
    });
    let calls = 0;
    const errors: unknown[] = [];
    for (let i = 0; i < 40; i++) {
      const outcome = await policy.outcome(() => calls++);
      if (!outcome.ok) errors.push(outcome.error);
    }
    expect(errors.length).toBe(40);
    expect(errors.filter((error) => error === 'after').length).toBe(calls);
    expect(calls).toBeGreaterThan(5);
    expect(calls).toBeLessThan(35);
  });
});
