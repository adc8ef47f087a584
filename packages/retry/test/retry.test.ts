import { compose, type Outcome } from '@holdfast/policy';
import { constant, delays, retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';
import { Gate, Refusal, scripted } from './script.ts';

const first = new Error('first');
const second = new Error('second');
const third = new Error('third');

/** Collects the events of a policy, without the names that all of them have, and the history. */
function heard(policy: {
  on: (event: never, listener: (event: never) => void) => unknown;
}): unknown[] {
  const events: unknown[] = [];
  for (const event of ['retried', 'gave-up', 'recovered']) {
    policy.on(event as never, (told: Readonly<Record<string, unknown>>) => {
      const { kind: _kind, policy: _policy, history: _history, omitted: _omitted, ...rest } = told;
      events.push(rest);
    });
  }
  return events;
}

describe('attempts', () => {
  test('a call that succeeds is made once', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, 'value');
    expect(await retry({ clock }).execute(operation)).toBe('value');
    expect(operation.startedAt).toEqual([0]);
    expect(clock.pending).toBe(0);
  });

  test('there are three by default, and the very error of the last comes back', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first, second, third);
    const call = retry({ clock }).execute(operation);
    call.catch(() => undefined);
    await clock.runUntilIdle();
    await expect(call).rejects.toBe(third);
    expect(operation.startedAt).toHaveLength(3);
  });

  test('the default back-off waits up to 100, then up to 200 ms', async () => {
    const clock = virtualClock();
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const operation = scripted(clock, first);
    const call = retry({ clock }).outcome(operation);
    await clock.runUntil(call);
    random.mockRestore();
    expect(operation.startedAt).toEqual([0, 50, 150]);
  });

  test('a first retry without a delay moves the back-off by one', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    const policy = retry({ maxAttempts: 4, backoff: [10, 20], fastFirst: true, clock });
    await clock.runUntil(policy.outcome(operation));
    expect(operation.startedAt).toEqual([0, 0, 10, 30]);
  });

  test('the context tells the attempt', async () => {
    const attempts: number[] = [];
    const policy = retry({ backoff: constant(0) });
    await policy.outcome(({ attempt }) => {
      attempts.push(attempt);
      throw first;
    });
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('a zero delay takes no timer', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first, second, 'value');
    expect(await retry({ backoff: constant(0), clock }).execute(operation)).toBe('value');
  });

  test('Infinity leaves the end to others', async () => {
    const clock = virtualClock();
    const steps = [...Array.from({ length: 1_000 }, () => first), 'value'];
    const policy = retry({ maxAttempts: Infinity, backoff: constant(0), clock });
    expect(await policy.execute(scripted(clock, ...steps))).toBe('value');
  });

  test('nested retries each count their own', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    const inner = retry({ name: 'inner', maxAttempts: 3, backoff: constant(0), clock });
    const outer = retry({ name: 'outer', maxAttempts: 2, backoff: constant(0), clock });
    const [inside, outside] = [heard(inner), heard(outer)];
    await compose(outer, inner).outcome(operation);
    expect(operation.startedAt).toHaveLength(6);
    expect(inside).toMatchObject([
      { event: 'retried', attempt: 1 },
      { event: 'retried', attempt: 2 },
      { event: 'gave-up', attempts: 3 },
      { event: 'retried', attempt: 1 },
      { event: 'retried', attempt: 2 },
      { event: 'gave-up', attempts: 3 },
    ]);
    expect(outside).toMatchObject([
      { event: 'retried', attempt: 1 },
      { event: 'gave-up', attempts: 2 },
    ]);
  });

  test('one instance that stands twice counts by position', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    const policy = retry({ maxAttempts: 3, backoff: constant(0), clock });
    await compose(policy, policy).outcome(operation);
    expect(operation.startedAt).toHaveLength(9);
  });
});

describe('shouldRetry', () => {
  test('retries a value, typed', async () => {
    const clock = virtualClock();
    const shouldRetry = (outcome: Outcome<number>): boolean => outcome.ok && outcome.value < 3;
    const policy = retry({ shouldRetry, backoff: constant(5), clock });
    expect(await clock.runUntil(policy.execute(scripted(clock, 1, 2, 3)))).toBe(3);
  });

  test('a value that stays unwanted comes back in the end', async () => {
    const clock = virtualClock();
    const policy = retry({ shouldRetry: (outcome) => outcome.ok, backoff: constant(0), clock });
    const events = heard(policy);
    expect(await policy.execute(scripted(clock, 1, 2, 3))).toBe(3);
    expect(events.at(-1)).toMatchObject({
      event: 'gave-up',
      reason: 'attempts',
      outcome: { ok: true, value: 3 },
    });
  });

  test('an answer may come later', async () => {
    const clock = virtualClock();
    const policy = retry({ shouldRetry: async () => true, backoff: constant(5), clock });
    const operation = scripted(clock, first, second, third);
    await expect(clock.runUntil(policy.execute(operation))).rejects.toBe(third);
    expect(operation.startedAt).toEqual([0, 5, 10]);
  });

  test.each([true, false])('an answer (%s) after the caller gave up is ignored', async (answer) => {
    const clock = virtualClock();
    const asked = Promise.withResolvers<boolean>();
    const policy = retry({ shouldRetry: () => asked.promise, backoff: constant(0), clock });
    const caller = new AbortController();
    const operation = scripted(clock, first);
    const events = heard(policy);
    const call = policy.outcome(operation, { signal: caller.signal });
    await clock.flush();
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    asked.resolve(answer);
    await clock.flush();
    expect(operation.startedAt).toHaveLength(1);
    expect(events).toEqual([]);
  });

  test('the caller may give up in delayFrom after an async answer', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const delayFrom = (): number => {
      caller.abort('enough');
      return 0;
    };
    const policy = retry({ shouldRetry: async () => true, delayFrom, clock });
    const events = heard(policy);
    const operation = scripted(clock, first);
    expect(await policy.outcome(operation, { signal: caller.signal })).toEqual({
      ok: false,
      error: 'enough',
    });
    await clock.flush();
    expect(operation.startedAt).toHaveLength(1);
    expect(events).toEqual([]);
  });

  test.each([
    [
      'throws',
      () => {
        throw second;
      },
    ],
    ['rejects', () => Promise.reject(second)],
  ])('a predicate that %s ends the call with its own error', async (_how, shouldRetry) => {
    const policy = retry({ shouldRetry });
    const events = heard(policy);
    await expect(policy.execute(scripted(virtualClock(), first))).rejects.toBe(second);
    expect(events).toEqual([
      {
        event: 'gave-up',
        reason: 'callback-threw',
        attempts: 1,
        outcome: { ok: false, error: second },
        refusal: undefined,
      },
    ]);
  });

  test.each([
    ['at once', () => ({ yes: true })],
    ['later', async () => ({ yes: true })],
  ])('a predicate that answers %s with anything but a boolean means it', async (_when, answer) => {
    const policy = retry({ shouldRetry: answer as never, backoff: constant(0) });
    const operation = scripted(virtualClock(), first);
    await expect(policy.execute(operation)).rejects.toBe(first);
    expect(operation.startedAt).toHaveLength(3);
  });

  test('a predicate that rejects after it has made the caller give up is not heard of', async () => {
    const caller = new AbortController();
    const shouldRetry = async (): Promise<boolean> => {
      caller.abort('enough');
      throw second;
    };
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const call = retry({ shouldRetry }).outcome(scripted(virtualClock(), first), caller);
    expect(await call).toEqual({ ok: false, error: first });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('a predicate that answers null means no', async () => {
    const policy = retry({ shouldRetry: () => null as never });
    await expect(policy.execute(scripted(virtualClock(), first))).rejects.toBe(first);
  });

  test('is not asked after the caller gave up', async () => {
    const shouldRetry = vi.fn(() => true);
    const caller = new AbortController();
    const policy = retry({ shouldRetry, backoff: constant(0) });
    const call = policy.execute(
      () => {
        caller.abort('enough');
        throw first;
      },
      { signal: caller.signal },
    );
    await expect(call).rejects.toBe(first);
    expect(shouldRetry).not.toHaveBeenCalled();
  });

  test.each(['a plain plan', 'a plan that detaches'])(
    'the caller may give up in it, in %s',
    async (plan) => {
      const clock = virtualClock();
      const caller = new AbortController();
      const shouldRetry = (): boolean => {
        caller.abort('enough');
        return true;
      };
      const policy = retry({ shouldRetry, backoff: constant(0), clock });
      const operation = scripted(clock, first);
      const call = (plan === 'a plain plan' ? policy : compose(timeout({ clock }), policy)).outcome(
        operation,
        { signal: caller.signal },
      );
      expect(await call).toMatchObject({ ok: false });
      expect(operation.startedAt).toHaveLength(1);
      await clock.runUntilIdle();
      expect(clock.now()).toBe(0);
    },
  );
});

describe('delayFrom', () => {
  test('takes the place of the back-off', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    const delayFrom = (_outcome: unknown, attempt: number): number | undefined =>
      attempt === 1 ? 700 : undefined;
    await clock.runUntil(retry({ delayFrom, backoff: constant(10), clock }).outcome(operation));
    expect(operation.startedAt).toEqual([0, 700, 710]);
  });

  test('is not shortened: what does not fit the deadline gives up now', async () => {
    const clock = virtualClock();
    const policy = retry({ delayFrom: () => 1_000, clock });
    const events = heard(policy);
    const call = policy.outcome(scripted(clock, first), { deadline: 1_000 });
    expect(await call).toEqual({ ok: false, error: first });
    expect(clock.now()).toBe(0);
    expect(events).toMatchObject([{ reason: 'deadline', attempts: 1 }]);
  });

  test.each([
    ['a time that is over already', -5, 3],
    ['never', Infinity, 1],
  ])('may say %s', async (_what, delayMs, attempts) => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    await clock.runUntil(retry({ delayFrom: () => delayMs, clock }).outcome(operation));
    expect(operation.startedAt).toHaveLength(attempts);
  });

  test('NaN ends the call with an error that says so and why it was asked', async () => {
    const policy = retry({ delayFrom: () => Number.NaN });
    await expect(policy.execute(scripted(virtualClock(), first))).rejects.toMatchObject({
      name: 'RangeError',
      message: expect.stringContaining('delayFrom'),
      cause: first,
    });
  });
});

describe('a back-off of the user', () => {
  test('sees the attempt, its outcome, its own last answer and the time', async () => {
    const clock = virtualClock({ startMs: 1_000 });
    const asked: unknown[] = [];
    const policy = retry({
      backoff: (context) => {
        asked.push(context);
        return context.attempt * 10;
      },
      clock,
    });
    await clock.runUntil(policy.outcome(scripted(clock, first, second)));
    expect(asked).toEqual([
      { attempt: 1, step: 1, outcome: { ok: false, error: first }, elapsedMs: 0 },
      {
        attempt: 2,
        step: 2,
        outcome: { ok: false, error: second },
        previousDelayMs: 10,
        elapsedMs: 10,
      },
    ]);
  });

  test('gives up with undefined', async () => {
    const policy = retry({ backoff: ({ attempt }) => (attempt === 1 ? 0 : undefined) });
    const events = heard(policy);
    await expect(policy.execute(scripted(virtualClock(), first, second))).rejects.toBe(second);
    expect(events.at(-1)).toMatchObject({ reason: 'backoff', attempts: 2 });
  });

  test('ends the call with what it throws', async () => {
    const policy = retry({
      backoff: () => {
        throw second;
      },
    });
    await expect(policy.execute(scripted(virtualClock(), first))).rejects.toBe(second);
  });
});

describe('limits', () => {
  test('no attempt begins at or after maxElapsedMs, and none is waited for', async () => {
    const clock = virtualClock({ startMs: 50 });
    const operation = scripted(clock, first);
    const policy = retry({ maxAttempts: 9, maxElapsedMs: 100, backoff: constant(40), clock });
    const events = heard(policy);
    await clock.runUntil(policy.outcome(operation));
    expect(operation.startedAt).toEqual([50, 90, 130]);
    expect(clock.now()).toBe(130);
    expect(events.at(-1)).toMatchObject({ reason: 'elapsed', attempts: 3 });
  });

  test('the deadline of the call ends the attempts', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    const call = retry({ backoff: constant(40), clock }).outcome(operation, { deadline: 50 });
    await clock.runUntil(call);
    expect(operation.startedAt).toEqual([0, 40]);
    expect(clock.now()).toBe(40);
  });

  test('a timeout outside ends the attempts before it strikes', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, first);
    const policy = compose(
      timeout({ afterMs: 50, clock }),
      retry({ backoff: constant(40), clock }),
    );
    await expect(clock.runUntil(policy.execute(operation))).rejects.toBe(first);
    expect(operation.startedAt).toEqual([0, 40]);
  });

  test('a timeout inside limits each attempt, not the back-off', async () => {
    const clock = virtualClock();
    const startedAt: number[] = [];
    const policy = compose(
      retry({ backoff: constant(500), clock }),
      timeout({ afterMs: 50, clock }),
    );
    const call = policy.outcome(() => {
      startedAt.push(clock.now());
      return new Promise(() => {});
    });
    expect(await clock.runUntil(call)).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(startedAt).toEqual([0, 550, 1_100]);
  });

  test('a timer that comes late does not begin an attempt after the deadline', async () => {
    let lateBy = 0;
    const clock = virtualClock();
    const late = { now: () => clock.now() + lateBy, setTimeout: clock.setTimeout.bind(clock) };
    const operation = scripted(clock, first);
    const policy = retry({ backoff: constant(40), clock: late });
    const events = heard(policy);
    const call = policy.outcome(operation, { deadline: 50 });
    await clock.advance(39);
    lateBy = 10;
    await clock.advance(1);
    expect(await call).toEqual({ ok: false, error: first });
    expect(operation.startedAt).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ reason: 'deadline', attempts: 1 });
  });

  test('where such a late timer finds only a disposed value, the call times out', async () => {
    let lateBy = 0;
    const clock = virtualClock();
    const late = { now: () => clock.now() + lateBy, setTimeout: clock.setTimeout.bind(clock) };
    const value = { [Symbol.dispose]: vi.fn() };
    const policy = retry({ shouldRetry: () => true, maxElapsedMs: 50, backoff: [40], clock: late });
    const call = policy.outcome(() => value);
    await clock.advance(39);
    lateBy = 10;
    await clock.advance(1);
    expect(await call).toMatchObject({
      ok: false,
      error: { code: 'TIMEOUT', started: true, timeoutMs: 50 },
    });
    expect(value[Symbol.dispose]).toHaveBeenCalledOnce();
  });

  test('a cooperative timeout outside that has struck is not retried against', async () => {
    const clock = virtualClock();
    let calls = 0;
    const policy = compose(
      timeout({ afterMs: 50, mode: 'cooperative', clock }),
      retry({ backoff: constant(0), clock }),
    );
    const call = policy.outcome(({ signal }) => {
      calls++;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    });
    await clock.runUntil(call);
    expect(calls).toBe(1);
  });

  test('a cooperative timeout inside is retried', async () => {
    const clock = virtualClock();
    let calls = 0;
    const policy = compose(
      retry({ backoff: constant(0), clock }),
      timeout({ afterMs: 50, mode: 'cooperative', clock }),
    );
    const call = policy.outcome(({ signal }) => {
      calls++;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
      });
    });
    expect(await clock.runUntil(call)).toMatchObject({ ok: false, error: { code: 'TIMEOUT' } });
    expect(calls).toBe(3);
  });
});

describe('refusals of a policy inside', () => {
  test('after an attempt that ran, its error is thrown and the refusal is on the event', async () => {
    const refusal = new Refusal();
    const policy = retry({ backoff: constant(0) });
    const events = heard(policy);
    const call = compose(policy, new Gate({ 2: refusal })).execute(scripted(virtualClock(), first));
    await expect(call).rejects.toBe(first);
    expect(events.at(-1)).toEqual({
      event: 'gave-up',
      reason: 'refused',
      attempts: 2,
      outcome: { ok: false, error: first },
      refusal,
    });
  });

  test('also after several refusals', async () => {
    const clock = virtualClock();
    const gate = new Gate({ 2: new Refusal(10), 3: new Refusal(10) });
    const policy = compose(retry({ backoff: constant(0), clock }), gate);
    const call = policy.execute(scripted(clock, first), { deadline: 1_000 });
    await expect(clock.runUntil(call)).rejects.toBe(first);
    expect(gate.entries).toBe(3);
  });

  test('when no attempt ran, the refusal itself is thrown', async () => {
    const refusal = new Refusal();
    const operation = scripted(virtualClock(), first);
    const call = compose(retry(), new Gate({ 1: refusal })).execute(operation);
    await expect(call).rejects.toBe(refusal);
    expect(operation.startedAt).toEqual([]);
  });

  test('one that fits the deadline is waited for, and not less than it says', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, 'value');
    const policy = compose(
      retry({ backoff: constant(30), clock }),
      new Gate({ 1: new Refusal(200) }),
    );
    expect(await clock.runUntil(policy.execute(operation, { deadline: 1_000 }))).toBe('value');
    expect(operation.startedAt).toEqual([200]);
  });

  test('the back-off is kept where it is longer than the refusal says', async () => {
    const clock = virtualClock();
    const operation = scripted(clock, 'value');
    const retrying = retry({ backoff: constant(300), maxElapsedMs: 1_000, clock });
    const policy = compose(retrying, new Gate({ 1: new Refusal(200) }));
    await clock.runUntil(policy.execute(operation));
    expect(operation.startedAt).toEqual([300]);
  });

  test.each([
    ['does not fit the deadline', 2_000, 1_000, 'deadline'],
    ['has no deadline to fit', 200, undefined, 'refused'],
    ['does not say when', undefined, 1_000, 'refused'],
  ])('one that %s gives up at once', async (_why, retryAfterMs, deadline, reason) => {
    const clock = virtualClock();
    const refusal = new Refusal(retryAfterMs);
    const policy = retry({ clock });
    const events = heard(policy);
    const call = compose(policy, new Gate({ 1: refusal })).outcome(() => 1, { deadline });
    expect(await call).toEqual({ ok: false, error: refusal });
    expect(events).toMatchObject([{ event: 'gave-up', reason, refusal }]);
  });

  test('a value that was disposed is not handed out after a refusal', async () => {
    const refusal = new Refusal();
    const value = { [Symbol.dispose]: vi.fn() };
    const policy = retry({ shouldRetry: ({ ok }) => ok, backoff: constant(0) });
    const call = compose(policy, new Gate({ 2: refusal })).outcome(() => value);
    expect(await call).toEqual({ ok: false, error: refusal });
  });

  test('a value that needed no disposal is', async () => {
    const policy = retry({ shouldRetry: ({ ok }) => ok, backoff: constant(0) });
    const call = compose(policy, new Gate({ 2: new Refusal() })).outcome(() => 'pending');
    expect(await call).toEqual({ ok: true, value: 'pending' });
  });
});

describe('events', () => {
  test('tell each retry, and the recovery', async () => {
    const clock = virtualClock();
    const policy = retry({ name: 'stock', backoff: delays([10, 20]), clock });
    const events = heard(policy);
    await clock.runUntil(policy.execute(scripted(clock, first, second, 'value')));
    expect(events).toEqual([
      { event: 'retried', attempt: 1, delayMs: 10, outcome: { ok: false, error: first } },
      { event: 'retried', attempt: 2, delayMs: 20, outcome: { ok: false, error: second } },
      { event: 'recovered', attempts: 3 },
    ]);
  });

  test('a call that succeeds at once, or is given up by its caller, has none', async () => {
    const clock = virtualClock();
    const policy = retry({ clock });
    const events = heard(policy);
    await policy.execute(() => 1);
    const caller = new AbortController();
    const call = policy.outcome(scripted(clock, first), { signal: caller.signal });
    await clock.flush();
    events.length = 0;
    caller.abort('enough');
    await call;
    expect(events).toEqual([]);
  });

  test('a listener of retried may abort the call', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const policy = retry({ clock });
    policy.on('retried', () => caller.abort('enough'));
    const operation = scripted(clock, first);
    const call = policy.outcome(operation, { signal: caller.signal });
    expect(await call).toEqual({ ok: false, error: 'enough' });
    expect(clock.pending).toBe(0);
    expect(operation.startedAt).toHaveLength(1);
  });
});

describe('options', () => {
  test('describe() tells them, defaults included', () => {
    expect(retry().describe().layers[0]).toEqual({
      kind: 'retry',
      name: 'retry',
      options: {
        maxAttempts: 3,
        backoff: { kind: 'exponential', initialMs: 100, maxMs: 20_000, factor: 2, jitter: 'full' },
        fastFirst: false,
      },
    });
    expect(retry({ maxElapsedMs: 5, backoff: () => 1 }).describe().layers[0]?.options).toEqual({
      maxAttempts: 3,
      maxElapsedMs: 5,
      fastFirst: false,
    });
  });

  test.each([
    ['maxAttempts', 0],
    ['maxAttempts', 1.5],
    ['maxAttempts', '3'],
    ['maxElapsedMs', -1],
    ['maxElapsedMs', Number.NaN],
    ['backoff', 100],
    ['fastFirst', 1],
    ['shouldRetry', true],
    ['delayFrom', 5],
    ['dispose', {}],
    ['budget', { begin() {} }],
    ['budget', null],
    ['name', 5],
    ['retries', 5],
  ])('%s cannot be %j', (name, value) => {
    expect(() => retry({ [name]: value })).toThrow(`\`${name}\``);
  });

  test('undefined stands for the default', () => {
    const all = { maxAttempts: undefined, backoff: undefined, budget: undefined, name: undefined };
    expect(retry(all).describe()).toEqual(retry().describe());
  });

  test('the options object is neither changed nor watched', async () => {
    const options = { maxAttempts: 2, backoff: constant(0) };
    const policy = retry(Object.freeze({ ...options }));
    const operation = scripted(virtualClock(), first);
    options.maxAttempts = 99;
    await policy.outcome(operation);
    expect(operation.startedAt).toHaveLength(2);
  });
});
