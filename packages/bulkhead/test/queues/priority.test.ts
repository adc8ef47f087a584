import { type Bulkhead, bulkhead, fairQueue, priorityQueue } from '@holdfast/bulkhead';
import type { PriorityQueueOptions } from '@holdfast/bulkhead';
import { type Clock, compose } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reactions } from '../work.ts';
import { Calls, tenant, urgency } from './calls.ts';

function setUp(
  options: Partial<PriorityQueueOptions> = {},
  maxQueued = 100,
): { policy: Bulkhead; calls: Calls; clock: VirtualClock } {
  const clock = virtualClock();
  const queue = priorityQueue({ priority: (context) => context.get(urgency), ...options });
  const policy = bulkhead({ maxConcurrent: 1, maxQueued, queue, clock });
  return { policy, calls: new Calls(policy), clock };
}

describe('a queue by priority', () => {
  test('starts the highest class first, and the calls of one class as they came', async () => {
    const { calls } = setUp();
    calls.execute('running');
    calls.execute('batch', { urgency: 7 });
    calls.execute('page', { urgency: 1 });
    calls.execute('default');
    calls.execute('page 2', { urgency: 1 });
    calls.execute('health', { urgency: 0 });
    calls.execute('four', { urgency: 4 });
    expect(await calls.endAll(reactions)).toEqual([
      'running',
      'health',
      'page',
      'page 2',
      'default',
      'four',
      'batch',
    ]);
  });

  test('lets a call that has waited go before a higher class that came later', async () => {
    const { calls, clock } = setUp({ ageAfterMs: 100 });
    calls.execute('running');
    calls.execute('batch', { urgency: 7 });
    await clock.advance(600);
    calls.execute('page', { urgency: 1 });
    calls.execute('health', { urgency: 0 });
    expect(await calls.endAll(reactions)).toEqual(['running', 'health', 'batch', 'page']);
  });

  test('never ages where ageAfterMs is Infinity', async () => {
    const { calls, clock } = setUp({ ageAfterMs: Number.POSITIVE_INFINITY });
    calls.execute('running');
    calls.execute('batch', { urgency: 7 });
    await clock.advance(1e9);
    calls.execute('six', { urgency: 6 });
    expect(await calls.endAll(reactions)).toEqual(['running', 'six', 'batch']);
  });

  test('starts the lowest class in time although higher ones come without end', async () => {
    const { calls, clock } = setUp({ ageAfterMs: 100 }, 1_000);
    calls.execute('0', { urgency: 0 });
    calls.execute('batch', { urgency: 7 });
    let rounds = 0;
    for (; !calls.started.includes('batch'); rounds++) {
      calls.execute(`${rounds + 1}`, { urgency: 0 });
      calls.execute(`more ${rounds}`, { urgency: 0 });
      calls.end(...calls.started);
      await clock.advance(10);
    }
    // After 7 x 100 ms only those that came before have to start: one more each 10 ms until then.
    expect(rounds).toBeLessThanOrEqual(2 * (70 + 1));
  });

  test('lets nobody overtake a call that has waited for ageAfterMs times its class', async () => {
    const ageAfterMs = 100;
    const arrival = fc.record({
      gapMs: fc.nat(60),
      urgency: fc.nat(7),
      takesMs: fc.integer({ min: 1, max: 80 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 20, maxLength: 60 }), async (arrivals) => {
        const { policy, clock } = setUp({ ageAfterMs }, 1_000);
        const starts: { readonly class: number; readonly since: number; readonly at: number }[] =
          [];
        for (const each of arrivals) {
          const since = clock.now();
          const operation = (): Promise<void> => {
            starts.push({ class: each.urgency, since, at: clock.now() });
            return new Promise((resolve) => clock.setTimeout(resolve, each.takesMs));
          };
          void policy.execute(operation, { properties: [urgency(each.urgency)] });
          await clock.advance(each.gapMs);
        }
        await clock.runUntilIdle();
        expect(starts.length).toBe(arrivals.length);
        for (const [i, late] of starts.entries()) {
          for (const early of starts.slice(0, i)) {
            if (early.since <= late.since) continue;
            expect(early.at).toBeLessThan(late.since + late.class * ageAfterMs);
          }
        }
      }),
      { numRuns: 50, seed: 20_261_123 },
    );
  });

  test('turns away the newest call of the lowest class when a higher one finds no room', async () => {
    const { policy, calls } = setUp({}, 3);
    calls.execute('running');
    calls.execute('batch 1', { urgency: 7 });
    calls.execute('batch 2', { urgency: 7 });
    calls.execute('page', { urgency: 1 });
    const rejected: unknown[] = [];
    policy.on('rejected', ({ reason, active, queued }) => rejected.push([reason, active, queued]));
    calls.execute('health', { urgency: 0 });
    calls.execute('also batch', { urgency: 7 });
    await reactions();
    expect(calls.rejected).toEqual({ 'batch 2': 'displaced', 'also batch': 'full' });
    expect(rejected).toEqual([
      ['full', 1, 3],
      ['displaced', 1, 3],
    ]);
    expect(await calls.endAll(reactions)).toEqual(['running', 'health', 'page', 'batch 1']);
  });

  test('does not turn away a call that has come up to the class of the newcomer by its age', async () => {
    const { calls, clock } = setUp({ ageAfterMs: 100 }, 1);
    calls.execute('running');
    calls.execute('old', { urgency: 4 });
    await clock.advance(200);
    calls.execute('two', { urgency: 2 });
    calls.execute('one', { urgency: 1 });
    await reactions();
    expect(calls.rejected).toEqual({ two: 'full', old: 'displaced' });
  });

  test('turns nobody away where displace is false', async () => {
    const { calls } = setUp({ displace: false }, 1);
    calls.execute('running');
    calls.execute('batch', { urgency: 7 });
    await calls.outcome('health', { urgency: 0 });
    expect(calls.rejected).toEqual({ health: 'full' });
  });

  test('rejects a call whose class is none, and leaks nothing', async () => {
    const { policy, calls } = setUp({}, 0);
    const errors: string[] = [];
    for (const each of [8, -1, 1.5, Number.NaN, '1' as never, null as never]) {
      await calls.outcome('call', { urgency: each });
      errors.push(String(calls.rejected['call']));
    }
    expect(errors).toEqual([
      'RangeError: Expected `priority` to be an integer from 0 to 7, got 8.',
      'RangeError: Expected `priority` to be an integer from 0 to 7, got -1.',
      'RangeError: Expected `priority` to be an integer from 0 to 7, got 1.5.',
      'RangeError: Expected `priority` to be an integer from 0 to 7, got NaN.',
      'TypeError: Expected `priority` to be an integer from 0 to 7, got "1".',
      'TypeError: Expected `priority` to be an integer from 0 to 7, got null.',
    ]);
    expect([policy.active, policy.queued, calls.started]).toEqual([0, 0, []]);
  });

  test('rejects a call with what its function has thrown, and leaks nothing', async () => {
    const boom = new Error('boom');
    const policy = bulkhead({
      queue: priorityQueue({
        priority: () => {
          throw boom;
        },
      }),
    });
    await expect(policy.execute(() => 1)).rejects.toBe(boom);
    expect([policy.active, policy.queued]).toEqual([0, 0]);
    await policy.drain();
  });

  test('stands a function that calls the same bulkhead', async () => {
    let depth = 0;
    const policy: Bulkhead = bulkhead({
      maxConcurrent: 1,
      queue: priorityQueue({
        priority: () => {
          if (depth++ < 3) void policy.outcome(() => depth);
          return 0;
        },
      }),
    });
    await policy.outcome(() => 1);
    await reactions();
    expect([policy.active, policy.queued, depth]).toEqual([0, 0, 4]);
  });

  test('is not idle while a newcomer takes the room of the only call that waits', async () => {
    const { policy, calls } = setUp({}, 1);
    policy.pause();
    calls.execute('batch', { urgency: 7 });
    let isIdle = false;
    void policy.whenIdle().then(() => (isIdle = true));
    calls.execute('health', { urgency: 0 });
    await reactions();
    expect([isIdle, calls.rejected]).toEqual([false, { batch: 'displaced' }]);
    policy.resume();
    await calls.endAll(reactions);
    expect([isIdle, calls.started]).toEqual([true, ['health']]);
  });

  test('stands a listener that calls, displaces and resizes from within an event', async () => {
    const { policy, calls } = setUp({}, 1);
    calls.execute('running');
    const end = policy.on('queued', () => {
      end();
      calls.execute('inner', { urgency: 0 });
      policy.resize({ maxConcurrent: 2 });
    });
    calls.execute('outer', { urgency: 5 });
    await reactions();
    expect(await calls.endAll(reactions)).toEqual(['running', 'inner']);
    expect(calls.rejected).toEqual({ outer: 'displaced' });
    expect([policy.active, policy.queued]).toEqual([0, 0]);
  });

  test('ages nobody backwards when the clock goes back', async () => {
    let now = 1e9;
    const timers = virtualClock();
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback, ms) => timers.setTimeout(callback, ms),
    };
    const policy = bulkhead({
      maxConcurrent: 1,
      maxQueued: 9,
      queue: priorityQueue({ priority: (context) => context.get(urgency) }),
      clock,
    });
    const calls = new Calls(policy);
    calls.execute('running');
    calls.execute('seven', { urgency: 7 });
    calls.execute('six', { urgency: 6 });
    now -= 24 * 3_600_000;
    policy.resize({ maxQueued: 2 });
    await calls.outcome('another seven', { urgency: 7 });
    expect(calls.rejected).toEqual({ 'another seven': 'full' });
    expect(await calls.endAll(reactions)).toEqual(['running', 'six', 'seven']);
  });

  test('frees its places when an outer timeout cuts those that wait and those that run', async () => {
    const { policy, clock } = setUp();
    const guarded = compose(timeout({ afterMs: 10, clock }), policy);
    const ends = Promise.withResolvers<void>();
    const outcomes = [1, 2, 3].map(() => guarded.outcome(() => ends.promise));
    await clock.advance(10);
    expect((await Promise.all(outcomes)).every(({ ok }) => !ok)).toBe(true);
    expect([policy.active, policy.queued]).toEqual([1, 0]);
    ends.resolve();
    await reactions();
    expect(policy.active).toBe(0);
  });

  test('shares a class fairly between keys where it says so', async () => {
    const { calls } = setUp({ within: fairQueue({ key: (context) => context.get(tenant) }) });
    calls.execute('running');
    calls.execute('a1', { tenant: 'a', urgency: 2 });
    calls.execute('a2', { tenant: 'a', urgency: 2 });
    calls.execute('b1', { tenant: 'b', urgency: 2 });
    calls.execute('a0', { tenant: 'a', urgency: 0 });
    expect(await calls.endAll(reactions)).toEqual(['running', 'a0', 'a1', 'b1', 'a2']);
  });

  test('keeps to the bound of a key, though a lower class could make room', async () => {
    const within = fairQueue({ key: (context) => context.get(tenant), maxQueuedPerKey: 1 });
    const { calls } = setUp({ within }, 2);
    calls.execute('running');
    calls.execute('a1', { tenant: 'a', urgency: 1 });
    calls.execute('low', { tenant: 'b', urgency: 6 });
    await calls.outcome('a2', { tenant: 'a', urgency: 1 });
    expect(calls.rejected).toEqual({ a2: 'key-full' });
    expect(await calls.endAll(reactions)).toEqual(['running', 'a1', 'low']);
  });

  test('tells its options', () => {
    const { policy } = setUp({ within: fairQueue({ key: () => 'a', maxQueuedPerKey: 5 }) });
    expect(policy.describe().layers[0]?.options).toEqual({
      maxConcurrent: 1,
      maxQueued: 100,
      queue: {
        order: 'priority',
        ageAfterMs: 1_000,
        displace: true,
        within: { order: 'fair', maxQueuedPerKey: 5, displace: true },
      },
    });
  });

  test.each([
    [{}, 'Expected `priority` to be a function, got undefined.'],
    [{ priority: 3 }, 'Expected `priority` to be a function, got 3.'],
    [
      { ageAfterMs: 0 },
      'Expected `ageAfterMs` to be a finite number of milliseconds above 0, got 0.',
    ],
    [{ displace: 'yes' }, 'Expected `displace` to be a boolean, got "yes".'],
    [{ weight: 5 }, 'Expected `weight` to be a function, got 5.'],
    [
      { within: priorityQueue({ priority: () => 1 }) },
      'Expected `within` to be another order, without weight and inner order, got an object.',
    ],
    [
      { within: fairQueue({ key: () => '', weight: () => 1 }) },
      'Expected `within` to be another order, without weight and inner order, got an object.',
    ],
    [
      { aging: 5 },
      'Unknown option `aging`; the options are priority, ageAfterMs, displace, within, weight.',
    ],
  ])('does not take %o', (options, message) => {
    const priority = Object.keys(options).length === 0 ? undefined : () => 1;
    const given = { priority, ...options } as unknown as PriorityQueueOptions;
    expect(() => priorityQueue(given)).toThrow(message);
  });

  test('a bulkhead does not take another queue', () => {
    for (const queue of [{}, 'priority', null, 5]) {
      expect(() => bulkhead({ queue: queue as never })).toThrow(
        /^Expected `queue` to be what priorityQueue, fairQueue or fifoQueue made, got/,
      );
    }
  });
});
