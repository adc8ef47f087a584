import {
  blastRadius,
  chaos,
  type ChaosOptions,
  everyNth,
  fault,
  latency,
  nth,
  oneOf,
  outages,
  rate,
  result,
} from '@holdfast/chaos';
import { contextKey, type Policy } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 100) };
const inject = fault('struck');

/** Which of so many calls are struck, by number. */
async function struckOf(policy: Policy<unknown>, calls: number): Promise<number[]> {
  const struck: number[] = [];
  for (let number = 1; number <= calls; number++) {
    const outcome = await policy.outcome(() => number);
    if (!outcome.ok || outcome.value !== number) struck.push(number);
  }
  return struck;
}

describe('a rate', () => {
  test('strikes that share of the calls, within six standard deviations', async () => {
    const seeds = fc.record({
      seed: fc.maxSafeInteger(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const calls = 2_000;
    await fc.assert(
      fc.asyncProperty(seeds, async ({ seed, share }) => {
        const policy = chaos({ inject, when: rate(share), seed });
        const { length } = await struckOf(policy, calls);
        const deviation = Math.sqrt(calls * share * (1 - share));
        expect(Math.abs(length - calls * share)).toBeLessThanOrEqual(6 * deviation + 12);
      }),
      { ...runs, numRuns: Math.min(runs.numRuns, 50) },
    );
  });

  test('comes close to its share in many calls', async () => {
    const { length } = await struckOf(chaos({ inject, when: rate(0.05), seed: 1 }), 40_000);
    expect(Math.abs(length - 2_000)).toBeLessThan(3 * Math.sqrt(40_000 * 0.05 * 0.95));
  });

  test('of 0 strikes none, of 1 all', async () => {
    expect(await struckOf(chaos({ inject, when: rate(0) }), 100)).toEqual([]);
    expect((await struckOf(chaos({ inject, when: rate(1) }), 100)).length).toBe(100);
  });

  test('may depend on the context', async () => {
    const tenant = contextKey<string>('tenant');
    const policy = chaos({ inject, when: rate((context) => (context.get(tenant) ? 1 : 0)) });
    const acme = await policy.outcome(() => 1, { properties: [tenant('acme')] });
    const other = await policy.outcome(() => 1);
    expect([acme.ok, other.ok]).toEqual([false, true]);
  });

  test.each([-0.1, 1.1, Number.NaN, '0.5' as never])('rejects %s', async (share) => {
    expect(() => rate(share)).toThrow('`share`');
    const policy = chaos({ inject, when: rate(() => share) });
    await expect(policy.execute(() => 1)).rejects.toThrow('`share`');
  });
});

describe('a seed', () => {
  const when = rate(0.3);

  test('strikes the same calls in every run, and another seed others', async () => {
    const struck = (seed: number): Promise<number[]> =>
      struckOf(chaos({ inject, when, seed }), 200);
    expect(await struck(7)).toEqual(await struck(7));
    expect(await struck(7)).not.toEqual(await struck(8));
    expect(await struck(2 ** 40)).not.toEqual(await struck(2 ** 41));
    // As it was in the first release: a seed that somebody has noted stays good.
    expect((await struck(7)).slice(0, 8)).toEqual([4, 13, 15, 27, 42, 45, 50, 52]);
  });

  test('is told when none is given, and does the same then', async () => {
    const policy = chaos({ inject, when });
    const struck = await struckOf(policy, 200);
    const seeds: unknown[] = [];
    policy.on('injected', ({ seed }) => seeds.push(seed));
    await struckOf(policy, 20);
    expect(new Set(seeds)).toEqual(new Set([policy.seed]));
    expect(await struckOf(chaos({ inject, when, seed: policy.seed }), 200)).toEqual(struck);
    expect(chaos({ inject, when }).seed).not.toBe(policy.seed);
  });

  test('strikes the same calls whatever is injected, however long it takes, and whoever is spared', async () => {
    const chosen = async (options: Partial<ChaosOptions>): Promise<number[]> => {
      const clock = virtualClock();
      const policy = chaos({ inject, when, seed: 3, clock, ...options });
      const numbers: number[] = [];
      policy.on('injected', ({ call }) => numbers.push(call));
      policy.on('spared', ({ call }) => numbers.push(call));
      const calls = Array.from({ length: 100 }, () => policy.outcome(() => undefined as never));
      await clock.runUntil(Promise.all(calls));
      return numbers;
    };
    const expected = await chosen({});
    expect(expected.length).toBeGreaterThan(10);
    const trouble = [
      oneOf([latency({ minMs: 1, maxMs: 900 }), latency({ delayMs: 5 })]),
      oneOf([fault(), result(1)]),
    ];
    expect(await chosen({ inject: trouble })).toEqual(expected);
    expect(await chosen({ blastRadius: blastRadius({ maxTotal: 3 }) })).toEqual(expected);
  });

  test('injects the same into a call whether those before it were spared or not', async () => {
    const delays = async (maxTotal: number): Promise<number[]> => {
      const clock = virtualClock();
      const policy = chaos({
        inject: latency({ minMs: 0, maxMs: 1_000 }),
        when: rate(0.5),
        seed: 3,
        blastRadius: blastRadius({ maxTotal, maxShare: maxTotal > 100 ? 1 : 0.25 }),
        clock,
      });
      const told: number[] = [];
      policy.on('injected', ({ call, delayMs }) => (told[call] = delayMs));
      for (let i = 0; i < 40; i++) {
        await clock.runUntil(policy.execute(() => 1));
      }
      return told;
    };
    const all = await delays(1_000);
    const some = await delays(8);
    const both = Object.keys(some).map(Number);
    expect(both.length).toBe(8);
    for (const call of both) expect(some[call]).toBe(all[call]);
  });

  test('gives way to random numbers of your own', async () => {
    const random = vi.fn(() => 0.25);
    const policy = chaos({ inject, when: rate(0.3), random });
    expect(await struckOf(policy, 3)).toEqual([1, 2, 3]);
    expect(random).toHaveBeenCalledTimes(3);
    expect(policy.seed).toBeUndefined();
    expect(await struckOf(chaos({ inject, when: rate(0.25), random }), 3)).toEqual([]);
  });
});

describe('calls by number', () => {
  test('every n-th one is struck, also of those that are on their way together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.nat({ max: 50 }), { maxLength: 100 }),
        async (n, durations) => {
          const clock = virtualClock();
          const policy = chaos({ inject: latency({ delayMs: 1_000 }), when: everyNth(n), clock });
          const numbers: number[] = [];
          policy.on('injected', ({ call }) => numbers.push(call));
          const calls = durations.map(async (ms) => {
            if (ms < 25) await Promise.resolve();
            return policy.execute(() => ms);
          });
          await clock.runUntil(Promise.all(calls));
          const expected = durations.map((_, i) => i + 1).filter((number) => number % n === 0);
          expect(numbers).toEqual(expected);
        },
      ),
      runs,
    );
  });

  test('those with a number are struck', async () => {
    expect(await struckOf(chaos({ inject, when: nth([5, 1, 3, 3]) }), 10)).toEqual([1, 3, 5]);
    expect(await struckOf(chaos({ inject, when: nth(2) }), 10)).toEqual([2]);
    expect(await struckOf(chaos({ inject, when: nth([]) }), 10)).toEqual([]);
  });

  test('a schedule begins anew in each policy', async () => {
    const when = nth(2);
    expect(await struckOf(chaos({ inject, when }), 3)).toEqual([2]);
    expect(await struckOf(chaos({ inject, when }), 3)).toEqual([2]);
  });

  test('numbers that are none are rejected', () => {
    expect(() => everyNth(0)).toThrow(RangeError);
    expect(() => everyNth(1.5)).toThrow(RangeError);
    expect(() => nth([1, 0])).toThrow(RangeError);
    expect(() => nth('3' as never)).toThrow(TypeError);
    expect(() => nth(['3' as never])).toThrow(TypeError);
  });
});

describe('outages', () => {
  const down = async (when: ChaosOptions['when'], steps: number): Promise<string> => {
    const clock = virtualClock({ startMs: 1_234 });
    const policy = chaos({ inject, when, clock });
    let line = '';
    for (let i = 0; i < steps; i++) {
      const outcome = await policy.outcome(() => 1);
      line += outcome.ok ? '.' : 'x';
      await clock.advance(10);
    }
    return line;
  };

  test('strike all calls of a stretch of time', async () => {
    expect(await down(outages({ forMs: 30 }), 8)).toBe('xxx.....');
    expect(await down(outages({ forMs: 30, afterMs: 20 }), 8)).toBe('..xxx...');
  });

  test('come again', async () => {
    expect(await down(outages({ forMs: 20, afterMs: 10, everyMs: 50 }), 13)).toBe('.xx...xx...xx');
    expect(await down(outages({ forMs: 20, everyMs: 20 }), 5)).toBe('xxxxx');
  });

  test('reject times that cannot be', () => {
    expect(() => outages({ forMs: 0 })).toThrow('`forMs`');
    expect(() => outages({ forMs: 5, afterMs: -1 })).toThrow('`afterMs`');
    expect(() => outages({ forMs: 5, everyMs: 4 })).toThrow('`everyMs`');
  });
});

describe('a predicate', () => {
  const tenant = contextKey<string>('tenant');

  test('chooses by the context', async () => {
    const policy = chaos({ inject, when: (context) => context.get(tenant) === 'test' });
    const tests = await policy.outcome(() => 1, { properties: [tenant('test')] });
    const acme = await policy.outcome(() => 1, { properties: [tenant('acme')] });
    expect([tests.ok, acme.ok]).toEqual([false, true]);
  });

  test('that answers anything but true strikes nobody', async () => {
    for (const answer of [undefined, 1, 'yes', Promise.resolve(true)]) {
      const policy = chaos({ inject, when: () => answer as never });
      expect(await policy.execute(() => 'fine')).toBe('fine');
    }
  });

  test('that throws rejects the call, and the operation is not called', async () => {
    const error = new Error('predicate');
    const operation = vi.fn();
    const when = (): boolean => {
      throw error;
    };
    expect(await chaos({ inject, when }).outcome(operation)).toEqual({ ok: false, error });
    expect(operation).not.toHaveBeenCalled();
  });

  test('in a list lets those after it count only what it lets through', async () => {
    const asked = vi.fn();
    const policy = chaos({
      inject,
      when: [(context) => context.get(tenant) === 'test', everyNth(2), asked.mockReturnValue(true)],
    });
    const struck: number[] = [];
    for (let i = 1; i <= 12; i++) {
      const properties = [tenant(i % 3 === 0 ? 'test' : 'acme')];
      const outcome = await policy.outcome(() => 1, { properties });
      if (!outcome.ok) struck.push(i);
    }
    expect(struck).toEqual([6, 12]);
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
