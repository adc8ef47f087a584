import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { arrivals } from '../src/driver/arrivals.ts';
import { place } from '../src/driver/customer.ts';
import { Tally } from '../src/driver/tally.ts';
import type { Visit, VisitResult } from '../src/driver/visit.ts';

/** What a gateway answers. */
type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body: object }
  | 'nothing';

const options = { prefix: 'o', seed: 7, ordersPerSecond: 20, durationMs: 10_000 };

describe('arrivals', () => {
  test('are the same for the same seed, and others for another', () => {
    const first = [...arrivals(options)];
    expect([...arrivals(options)]).toEqual(first);
    expect([...arrivals({ ...options, seed: 8 })]).not.toEqual(first);
  });

  test('come in order, within the time, about as often as told, each with a number of its own', () => {
    const all = [...arrivals(options)];
    expect(all.length).toBeGreaterThan(150);
    expect(all.length).toBeLessThan(250);
    const times = all.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThanOrEqual(10_000);
    expect(new Set(all.map(({ order }) => order.orderId)).size).toBe(all.length);
  });

  test('are those of many clients, or of a single one', () => {
    const clientsOf = (client?: string): Set<string> =>
      new Set([...arrivals({ ...options, client })].map((arrival) => arrival.client));
    expect(clientsOf().size).toBeGreaterThan(20);
    expect([...clientsOf('greedy')]).toEqual(['greedy']);
  });
});

describe('a customer', () => {
  const order = { orderId: 'o-1', sku: 'rope', quantity: 1, amountCents: 100 };
  const arrival = { client: 'client-1', order };
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function visit(answer: Answer): Promise<Visit> {
    const made = createServer((_request, response) => {
      if (answer === 'nothing') return;
      response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
    });
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const gatewayUrl = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
    return place(arrival, { gatewayUrl, patienceMs: 100, wantedAt: performance.now() });
  }

  const body = { orderId: 'o-1', status: 'confirmed', stock: 'fresh', receipt: 'sent' };

  test.each<[VisitResult, Answer]>([
    ['confirmed', { status: 201, body }],
    ['degraded', { status: 201, body: { ...body, stock: 'stale' } }],
    ['degraded', { status: 201, body: { ...body, receipt: 'queued' } }],
    ['limited', { status: 429, body: {} }],
    ['failed', { status: 502, body: {} }],
    ['failed', { status: 201, body: { status: 'who knows' } }],
    ['gave-up', 'nothing'],
  ])('sees %s', async (result, answer) => {
    expect((await visit(answer)).result).toBe(result);
  });

  test.each([
    [{ 'retry-after': '2' }, 2_000],
    [{}, undefined],
  ])('who is refused with %j knows when to come back: %s', async (headers, retryAfterMs) => {
    expect((await visit({ status: 429, headers, body: {} })).retryAfterMs).toBe(retryAfterMs);
  });

  test('who finds the door closed has failed', async () => {
    const wantedAt = performance.now();
    const seen = await place(arrival, {
      gatewayUrl: 'http://127.0.0.1:1',
      patienceMs: 500,
      wantedAt,
    });
    expect(seen.result).toBe('failed');
  });
});

describe('a tally', () => {
  test('counts what the customers saw', () => {
    const tally = new Tally();
    const results: VisitResult[] = ['confirmed', 'degraded', 'failed', 'gave-up', 'limited'];
    for (const [i, result] of results.entries()) {
      tally.add({ orderId: `o-${i}`, result, waitedMs: (i + 1) * 10 });
    }
    tally.add({ orderId: 'o-5', result: 'limited', waitedMs: 60, retryAfterMs: 1_000 });
    const counts = { orders: 6, served: 2, degraded: 1, gaveUp: 1, limited: 2, toldWhen: 1 };
    expect(tally.totals()).toEqual({ ...counts, successRate: 1 / 3, p50Ms: 30, p99Ms: 60 });
    expect(tally.confirmedIds).toEqual(['o-0', 'o-1']);
    expect(tally.latest(5)).toEqual([true, false, false, false, false]);
  });
});
