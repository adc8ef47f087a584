import { compose, definePolicy } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { Again, Gate } from './layers.ts';

const once = definePolicy('once', (next) => next());

describe('a late result', () => {
  test('goes to the timeout that had stopped waiting, once', async () => {
    const clock = virtualClock();
    const [outerLate, innerLate] = [vi.fn(), vi.fn()];
    const policy = compose(
      timeout({ afterMs: 100, onLateResult: outerLate, clock }),
      timeout({ afterMs: 10, onLateResult: innerLate, clock }),
    );
    const work = Promise.withResolvers<string>();
    const call = policy.outcome(() => work.promise);
    expect((await clock.runUntil(call)).ok).toBe(false);
    expect(clock.now()).toBe(10);
    work.resolve('late');
    await clock.advance(200);
    expect(innerLate.mock.calls).toEqual([['late']]);
    expect(outerLate).not.toHaveBeenCalled();
  });

  test('of a caller that has gone goes to the outermost timeout', async () => {
    const clock = virtualClock();
    const [outerLate, innerLate] = [vi.fn(), vi.fn()];
    const policy = compose(
      timeout({ afterMs: 100, onLateResult: outerLate, clock }),
      timeout({ afterMs: 10, onLateResult: innerLate, clock }),
    );
    const caller = new AbortController();
    const work = Promise.withResolvers<string>();
    const call = policy.outcome(() => work.promise, { signal: caller.signal });
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    work.resolve('late');
    await clock.flush();
    expect(outerLate.mock.calls).toEqual([['late']]);
    expect(innerLate).not.toHaveBeenCalled();
  });

  test('goes to the outer timeout also when a defined policy stands between', async () => {
    const clock = virtualClock();
    const onLateResult = vi.fn();
    const policy = compose(timeout({ afterMs: 10, onLateResult, clock }), once);
    const work = Promise.withResolvers<string>();
    const call = policy.outcome(() => work.promise);
    expect((await clock.runUntil(call)).ok).toBe(false);
    work.resolve('late');
    await clock.flush();
    expect(onLateResult.mock.calls).toEqual([['late']]);
  });

  test('of an earlier attempt goes to the timeout that had cut that attempt', async () => {
    const clock = virtualClock();
    const [outerLate, innerLate] = [vi.fn(), vi.fn()];
    const policy = compose(
      timeout({ afterMs: 100, onLateResult: outerLate, clock }),
      once,
      new Again(clock, 2, 1),
      timeout({ afterMs: 10, onLateResult: innerLate, clock }),
    );
    const works: PromiseWithResolvers<string>[] = [];
    const call = policy.outcome(() => {
      const work = Promise.withResolvers<string>();
      works.push(work);
      return work.promise;
    });
    await clock.advance(15);
    expect(works).toHaveLength(2);
    works[0]?.resolve('first, late');
    works[1]?.resolve('second, in time');
    expect(await call).toEqual({ ok: true, value: 'second, in time' });
    expect(innerLate.mock.calls).toEqual([['first, late']]);
    expect(outerLate).not.toHaveBeenCalled();
  });

  test('that is an error goes to nobody, and is handled', async () => {
    const clock = virtualClock();
    const onLateResult = vi.fn();
    const policy = timeout({ afterMs: 10, onLateResult, clock });
    const work = Promise.withResolvers<string>();
    const call = policy.outcome(() => work.promise);
    await clock.runUntil(call);
    work.reject(new Error('late'));
    await clock.flush();
    expect(onLateResult).not.toHaveBeenCalled();
  });
});

describe('a place', () => {
  test('is held until the work of a cut call has really ended', async () => {
    const clock = virtualClock();
    const gate = new Gate(1);
    const policy = compose(gate, once, timeout({ afterMs: 10, clock }));
    const work = Promise.withResolvers<void>();
    expect((await clock.runUntil(policy.outcome(() => work.promise))).ok).toBe(false);
    expect(gate.active).toBe(1);
    work.resolve();
    await clock.flush();
    expect(gate.active).toBe(0);
  });

  test('is held until work that waitUntil has named has ended, also in a branch of a branch', async () => {
    const gate = new Gate(1);
    const body = Promise.withResolvers<void>();
    const trailer = Promise.withResolvers<void>();
    const policy = compose(gate, once, once);
    await policy.execute((context) => {
      context.waitUntil(body.promise);
      context.waitUntil(trailer.promise);
    });
    expect(gate.active).toBe(1);
    body.reject(new Error('broken off'));
    await virtualClock().flush();
    expect(gate.active).toBe(1);
    trailer.resolve();
    await virtualClock().flush();
    expect(gate.active).toBe(0);
  });

  test('is held until both of two branches have ended', async () => {
    const gate = new Gate(1);
    const works = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const race = definePolicy('race', (next) => Promise.race([next(), next()]));
    let calls = 0;
    const call = compose(gate, race).execute(() => works[calls++]?.promise);
    works[1]?.resolve('faster');
    expect(await call).toBe('faster');
    expect(gate.active).toBe(1);
    works[0]?.resolve('slower');
    await virtualClock().flush();
    expect(gate.active).toBe(0);
  });
});
