import { type Bulkhead, bulkhead, fairQueue, priorityQueue } from '@holdfast/bulkhead';
import type { FairQueueOptions } from '@holdfast/bulkhead';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reactions } from '../work.ts';
import { Calls, size, tenant, urgency } from './calls.ts';

function setUp(
  options: Partial<FairQueueOptions> = {},
  limits: { maxConcurrent?: number; maxQueued?: number } = {},
): { policy: Bulkhead; calls: Calls } {
  const queue = fairQueue({ key: (context) => context.get(tenant), ...options });
  const policy = bulkhead({ maxConcurrent: 1, maxQueued: 100, ...limits, queue });
  return { policy, calls: new Calls(policy) };
}

describe('a fair queue', () => {
  test('lets keys take turns, however many calls one of them has', async () => {
    const { calls } = setUp();
    calls.execute('running');
    for (let i = 0; i < 4; i++) calls.execute(`a${i}`, { tenant: 'a' });
    calls.execute('b0', { tenant: 'b' });
    calls.execute('none');
    calls.execute('b1', { tenant: 'b' });
    expect(await calls.endAll(reactions)).toEqual([
      'running',
      'a0',
      'b0',
      'none',
      'a1',
      'b1',
      'a2',
      'a3',
    ]);
  });

  test('gives a larger share more turns', async () => {
    const { calls } = setUp({ share: (context) => (context.get(tenant) === 'gold' ? 3 : 1) });
    calls.execute('running');
    for (let i = 0; i < 6; i++) calls.execute('g', { tenant: 'gold' });
    for (let i = 0; i < 3; i++) calls.execute('f', { tenant: 'free' });
    expect((await calls.endAll(reactions)).join('')).toBe('runninggggfgggff');
  });

  test('forgets how heavy calls were once nobody waits any more', async () => {
    const { calls } = setUp({ weight: (context) => context.get(size) ?? 1 }, { maxConcurrent: 3 });
    calls.execute('running');
    calls.execute('heavy', { tenant: 'a', size: 3 });
    await calls.endAll(reactions);
    calls.execute('full', { size: 3 });
    for (const name of ['a0', 'a1', 'a2']) calls.execute(name, { tenant: 'a' });
    calls.execute('b0', { tenant: 'b' });
    expect((await calls.endAll(reactions)).slice(3)).toEqual(['a0', 'b0', 'a1', 'a2']);
  });

  test('forgets how heavy a call was once it has gone, though others still wait', async () => {
    const { calls } = setUp({ weight: (context) => context.get(size) ?? 1 }, { maxConcurrent: 3 });
    calls.execute('full', { size: 3 });
    calls.execute('heavy', { tenant: 'h', size: 3 });
    for (const name of ['a0', 'a1', 'a2', 'a3']) calls.execute(name, { tenant: 'a' });
    for (const name of ['b0', 'b1', 'b2', 'b3']) calls.execute(name, { tenant: 'b' });
    expect((await calls.endAll(reactions)).join(' ')).toBe('full heavy a0 b0 a1 b1 a2 b2 a3 b3');
  });

  test('makes a newcomer take the room of whoever has most in the full queue', async () => {
    const { calls } = setUp({}, { maxQueued: 4 });
    calls.execute('running');
    for (let i = 0; i < 6; i++) calls.execute(`a${i}`, { tenant: 'a' });
    calls.execute('b0', { tenant: 'b' });
    calls.execute('b1', { tenant: 'b' });
    calls.execute('b2', { tenant: 'b' });
    await reactions();
    expect(calls.rejected).toEqual({
      a4: 'full',
      a5: 'full',
      a3: 'displaced',
      a2: 'displaced',
      b2: 'full',
    });
    expect(await calls.endAll(reactions)).toEqual(['running', 'a0', 'b0', 'a1', 'b1']);
  });

  test('turns nobody away where displace is false', async () => {
    const { calls } = setUp({ displace: false }, { maxQueued: 2 });
    calls.execute('running');
    for (const name of ['a0', 'a1']) calls.execute(name, { tenant: 'a' });
    await calls.outcome('b0', { tenant: 'b' });
    expect(calls.rejected).toEqual({ b0: 'full' });
  });

  test('keeps no more calls of one key than it may', async () => {
    const { policy, calls } = setUp({ maxQueuedPerKey: 1 }, { maxQueued: 2 });
    calls.execute('running');
    calls.execute('a0', { tenant: 'a' });
    calls.execute('a1', { tenant: 'a' });
    calls.execute('b0', { tenant: 'b' });
    calls.execute('a2', { tenant: 'a' });
    calls.execute('c0', { tenant: 'c' });
    await reactions();
    expect(calls.rejected).toEqual({ a1: 'key-full', a2: 'key-full', c0: 'full' });
    expect(policy.queued).toBe(2);
    expect(await calls.endAll(reactions)).toEqual(['running', 'a0', 'b0']);
  });

  test('lets a call of a full key make room among its own, where they have priorities', async () => {
    const within = priorityQueue({ priority: (context) => context.get(urgency) });
    const { calls } = setUp({ maxQueuedPerKey: 1, within });
    calls.execute('running');
    calls.execute('low', { tenant: 'a', urgency: 6 });
    calls.execute('high', { tenant: 'a', urgency: 1 });
    calls.execute('other', { tenant: 'b', urgency: 7 });
    await reactions();
    expect(calls.rejected).toEqual({ low: 'displaced' });
    expect(await calls.endAll(reactions)).toEqual(['running', 'high', 'other']);
  });

  test('remembers no key of which nobody waits', async () => {
    const { policy, calls } = setUp({}, { maxQueued: 10_000 });
    const { queue } = policy as unknown as { queue: { lanes: Map<string, unknown> } };
    calls.execute('running');
    const controller = new AbortController();
    for (let i = 0; i < 1_000; i++) {
      calls.execute(`${i}`, { tenant: `${i}` }, { signal: controller.signal });
    }
    expect(queue.lanes.size).toBe(1_000);
    controller.abort();
    await reactions();
    expect([queue.lanes.size, policy.queued]).toEqual([0, 0]);
    calls.execute('a0', { tenant: 'a' });
    await calls.endAll(reactions);
    expect(queue.lanes.size).toBe(0);
  });

  test('rejects a call whose key or share is none, and leaks nothing', async () => {
    const { policy, calls } = setUp({ share: (context) => context.get(size) ?? 1 });
    await calls.outcome('a', { tenant: 5 as never });
    await calls.outcome('b', { size: 0 });
    await calls.outcome('c', { size: Number.POSITIVE_INFINITY });
    expect(Object.values(calls.rejected).map(String)).toEqual([
      'TypeError: Expected `key` to be a string or undefined, got 5.',
      'RangeError: Expected `share` to be an integer from 1 up, got 0.',
      'RangeError: Expected `share` to be an integer from 1 up, got Infinity.',
    ]);
    expect([policy.active, policy.queued]).toEqual([0, 0]);
  });

  test('is no prototype: any string is a key', async () => {
    const { calls } = setUp();
    calls.execute('running');
    for (const name of ['__proto__', 'constructor', '']) calls.execute(name, { tenant: name });
    expect(await calls.endAll(reactions)).toEqual(['running', '__proto__', 'constructor', '']);
  });

  test.each([
    [{ key: 'tenant' }, 'Expected `key` to be a function, got "tenant".'],
    [{ share: 2 }, 'Expected `share` to be a function, got 2.'],
    [
      { maxQueuedPerKey: 0 },
      'Expected `maxQueuedPerKey` to be an integer from 1 up, or Infinity, got 0.',
    ],
    [{ displace: 1 }, 'Expected `displace` to be a boolean, got 1.'],
    [
      { within: {} },
      'Expected `within` to be another order, without weight and inner order, got an object.',
    ],
    [{ maxKeys: 5 }, 'Unknown option `maxKeys`'],
  ])('does not take %o', (options, message) => {
    const given = { key: () => '', ...options } as unknown as FairQueueOptions;
    expect(() => fairQueue(given)).toThrow(message);
  });

  test('serves keys that always have calls waiting in proportion to their shares', async () => {
    const keys = fc.array(
      fc.record({ share: fc.integer({ min: 1, max: 4 }), weight: fc.integer({ min: 1, max: 5 }) }),
      { minLength: 2, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 5, max: 8 }), async (tenants, maxConcurrent) => {
        const { calls, policy } = setUp(
          {
            share: (context) => tenants[Number(context.get(tenant))]?.share ?? 1,
            weight: (context) => context.get(size) ?? 1,
          },
          { maxConcurrent, maxQueued: 10_000 },
        );
        policy.pause();
        for (let round = 0; round < 60; round++) {
          for (const [i, { weight }] of tenants.entries()) {
            calls.execute(`${i}`, { tenant: `${i}`, size: weight });
          }
        }
        policy.resume();
        const heaviest = Math.max(...tenants.map(({ weight }) => weight));
        await endWhileAllWait(calls, tenants.length);
        const served = tenants.map(
          ({ weight, share }, i) =>
            (calls.started.filter((name) => name === `${i}`).length * weight) / share,
        );
        // The bound of the paper, for keys that were never without a call in the queue.
        expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(3 * heaviest);
        await calls.endAll(reactions);
      }),
      { numRuns: 30, seed: 20_261_123 },
    );
  });
});

async function endWhileAllWait(calls: Calls, tenants: number): Promise<void> {
  const waiting = Array.from({ length: tenants }, () => 60);
  for (let seen = 0; ; ) {
    await reactions();
    for (; seen < calls.started.length; seen++) (waiting[Number(calls.started[seen])] as number)--;
    if (Math.min(...waiting) < 20) return;
    calls.endOldest();
  }
}
