import { aimd, type Bulkhead, bulkhead, vegas } from '@holdfast/bulkhead';
import { seededRandom, type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { deterministic, Server } from './server.ts';

/** The index of Jain, Chiu and Hawe (1984): 1 when all have the same, 1/n when one has all. */
function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return (sum * sum) / (shares.length * squares);
}

/** A client that always has more to ask than it may. */
function keepBusy(policy: Bulkhead, server: Server): { served: number } {
  const client = { served: 0 };
  const ask = (): void => {
    void policy
      .execute(() => server.call())
      .then(() => {
        client.served++;
        ask();
      });
  };
  for (let i = 0; i < 300; i++) ask();
  return client;
}

async function shares(
  policies: (clock: VirtualClock) => readonly Bulkhead[],
  seconds: readonly [before: number, counted: number],
): Promise<readonly number[]> {
  const clock = virtualClock();
  const server = new Server(clock, seededRandom(1), 40, deterministic(100));
  const clients = policies(clock).map((policy) => keepBusy(policy, server));
  await clock.advance(seconds[0] * 1_000);
  for (const client of clients) client.served = 0;
  await clock.advance(seconds[1] * 1_000);
  return clients.map(({ served }) => served);
}

describe('clients of one server', () => {
  test('come to fair shares by AIMD, wherever they begin (Chiu and Jain 1989)', async () => {
    const make = (clock: VirtualClock): readonly Bulkhead[] =>
      [2, 60].map((initialLimit) =>
        bulkhead({ limit: aimd({ initialLimit, slowMs: 200 }), maxQueued: 300, clock }),
      );
    const atFirst = await shares(make, [0, 1]);
    const later = await shares(make, [60, 20]);
    expect(fairness(atFirst)).toBeLessThan(0.9);
    expect(fairness(later)).toBeGreaterThan(0.98);
    expect((later[0] ?? 0) + (later[1] ?? 0)).toBeGreaterThan(400 * 20 * 0.97);
  });

  test('do so four at a time, and leave no core idle', async () => {
    const later = await shares(
      (clock) =>
        [1, 10, 30, 90].map((initialLimit) =>
          bulkhead({ limit: aimd({ initialLimit, slowMs: 250 }), maxQueued: 300, clock }),
        ),
      [120, 20],
    );
    expect(fairness(later)).toBeGreaterThan(0.95);
    expect(later.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(400 * 20 * 0.97);
  });

  test('come to similar shares by Vegas', async () => {
    const random = seededRandom(1);
    const later = await shares(
      (clock) =>
        [2, 60].map((initialLimit) =>
          bulkhead({ limit: vegas({ initialLimit, random }), maxQueued: 300, clock }),
        ),
      [200, 20],
    );
    expect(fairness(later)).toBeGreaterThan(0.9);
  });
});
