import { AsyncLocalStorage } from 'node:async_hooks';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type VirtualClock, virtualClock } from '../src/index.ts';

async function order(seed: number | undefined, timers: number): Promise<number[]> {
  const clock = virtualClock({ seed });
  const fired: number[] = [];
  for (let i = 0; i < timers; i += 1) clock.setTimeout(() => fired.push(i), 10);
  await clock.advance(10);
  return fired;
}

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimeout(resolve, ms));
}

describe('virtualClock', () => {
  test('stands still until it is moved', async () => {
    const clock = virtualClock({ startMs: 500 });
    const callback = vi.fn();
    clock.setTimeout(callback, 0);

    await clock.flush();

    expect(clock.now()).toBe(500);
    expect(callback).not.toHaveBeenCalled();
  });

  test('fires what is due on the way, at its time and in the order of time', async () => {
    const clock = virtualClock();
    const fired: [string, number][] = [];
    clock.setTimeout(() => fired.push(['late', clock.now()]), 30);
    clock.setTimeout(() => fired.push(['early', clock.now()]), 10);
    clock.setTimeout(() => fired.push(['never', clock.now()]), 31);

    await clock.advance(30);

    expect(fired).toEqual([
      ['early', 10],
      ['late', 30],
    ]);
    expect(clock.now()).toBe(30);
  });

  test('goes to a time as well as by a time', async () => {
    const clock = virtualClock({ startMs: 100 });

    await clock.advanceTo(250);

    expect(clock.now()).toBe(250);
  });

  test('fires a timer that is armed on the way for the same instant', async () => {
    const clock = virtualClock();
    const callback = vi.fn();
    clock.setTimeout(() => clock.setTimeout(callback, 0), 10);

    await clock.advance(10);

    expect(callback).toHaveBeenCalledOnce();
  });

  test('lets a long chain of awaits settle between two timers', async () => {
    const clock = virtualClock();
    const log: string[] = [];
    async function chained(): Promise<void> {
      for (let i = 0; i < 1_000; i += 1) await Promise.resolve();
      await new Promise<void>((resolve) => process.nextTick(resolve));
      log.push(`chain ended at ${clock.now()}`);
    }
    clock.setTimeout(() => void chained(), 10);
    clock.setTimeout(() => log.push('second timer'), 10);

    await clock.advance(20);

    expect(log).toEqual(['chain ended at 10', 'second timer']);
  });

  test('lets what is under way arm its timers before time passes', async () => {
    const clock = virtualClock();
    const callback = vi.fn();
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => clock.setTimeout(callback, 10));

    await clock.advance(10);

    expect(callback).toHaveBeenCalledOnce();
  });

  test('lets work settle that was put off to the end of its turn', async () => {
    const clock = virtualClock();
    const tidied = vi.fn();
    clock.setTimeout(() => void Promise.resolve().then(() => setImmediate(tidied)), 10);

    await clock.advance(10);

    expect(tidied).toHaveBeenCalledOnce();
  });

  test('works while fake timers rule the process', async () => {
    vi.useFakeTimers();
    try {
      const clock = virtualClock();
      const callback = vi.fn();
      clock.setTimeout(callback, 10);

      await clock.advance(10);

      expect(callback).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  test('calls back in the async context that armed the timer', async () => {
    const clock = virtualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    storage.run('caller', () => clock.setTimeout(() => seen.push(storage.getStore()), 10));

    await storage.run('test', () => clock.advance(10));

    expect(seen).toEqual(['caller']);
  });

  test('throws the error of a callback from advance, and can go on', async () => {
    const clock = virtualClock();
    const failure = new Error('broken callback');
    const later = vi.fn();
    clock.setTimeout(() => {
      throw failure;
    }, 10);
    clock.setTimeout(later, 20);

    await expect(clock.advance(20)).rejects.toBe(failure);

    expect(clock.now()).toBe(10);
    await clock.advance(10);
    expect(later).toHaveBeenCalledOnce();
  });

  test('refuses to be moved twice at once', async () => {
    const clock = virtualClock();

    const first = clock.advance(10);

    await expect(clock.runUntilIdle()).rejects.toThrow(
      'runUntilIdle() was called while advance() is moving the clock',
    );
    await first;
    await clock.advance(10);
    expect(clock.now()).toBe(20);
  });

  test('refuses to be moved from a callback', async () => {
    const clock = virtualClock();
    let moved: Promise<void> | undefined;
    clock.setTimeout(() => {
      moved = clock.advance(1);
      moved.catch(() => undefined);
    }, 10);

    await clock.advance(10);

    await expect(moved).rejects.toThrow('advance() was called while advance() is moving the clock');
  });

  test('names the timer that is armed again and again without a delay', async () => {
    const clock = virtualClock();
    let rounds = 0;
    clock.setTimeout(function impatient() {
      rounds += 1;
      clock.setTimeout(impatient, 0);
    }, 0);

    await expect(clock.advance(1)).rejects.toThrow(/time stands still; next is `impatient`/);
    expect(rounds).toBe(10_000);
  });

  test('takes many timers without a delay that do not arm one another', async () => {
    const clock = virtualClock();
    const callback = vi.fn();
    for (let i = 0; i < 11_000; i += 1) clock.setTimeout(callback, 0);

    await clock.advance(0);

    expect(callback).toHaveBeenCalledTimes(11_000);
  });

  test('tells how many timers are armed and when the next is due', async () => {
    const clock = virtualClock({ startMs: 5 });
    const timer = clock.setTimeout(() => undefined, 10);
    clock.setTimeout(() => undefined, 20).unref();

    expect([clock.pending, clock.nextTimerAt]).toEqual([2, 15]);
    timer.cancel();
    expect([clock.pending, clock.nextTimerAt]).toEqual([1, 25]);
    await clock.advance(20);
    expect([clock.pending, clock.nextTimerAt]).toEqual([0, undefined]);
  });

  test('takes delays beyond 2^31-1 ms', async () => {
    const clock = virtualClock();
    const callback = vi.fn();
    clock.setTimeout(callback, 2 ** 40);

    await clock.advance(2 ** 40 - 1);
    expect(callback).not.toHaveBeenCalled();
    await clock.advance(1);

    expect(callback).toHaveBeenCalledOnce();
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a delay of %d', (delayMs) => {
    expect(() => virtualClock().setTimeout(() => undefined, delayMs)).toThrow(
      `Expected \`delayMs\` to be a finite number of milliseconds from 0 up, got ${delayMs}.`,
    );
  });

  test('refuses to go back', async () => {
    const clock = virtualClock({ startMs: 10 });

    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    await expect(clock.advanceTo(9)).rejects.toThrow(
      'Expected `timeMs` to be at least the present 10, got 9.',
    );
  });

  test('refuses options and arguments of the wrong kind', async () => {
    const clock = virtualClock();
    const wrong = 'soon' as never;

    expect(() => virtualClock({ startMs: wrong })).toThrow(TypeError);
    expect(() => virtualClock({ seed: 0.5 })).toThrow(
      'Expected `seed` to be a safe integer, got 0.5.',
    );
    expect(() => clock.setTimeout(wrong, 1)).toThrow(
      'Expected `callback` to be a function, got "soon".',
    );
    await expect(clock.runUntil(wrong)).rejects.toThrow('Expected `promise` to be a promise');
    await expect(clock.runUntilIdle({ maxSteps: 0 })).rejects.toThrow(RangeError);
  });
});

describe('virtualClock with a seed', () => {
  test('fires timers due together in the order of arming without a seed', async () => {
    expect(await order(undefined, 6)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('fires timers due together in the same order for the same seed', async () => {
    expect(await order(7, 50)).toEqual(await order(7, 50));
  });

  test('reaches every order of three timers with a few seeds', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 60; seed += 1) orders.add((await order(seed, 3)).join());

    expect(orders.size).toBe(6);
  });

  test('tells its seed', () => {
    expect([virtualClock({ seed: 7 }).seed, virtualClock().seed]).toEqual([7, undefined]);
  });
});

describe('runUntilIdle', () => {
  test('goes on until no timer is left', async () => {
    const clock = virtualClock();
    let left = 3;
    function again(): void {
      left -= 1;
      if (left > 0) clock.setTimeout(again, 100);
    }
    clock.setTimeout(again, 100);

    await clock.runUntilIdle();

    expect([left, clock.now(), clock.pending]).toEqual([0, 300, 0]);
  });

  test('does not wait for timers with unref, but fires those that come first', async () => {
    const clock = virtualClock();
    const early = vi.fn();
    const late = vi.fn();
    clock.setTimeout(early, 10).unref();
    clock.setTimeout(() => undefined, 20);
    clock.setTimeout(late, 30).unref();

    await clock.runUntilIdle();

    expect(early).toHaveBeenCalledOnce();
    expect(late).not.toHaveBeenCalled();
    expect([clock.now(), clock.pending]).toEqual([20, 1]);
  });

  test('waits for a timer whose unref was taken back', async () => {
    const clock = virtualClock();
    const callback = vi.fn();
    const timer = clock.setTimeout(callback, 10);
    timer.unref();
    timer.ref();

    await clock.runUntilIdle();

    expect(callback).toHaveBeenCalledOnce();
  });

  test('names the endless timer when it has fired too many', async () => {
    const clock = virtualClock();
    clock.setTimeout(function poll() {
      clock.setTimeout(poll, 5);
    }, 5);

    await expect(clock.runUntilIdle({ maxSteps: 20 })).rejects.toThrow(
      'The clock has fired 20 timers and is not idle; ' +
        'next is `poll` (armed at 100 ms, due at 105 ms). Stop what keeps arming it, or raise `maxSteps`.',
    );
  });

  test('shows the source of an endless timer without a name', async () => {
    const clock = virtualClock();
    const arm = (): void => {
      clock.setTimeout(() => arm(), 5);
    };
    arm();

    await expect(clock.runUntilIdle({ maxMs: 12 })).rejects.toThrow(
      'The clock has passed 12 ms and is not idle; next is `() => arm()`',
    );
    expect(clock.now()).toBe(10);
  });
});

describe('runUntil', () => {
  test('goes on until the promise settles and returns its value', async () => {
    const clock = virtualClock();
    clock.setTimeout(() => undefined, 1_000);
    async function work(): Promise<string> {
      await sleep(clock, 100);
      await sleep(clock, 200);
      return 'done';
    }

    expect(await clock.runUntil(work())).toBe('done');
    expect([clock.now(), clock.pending]).toEqual([300, 1]);
  });

  test('throws the very error of the promise', async () => {
    const clock = virtualClock();
    const failure = new Error('no stock');

    await expect(clock.runUntil(sleep(clock, 10).then(() => Promise.reject(failure)))).rejects.toBe(
      failure,
    );
  });

  test('says so when nothing is left to do and the promise is pending', async () => {
    const clock = virtualClock();
    clock.setTimeout(() => undefined, 40);

    await expect(clock.runUntil(new Promise(() => undefined))).rejects.toThrow(
      'Nothing is left to do at 40 ms, but the promise is still pending. No timer is armed',
    );
  });

  test('says so when the promise hangs on a timer for which a process would not wait', async () => {
    const clock = virtualClock();
    const promise = new Promise<void>((resolve) => {
      clock.setTimeout(resolve, 40).unref();
    });

    await expect(clock.runUntil(promise)).rejects.toThrow(
      'Timers armed: 1, all with unref(), for which a process would not wait',
    );
  });

  test('gives up at its limits', async () => {
    const clock = virtualClock();
    clock.setTimeout(function beat() {
      clock.setTimeout(beat, 1);
    }, 1);

    await expect(clock.runUntil(new Promise(() => undefined), { maxMs: 50 })).rejects.toThrow(
      'next is `beat`',
    );
  });
});

describe('virtualClock, for any timers', () => {
  const delays = fc.array(fc.nat({ max: 50 }), { maxLength: 40 });
  const seeds = fc.option(fc.integer(), { nil: undefined });

  test('fires in the order of time, never early, at the very time', async () => {
    await fc.assert(
      fc.asyncProperty(delays, seeds, fc.nat({ max: 60 }), async (list, seed, until) => {
        const clock = virtualClock({ seed });
        const fired: number[] = [];
        for (const delayMs of list) {
          clock.setTimeout(() => {
            expect(clock.now()).toBe(delayMs);
            fired.push(delayMs);
          }, delayMs);
        }

        await clock.advance(until);

        const due = list.filter((delayMs) => delayMs <= until);
        expect(fired).toEqual(due.toSorted((a, b) => a - b));
        expect(clock.pending).toBe(list.length - due.length);
      }),
    );
  });

  test('fires all but those that were cancelled, before or on the way', async () => {
    const timers = fc.array(
      fc.record({ delayMs: fc.nat({ max: 50 }), cancelAt: fc.nat({ max: 50 }) }),
    );
    await fc.assert(
      fc.asyncProperty(timers, async (list) => {
        const clock = virtualClock();
        const fired: number[] = [];
        for (const [index, { delayMs, cancelAt }] of list.entries()) {
          const timer = clock.setTimeout(() => fired.push(index), delayMs);
          if (cancelAt === 0) timer.cancel();
          else clock.setTimeout(timer.cancel.bind(timer), cancelAt);
        }

        await clock.runUntilIdle();

        const expected = list
          .map((_, index) => index)
          .filter((index) => {
            const { delayMs, cancelAt } = list[index] ?? { delayMs: 0, cancelAt: 0 };
            return cancelAt > 0 && delayMs <= cancelAt;
          });
        expect(fired.toSorted((a, b) => a - b)).toEqual(expected);
        expect(clock.pending).toBe(0);
      }),
    );
  });

  test('fires nested timers after the sum of their delays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(delays, { maxLength: 5 }), seeds, async (chains, seed) => {
        const clock = virtualClock({ seed });
        const ends: number[] = [];
        async function run(chain: readonly number[]): Promise<void> {
          for (const delayMs of chain) {
            await new Promise<void>((resolve) => clock.setTimeout(resolve, delayMs));
          }
          ends.push(clock.now());
        }
        const all = Promise.all(chains.map(run));

        await clock.runUntil(all);

        const sums = chains.map((chain) => chain.reduce((sum, delayMs) => sum + delayMs, 0));
        expect(ends).toEqual(sums.toSorted((a, b) => a - b));
      }),
    );
  });

  test('never shows less than the delay, whatever the rounding', async () => {
    const ms = fc.double({ min: 0, max: 2 ** 53, noNaN: true });
    await fc.assert(
      fc.asyncProperty(ms, ms, async (startMs, delayMs) => {
        const clock = virtualClock({ startMs });
        clock.setTimeout(() => undefined, delayMs);

        await clock.runUntilIdle();

        expect(clock.now() - startMs).toBeGreaterThanOrEqual(delayMs);
      }),
    );
  });

  test('waits for exactly those that keep a process alive', async () => {
    const timers = fc.array(fc.record({ delayMs: fc.nat({ max: 50 }), unref: fc.boolean() }));
    await fc.assert(
      fc.asyncProperty(timers, async (list) => {
        const clock = virtualClock();
        for (const { delayMs, unref } of list) {
          const timer = clock.setTimeout(() => undefined, delayMs);
          if (unref) timer.unref();
        }

        await clock.runUntilIdle();

        const last = Math.max(
          -1,
          ...list.filter(({ unref }) => !unref).map(({ delayMs }) => delayMs),
        );
        expect(clock.now()).toBe(Math.max(0, last));
        // Of the timers due at the last instant, those armed after the last one stay.
        expect(clock.nextTimerAt ?? Infinity).toBeGreaterThanOrEqual(last);
      }),
    );
  });
});
