import { type AdaptiveLimit, type Bulkhead, bulkhead, gradient2, vegas } from '@holdfast/bulkhead';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';

interface SetUp {
  readonly clock: VirtualClock;
  readonly policy: Bulkhead;
  readonly changes: string[];
  /** Runs a call that takes so long. */
  readonly call: (ms: number) => void;
}

function setUp(limit: AdaptiveLimit, maxQueued: number): SetUp {
  const clock = virtualClock();
  const policy = bulkhead({ limit, maxQueued, clock });
  const changes: string[] = [];
  policy.on('limit-changed', ({ from, to, reason }) => {
    changes.push(`${clock.now()}: ${from} ${to} ${reason}`);
  });
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimeout(resolve, ms);
    });
  const call = (ms: number): void => void policy.outcome(() => sleep(ms));
  return { clock, policy, changes, call };
}

const options = { initialLimit: 20, maxLimit: 20, windowMs: 1_000, random: () => 0 };
const hour = 3_600_000;

/** Calls that last for an hour hold most of the places; in the others, short ones come and go. */
async function mixed(its: SetUp, seconds: number): Promise<void> {
  for (let i = 0; i < 12; i++) its.call(hour);
  for (let i = 0; i < seconds * 10; i++) {
    for (let k = 0; k < 6; k++) its.call(50);
    await its.clock.advance(100);
  }
}

describe('a probe whose places are held by calls that last', () => {
  for (const limit of [gradient2(options), vegas(options)]) {
    test(`lets calls start again after some time (${limit.algorithm})`, async () => {
      const its = setUp(limit, 100);
      await mixed(its, 7);

      expect(its.changes).toHaveLength(2);
      expect(its.changes[0]).toMatch(/^3\d50: 20 \d probe$/);
      expect(its.changes[1]).toMatch(/^[45]\d+: \d 20 adapted$/);
      expect([its.policy.active, its.policy.queued]).toEqual([12, 0]);
    });

    test(`does so without a queue, too (${limit.algorithm})`, async () => {
      const its = setUp(limit, 0);
      await mixed(its, 7);

      expect(its.changes).toHaveLength(2);
      expect(its.policy.maxConcurrent).toBe(20);
    });
  }

  test('comes the later, the more of them have come to nothing', async () => {
    const its = setUp(gradient2({ ...options, probeEvery: 4 }), 0);
    await mixed(its, 90);

    const begun = its.changes.filter((change) => change.endsWith('probe')).map(Number.parseFloat);
    const pauses = begun.slice(1).map((at, i) => Math.round((at - (begun[i] as number)) / 1_000));
    expect(pauses).toHaveLength(3);
    expect(pauses[1]).toBeGreaterThan(1.5 * (pauses[0] as number));
    expect(pauses[2]).toBeGreaterThan(1.5 * (pauses[1] as number));
  });

  test('stays for as long as nobody is in need of its places', async () => {
    const its = setUp(gradient2(options), 0);
    for (let i = 0; i < 31; i++) {
      for (let k = 0; k < 18; k++) its.call(50);
      await its.clock.advance(100);
    }
    expect(its.changes).toEqual(['3050: 20 8 probe']);
    // One is turned away, and then there is room.
    for (let k = 0; k < 9; k++) its.call(50);
    await its.clock.advance(20_000);
    expect(its.policy.maxConcurrent).toBe(8);
  });

  test('leaves no timer behind', async () => {
    const its = setUp(gradient2(options), 0);
    for (let i = 0; i < 12; i++) its.call(hour);
    for (let i = 0; i < 31; i++) {
      for (let k = 0; k < 6; k++) its.call(50);
      await its.clock.advance(100);
    }
    expect(its.clock.pending).toBe(12);
    its.call(50);
    its.call(50);
    expect(its.clock.pending).toBe(13);
    its.policy.resize({ maxConcurrent: 20 });
    expect(its.clock.pending).toBe(12);
  });
});
