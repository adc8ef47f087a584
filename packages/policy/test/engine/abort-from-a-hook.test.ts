import { compose, definePolicy, refused, type Run } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { expect, test, vi } from 'vitest';
import { Again, Gate, Witness } from './layers.ts';

test('an abort from a hook that wakes a waiting call keeps the operation from being called again', async () => {
  const clock = virtualClock();
  const caller = new AbortController();
  const again = new Again(clock, 2, 10);
  again.meddle = (hook) => hook === 'woken' && caller.abort('enough');
  const operation = vi.fn(() => Promise.reject(new Error('failed')));
  const policy = compose(timeout({ clock }), again);

  const call = policy.outcome(operation, { signal: caller.signal });

  expect(await clock.runUntil(call)).toEqual({ ok: false, error: 'enough' });
  expect(operation).toHaveBeenCalledOnce();
});

test('an abort from a hook that hears of a cut further inside is answered once, layer by layer', async () => {
  const clock = virtualClock();
  const caller = new AbortController();
  const [outside, inside] = [new Witness('outside'), new Witness('inside')];
  inside.meddle = (hook) => hook === 'cut' && caller.abort('enough');
  const policy = compose(
    outside,
    definePolicy('once', (next) => next()),
    timeout({ afterMs: 5, clock }),
    inside,
  );
  const work = Promise.withResolvers<number>();

  const call = policy.outcome(() => work.promise, { signal: caller.signal });

  expect(await clock.runUntil(call)).toEqual({ ok: false, error: 'enough' });
  work.resolve(1);
  await clock.flush();
  expect(outside.log).toEqual(['enter', 'cut', 'failure']);
  expect(inside.log).toEqual(['enter', 'cut', 'success']);
});

test('an abort from a hook while a branch is being entered drops the branch once', async () => {
  const caller = new AbortController();
  const clock = virtualClock();
  const witness = new Witness('witness');
  const gate = new Gate(1);
  const gone = Promise.withResolvers<void>();
  const policy = compose(
    timeout({ clock }),
    definePolicy('later', async (next) => {
      await gone.promise;
      return next();
    }),
    witness,
    gate,
  );
  witness.meddle = (hook) => hook === 'enter' && caller.abort('enough');
  const operation = vi.fn(() => 1);

  const call = policy.outcome(operation, { signal: caller.signal });
  gone.resolve();

  expect(await call).toEqual({ ok: false, error: 'enough' });
  await clock.flush();
  expect(operation).not.toHaveBeenCalled();
  expect(witness.log).toEqual(['enter', 'cut', 'failure']);
  expect(gate.active).toBe(0);
});

test.each(['before', 'after'])(
  'an abort from a hook %s a further attempt in a branch ends that attempt',
  async (when) => {
    const clock = virtualClock();
    const caller = new AbortController();
    const again = new Again(clock, 3, 10);
    again.meddle = (hook) => hook === when && caller.abort('enough');
    const once = definePolicy('once', (next) => next());
    const operation = vi.fn(() => Promise.reject(new Error('failed')));

    const call = compose(timeout({ clock }), once, again).outcome(operation, {
      signal: caller.signal,
    });

    expect(await clock.runUntil(call)).toEqual({ ok: false, error: 'enough' });
    await clock.advance(100);
    expect(operation).toHaveBeenCalledOnce();
    expect(again.waits).toBe(0);
  },
);

test('a defined policy does not begin a further attempt for a caller that has gone', async () => {
  const clock = virtualClock();
  const caller = new AbortController();
  const twice = definePolicy('twice', async (next) => {
    try {
      return await next();
    } catch {
      return next();
    }
  });
  const operation = vi.fn(async () => {
    caller.abort('enough');
    throw new Error('failed');
  });

  const policy = compose(twice, timeout({ mode: 'cooperative', clock }));

  expect(await policy.outcome(operation, { signal: caller.signal })).toEqual({
    ok: false,
    error: 'enough',
  });
  expect(operation).toHaveBeenCalledOnce();
});

test.each([
  ['its own error', false, { ok: false, error: 'refused' }],
  ['the reason of a caller that has gone meanwhile', true, { ok: false, error: 'enough' }],
])('a hook that wakes a call may refuse it, with %s', async (_what, aborts, outcome) => {
  const caller = new AbortController();
  class Refusing extends Gate {
    override woken(run: Run): 0 | 2 {
      if (aborts) caller.abort('enough');
      run.answer(false, 'refused');
      this.active--;
      return refused;
    }
  }
  const gate = new Refusing(1);
  const first = Promise.withResolvers<void>();
  void gate.execute(() => first.promise);
  const policy = compose(timeout({ clock: virtualClock() }), gate);

  const call = policy.outcome(() => 'not called', { signal: caller.signal });
  first.resolve();

  expect(await call).toEqual(outcome);
  expect(gate.active).toBe(0);
});
