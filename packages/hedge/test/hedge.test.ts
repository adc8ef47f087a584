import { AsyncLocalStorage } from 'node:async_hooks';
import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { hedge, type HedgeOptions, hedgeNumber, isHedgeLostError } from '@holdfast/hedge';
import {
  compose,
  concurrentRetryBudget,
  type ExecutionContext,
  isTimeoutError,
  noop,
  type RetryBudget,
} from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test, vi } from 'vitest';

function hedgeWith(options: Partial<HedgeOptions> = {}): {
  clock: VirtualClock;
  policy: ReturnType<typeof hedge>;
} {
  const clock = virtualClock();
  return { clock, policy: hedge({ safe: true, afterMs: 100, clock, ...options }) };
}

/** Answers after so many milliseconds, or sooner with the reason when its signal is aborted. */
function answering<T>(
  clock: VirtualClock,
  ms: number,
  answer: () => T,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    clock.setTimeout(() => {
      try {
        resolve(answer());
      } catch (error) {
        reject(error);
      }
    }, ms);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

describe('a slow answer', () => {
  test('starts a hedge, and the first good answer wins', async () => {
    const { clock, policy } = hedgeWith();
    const begin = clock.now();
    const starts: number[] = [];

    const call = policy.execute((context) => {
      starts.push(clock.now() - begin);
      return answering(clock, hedgeNumber(context) === 0 ? 1_000 : 50, () => hedgeNumber(context));
    });
    await clock.advance(150);

    await expect(call).resolves.toBe(1);
    expect(starts).toEqual([0, 100]);
  });

  test('starts no hedge when the answer is there in time', async () => {
    const { clock, policy } = hedgeWith();
    let calls = 0;

    const call = policy.execute(() => {
      calls++;
      return answering(clock, 99, () => 'in time');
    });
    await clock.advance(10_000);

    await expect(call).resolves.toBe('in time');
    expect(calls).toBe(1);
  });

  test('starts as many hedges as there may be, one after the other', async () => {
    const { clock, policy } = hedgeWith({ maxHedges: 3 });
    const starts: number[] = [];
    const begin = clock.now();

    const call = policy.execute(() => {
      starts.push(clock.now() - begin);
      return answering(clock, 1_000, () => 1);
    });
    await clock.advance(1_000);

    await expect(call).resolves.toBe(1);
    expect(starts).toEqual([0, 100, 200, 300]);
  });

  test('starts all at once with a delay of 0', async () => {
    const { clock, policy } = hedgeWith({ afterMs: 0, maxHedges: 2 });
    const numbers: number[] = [];

    const call = policy.execute((context) => {
      numbers.push(hedgeNumber(context));
      return answering(clock, 10, () => 1);
    });
    expect(numbers).toEqual([0, 1, 2]);
    await clock.advance(10);
    await call;
  });

  test('aborts the losers, once, with a reason of its own', async () => {
    const { clock, policy } = hedgeWith();
    const reasons: unknown[] = [];

    const call = policy.execute((context) => {
      const { signal } = context;
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return answering(clock, hedgeNumber(context) === 0 ? 1_000 : 50, () => 1, signal);
    });
    await clock.advance(2_000);
    await call;

    expect(reasons).toHaveLength(1);
    expect(isHedgeLostError(reasons[0])).toBe(true);
  });

  test('aborts the losers also where the caller has brought a signal, which stays as it is', async () => {
    const { clock, policy } = hedgeWith();
    const { signal } = new AbortController();
    const signals: AbortSignal[] = [];

    const call = policy.execute(
      (context) => {
        signals.push(context.signal);
        return answering(clock, hedgeNumber(context) === 0 ? 1_000 : 50, () => 1, context.signal);
      },
      { signal },
    );
    await clock.advance(2_000);
    await call;

    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signal.aborted).toBe(false);
  });

  test('closes what the losers bring, and waits for none of them', async () => {
    const closed: unknown[] = [];
    const { clock, policy } = hedgeWith({ dispose: (value: unknown) => closed.push(value) });
    const begin = clock.now();

    const call = policy.execute((context) => {
      const number = hedgeNumber(context);
      return answering(clock, number === 0 ? 1_000 : 50, () => `answer ${number}`);
    });
    const answered = call.then(() => clock.now() - begin);
    await clock.advance(2_000);

    expect(await answered).toBe(150);
    expect(closed).toEqual(['answer 0']);
  });

  test('hedges in the async context of the caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, policy } = hedgeWith();
    const seen: (string | undefined)[] = [];
    const operation = (): Promise<number> => {
      seen.push(storage.getStore());
      return answering(clock, 500, () => 1);
    };

    const calls = ['a', 'b'].map((name) => storage.run(name, () => policy.execute(operation)));
    await clock.advance(1_000);
    await Promise.all(calls);

    expect(seen).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('a bad answer', () => {
  test('starts the next hedge at once', async () => {
    const { clock, policy } = hedgeWith({ afterMs: Number.POSITIVE_INFINITY });

    const call = policy.execute((context) => {
      if (hedgeNumber(context) === 0) throw new Error('first');
      return 'second';
    });

    await expect(call).resolves.toBe('second');
    await clock.flush();
  });

  test.each([10, () => 10])(
    'that comes at once leaves one wait for the hedge after the next, not two',
    async (afterMs) => {
      const { clock, policy } = hedgeWith({ afterMs, maxHedges: 3 });
      const begin = clock.now();
      const starts: number[] = [];

      const call = policy.execute((context) => {
        starts.push(clock.now() - begin);
        if (hedgeNumber(context) === 0) throw new Error('at once');
        return answering(clock, 15, () => hedgeNumber(context));
      });
      await clock.advance(20);

      await expect(call).resolves.toBe(1);
      expect(starts).toEqual([0, 0, 10]);
    },
  );

  test('does not win while a better one may come', async () => {
    const { clock, policy } = hedgeWith();

    const call = policy.execute((context) =>
      hedgeNumber(context) === 0
        ? answering(clock, 300, () => 'good')
        : Promise.reject(new Error('bad')),
    );
    await clock.advance(300);

    await expect(call).resolves.toBe('good');
  });

  test('is the answer when all are bad: the one that came last', async () => {
    const { clock, policy } = hedgeWith({ maxHedges: 2 });
    const errors = ['first', 'second', 'third'].map((text) => new Error(text));

    const call = policy.outcome((context) =>
      answering(clock, 10, () => {
        throw errors[hedgeNumber(context)];
      }),
    );
    await clock.advance(1_000);

    expect(await call).toEqual({ ok: false, error: errors[2] });
  });

  test('can be a value, which is closed when a better one comes', async () => {
    const closed: unknown[] = [];
    const { policy } = hedgeWith({
      isFailure: (outcome) => !outcome.ok || outcome.value === 503,
      dispose: (value: unknown) => closed.push(value),
    });

    const call = policy.execute((context) => (hedgeNumber(context) === 0 ? 503 : 200));

    await expect(call).resolves.toBe(200);
    expect(closed).toEqual([503]);
  });

  test('all but the last bad value are closed', async () => {
    const closed: unknown[] = [];
    const { policy } = hedgeWith({
      maxHedges: 3,
      isFailure: () => true,
      dispose: (value: unknown) => closed.push(value),
    });

    const call = policy.execute((context) => `answer ${hedgeNumber(context)}`);

    await expect(call).resolves.toBe('answer 3');
    expect(closed).toEqual(['answer 0', 'answer 1', 'answer 2']);
  });

  test('an error that is none wins at once, since no hedge would fare better', async () => {
    const notFound = new Error('404');
    const { clock, policy } = hedgeWith({
      isFailure: (outcome) => !outcome.ok && outcome.error !== notFound,
    });
    const begin = clock.now();

    const call = policy.outcome((context) =>
      hedgeNumber(context) === 0
        ? answering(clock, 1_000, () => 1)
        : answering(clock, 10, () => {
            throw notFound;
          }),
    );
    const answered = call.then(() => clock.now() - begin);
    await clock.advance(2_000);

    expect(await call).toEqual({ ok: false, error: notFound });
    expect(await answered).toBe(110);
  });

  test('an error in isFailure rejects the call with that very error', async () => {
    const mistake = new Error('mistake');
    const { policy } = hedgeWith({
      isFailure: () => {
        throw mistake;
      },
    });

    await expect(policy.execute(async () => 1)).rejects.toBe(mistake);
  });
});

describe('only what is safe', () => {
  test('goes through untouched when it is not', async () => {
    const { clock, policy } = hedgeWith({ safe: ({ attempt }) => attempt > 1, afterMs: 0 });
    let calls = 0;

    const call = policy.execute(() => {
      calls++;
      return answering(clock, 1_000, () => 'paid');
    });
    await clock.advance(1_000);

    await expect(call).resolves.toBe('paid');
    expect(calls).toBe(1);
  });

  test.each([
    [{ afterMs: 1 }, 'safe'],
    [{ safe: false, afterMs: 1 }, 'safe'],
    [{ safe: true }, 'afterMs'],
    [{ safe: true, afterMs: -1 }, 'afterMs'],
    [{ safe: true, afterMs: Number.NaN }, 'afterMs'],
    [{ safe: true, afterMs: 1, maxHedges: 0 }, 'maxHedges'],
    [{ safe: true, afterMs: 1, budget: {} }, 'budget'],
    [{ safe: true, afterMs: 1, isFailure: 1 }, 'isFailure'],
    [{ safe: true, afterMs: 1, dispose: 1 }, 'dispose'],
    [{ safe: true, afterMs: 1, hedges: 1 }, 'hedges'],
  ])('names the option that cannot be used: %j', (options, name) => {
    expect(() => hedge(options as never)).toThrow(new RegExp(`\`${name}\``, 'u'));
  });

  test.each([Number.NaN, -1])(
    'a function that gives %d milliseconds rejects the call',
    async (ms) => {
      const { policy } = hedgeWith({ afterMs: () => ms });

      await expect(policy.execute(() => new Promise(() => {}))).rejects.toThrow(/`afterMs`/u);
    },
  );

  test('a function that throws for a later hedge rejects the call', async () => {
    const mistake = new Error('mistake');
    const { clock, policy } = hedgeWith({
      maxHedges: 2,
      afterMs: (_context: ExecutionContext, number: number) => {
        if (number === 2) throw mistake;
        return 10;
      },
    });

    const call = policy.execute(() => new Promise(() => {}));
    const checked = expect(call).rejects.toBe(mistake);
    await clock.advance(10);

    await checked;
  });
});

describe('a budget', () => {
  function budgetOf(grants: number): RetryBudget & { open: number; retries: number } {
    return {
      open: 0,
      retries: 0,
      begin() {
        this.open++;
      },
      end() {
        this.open--;
      },
      tryRetry() {
        if (grants === 0) return false;
        grants--;
        this.retries++;
        return true;
      },
      retryEnded() {
        this.retries--;
      },
    };
  }

  test('suppresses further hedges, and none that is on its way', async () => {
    const budget = budgetOf(1);
    const { clock, policy } = hedgeWith({ maxHedges: 5, budget });
    const suppressed: unknown[] = [];
    policy.on('suppressed', ({ hedge: number, reason }) => suppressed.push([number, reason]));
    let calls = 0;

    const call = policy.execute((context) => {
      calls++;
      return answering(clock, 1_000, () => hedgeNumber(context), context.signal);
    });
    await clock.advance(1_000);

    await expect(call).resolves.toBe(0);
    expect(calls).toBe(2);
    expect(suppressed).toEqual([[2, 'budget']]);
    expect(budget).toMatchObject({ open: 0, retries: 0 });
  });

  test('that is used up is not asked again in this call', async () => {
    const budget = budgetOf(0);
    const tryRetry = vi.spyOn(budget, 'tryRetry');
    const { clock, policy } = hedgeWith({ maxHedges: 5, budget });
    let suppressed = 0;
    policy.on('suppressed', () => suppressed++);

    const call = policy.outcome(() =>
      answering(clock, 500, () => {
        throw new Error('down');
      }),
    );
    await clock.advance(500);

    expect((await call).ok).toBe(false);
    expect(tryRetry).toHaveBeenCalledOnce();
    expect(suppressed).toBe(1);
  });

  test.each(['of the policy', 'of the call'])(
    '%s is paid into once where a retry outside shares it',
    async (whose) => {
      const clock = virtualClock();
      const shared = budgetOf(9);
      let begun = 0;
      const begin = shared.begin.bind(shared);
      shared.begin = () => {
        begun++;
        begin();
      };
      const own = whose === 'of the policy' ? { budget: shared } : {};
      const policy = compose(
        retry({ maxAttempts: 2, backoff: constant(0), clock, ...own }),
        hedge({ safe: true, afterMs: 1_000, clock, ...own }),
      );

      await policy.outcome(
        () => Promise.reject(new Error('down')),
        whose === 'of the call' ? { retryBudget: shared } : {},
      );

      expect(begun).toBe(1);
      expect(shared).toMatchObject({ open: 0, retries: 0 });
    },
  );

  test('that throws changes nothing, and is reported', async () => {
    const mistake = (): never => {
      throw new Error('mistake');
    };
    const budget = { begin: mistake, end: mistake, tryRetry: mistake, retryEnded: mistake };
    const { policy } = hedgeWith({ afterMs: 0, budget });
    const warned = new Promise((resolve) => process.once('warning', resolve));

    await expect(policy.execute((context) => hedgeNumber(context) + 1)).resolves.toBe(1);
    await warned;
  });

  test('of the call is asked as well', async () => {
    const { clock, policy } = hedgeWith();
    let calls = 0;
    const operation = (): Promise<number> => answering(clock, 500, () => ++calls);

    const call = policy.execute(operation, { retryBudget: budgetOf(0) });
    await clock.advance(500);

    await expect(call).resolves.toBe(1);
  });
});

describe('giving up', () => {
  const safes: readonly HedgeOptions['safe'][] = [true, () => true];

  test('an outer timeout ends all attempts and starts no other', async () => {
    const clock = virtualClock();
    const policy = compose(
      timeout({ afterMs: 150, clock }),
      hedge({ safe: true, afterMs: 100, maxHedges: 3, clock }),
    );
    const signals: AbortSignal[] = [];
    const begin = clock.now();
    let at = 0;

    const call = policy.outcome(({ signal }) => {
      signals.push(signal);
      return answering(clock, 10_000, () => 1, signal);
    });
    void call.then(() => (at = clock.now() - begin));
    await clock.advance(1_000);

    const outcome = await call;
    expect(isTimeoutError(!outcome.ok && outcome.error)).toBe(true);
    expect(at).toBe(150);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  test('the caller ends all attempts with its own reason', async () => {
    const { clock, policy } = hedgeWith();
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: unknown[] = [];

    const call = policy.outcome(
      ({ signal }) => {
        signal.addEventListener('abort', () => seen.push(signal.reason));
        return answering(clock, 10_000, () => 1, signal);
      },
      { signal: controller.signal },
    );
    await clock.advance(100);
    controller.abort(reason);
    await clock.advance(1_000);

    expect(await call).toEqual({ ok: false, error: reason });
    expect(seen).toEqual([reason, reason]);
  });

  test.each(safes)(
    'the caller waits for nobody, also for those that do not heed their signal: safe %s',
    async (safe) => {
      const closed: unknown[] = [];
      const { clock, policy } = hedgeWith({
        safe,
        dispose: (value: unknown) => closed.push(value),
      });
      const controller = new AbortController();
      const begin = clock.now();

      const call = policy.outcome(
        (context) => answering(clock, 1_000, () => hedgeNumber(context)),
        { signal: controller.signal },
      );
      const answered = call.then(() => clock.now() - begin);
      await clock.advance(200);
      controller.abort('enough');
      await clock.advance(2_000);

      expect(await call).toEqual({ ok: false, error: 'enough' });
      expect(await answered).toBe(200);
      expect(closed).toEqual([0, 1]);
    },
  );

  test.each(safes)('the caller may do so from inside the operation: safe %s', async (safe) => {
    const { clock, policy } = hedgeWith({ safe });
    const controller = new AbortController();
    let calls = 0;

    const outcome = await policy.outcome(
      () => {
        calls++;
        controller.abort('enough');
        return answering(clock, 1_000, () => 1);
      },
      { signal: controller.signal },
    );
    await clock.advance(2_000);

    expect(outcome).toEqual({ ok: false, error: 'enough' });
    expect(calls).toBe(1);
  });

  test.each(['isFailure', 'afterMs', 'won'] as const)(
    'the caller may do so from inside %s: all is given back once',
    async (where) => {
      const caller = new AbortController();
      const giveUp = (): void => caller.abort('enough');
      const begun: number[] = [];
      const closed: unknown[] = [];
      const budget: RetryBudget = {
        begin: () => begun.push(1),
        end: () => begun.push(-1),
        tryRetry: () => true,
        retryEnded: () => undefined,
      };
      let asked = 0;
      const { clock, policy } = hedgeWith({
        budget,
        dispose: (value) => closed.push(value),
        afterMs: () => {
          asked++;
          if (where === 'afterMs' && asked === 2) giveUp();
          return 100;
        },
        isFailure: ({ ok }) => {
          if (where === 'isFailure') giveUp();
          return !ok;
        },
        maxHedges: 2,
      });
      const won: unknown[] = [];
      policy.on('won', ({ hedge: number }) => won.push(number));
      if (where === 'won') policy.on('won', giveUp);

      const call = policy.outcome(
        (context) => answering(clock, 150 + 1_000 * hedgeNumber(context), () => 'value'),
        { signal: caller.signal },
      );
      await clock.advance(160);
      if (where === 'afterMs') expect(clock.nextTimerAt).not.toBe(200);

      expect(await call).toEqual({ ok: false, error: 'enough' });
      await clock.advance(2_000);
      expect(begun).toEqual([1, -1]);
      expect(won).toEqual(where === 'won' ? [0] : []);
      expect(closed).toEqual(['value', 'value']);
    },
  );

  test('a cooperative timeout outside waits for what runs, and starts no other', async () => {
    const clock = virtualClock();
    const policy = compose(
      timeout({ afterMs: 150, mode: 'cooperative', clock }),
      hedge({ safe: true, afterMs: 100, maxHedges: 5, clock }),
    );
    const begin = clock.now();
    let calls = 0;

    const call = policy.outcome(() => {
      calls++;
      return answering(clock, 1_000, () => 'in the end');
    });
    const answered = call.then(() => clock.now() - begin);
    await clock.advance(5_000);

    expect(await answered).toBe(1_000);
    expect(calls).toBe(2);
  });

  test('starts no hedge after the deadline of the call', async () => {
    const { clock, policy } = hedgeWith();
    let calls = 0;

    const call = policy.execute(
      () => {
        calls++;
        return answering(clock, 500, () => 1);
      },
      { deadline: clock.now() + 100 },
    );
    await clock.advance(500);

    await expect(call).resolves.toBe(1);
    expect(calls).toBe(1);
  });
});

describe('among other policies', () => {
  test('a loser is no failure and no success to a breaker inside', async () => {
    const clock = virtualClock();
    const breaker = circuitBreaker({ clock });
    const policy = compose(hedge({ safe: true, afterMs: 100, clock }), breaker);

    const call = policy.execute((context) =>
      answering(clock, hedgeNumber(context) === 0 ? 1_000 : 50, () => 1, context.signal),
    );
    await clock.advance(2_000);
    await call;

    expect(breaker.metrics).toMatchObject({ successes: 1, failures: 0, ignored: 1 });
  });

  test('a loser holds its place in a bulkhead until its work has ended', async () => {
    const clock = virtualClock();
    const inside = bulkhead({ clock });
    const outside = bulkhead({ clock });
    const policy = compose(outside, hedge({ safe: true, afterMs: 100, clock }), inside);

    const call = policy.execute((context) =>
      answering(clock, hedgeNumber(context) === 0 ? 1_000 : 50, () => 1),
    );
    await clock.advance(150);
    await call;
    expect([inside.active, outside.active]).toEqual([1, 1]);
    await clock.advance(850);

    expect([inside.active, outside.active]).toEqual([0, 0]);
  });

  test('a retry outside begins anew, one inside is part of its attempt', async () => {
    const clock = virtualClock();
    const numbers: [number, number][] = [];
    const note = (context: ExecutionContext): void => {
      numbers.push([context.attempt, hedgeNumber(context)]);
    };
    const never = hedge({ safe: true, afterMs: 10_000, clock });
    const again = retry({ maxAttempts: 2, backoff: constant(0), clock });

    await compose(again, never).outcome((context) => {
      note(context);
      throw new Error('down');
    });
    await compose(never, again).outcome((context) => {
      note(context);
      throw new Error('down');
    });

    expect(numbers).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [1, 0],
      [2, 0],
      [1, 1],
      [2, 1],
    ]);
  });

  test('a retry inside gives back what it has of a budget when the caller gives up under its answer', async () => {
    const clock = virtualClock();
    const caller = new AbortController();
    const budget = concurrentRetryBudget({ ratio: 1, minConcurrent: 0 });
    const giveUp = (): boolean => {
      caller.abort('enough');
      return false;
    };
    const policy = compose(
      hedge({ safe: true, afterMs: 100, clock }),
      retry({ budget, clock }),
      circuitBreaker({ isFailure: giveUp, clock }),
    );

    const call = policy.outcome(() => answering(clock, 10, () => 'value'), {
      signal: caller.signal,
    });
    await clock.advance(0);
    expect(budget.available).toBe(1);
    await clock.advance(10);

    expect(await call).toEqual({ ok: false, error: 'enough' });
    expect(budget.available).toBe(0);
  });

  test('a nested call knows the attempt if it got the context', async () => {
    const clock = virtualClock();
    const outer = hedge({ safe: true, afterMs: Infinity, clock });
    const numbers: number[] = [];

    await outer.outcome((context) =>
      noop.execute((inner) => {
        numbers.push(hedgeNumber(inner));
        throw new Error('down');
      }, context),
    );
    await noop.execute((context) => numbers.push(hedgeNumber(context)));

    expect(numbers).toEqual([0, 1, 0]);
  });

  test('a fallback outside answers when all attempts have failed', async () => {
    const clock = virtualClock();
    const policy = compose(fallback({ value: 'stale' }), hedge({ safe: true, afterMs: 1, clock }));

    await expect(policy.execute(() => Promise.reject(new Error('down')))).resolves.toBe('stale');
  });

  test('tells which attempt won', async () => {
    const { clock, policy } = hedgeWith();
    const events: unknown[] = [];
    policy.on('hedged', ({ hedge: number, reason }) => events.push(['hedged', number, reason]));
    policy.on('won', ({ hedge: number, hedges }) => events.push(['won', number, hedges]));

    const call = policy.execute((context) =>
      answering(clock, hedgeNumber(context) === 0 ? 1_000 : 50, () => 1),
    );
    await clock.advance(150);
    await call;

    expect(events).toEqual([
      ['hedged', 1, 'slow'],
      ['won', 1, 1],
    ]);
  });
});
