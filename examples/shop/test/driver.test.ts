import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { arrivals } from '../src/driver/arrivals.ts';
import { place } from '../src/driver/customer.ts';
import { Tally } from '../src/driver/tally.ts';
import type { VisitResult } from '../src/driver/visit.ts';

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
});

describe('a customer', () => {
  const order = { orderId: 'o-1', sku: 'rope', quantity: 1, amountCents: 100 };
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function see(answer: { status: number; body: object } | 'nothing'): Promise<VisitResult> {
    const made = createServer((_request, response) => {
      if (answer === 'nothing') return;
      response.writeHead(answer.status).end(JSON.stringify(answer.body));
    });
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const gatewayUrl = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
    const visit = await place(order, { gatewayUrl, patienceMs: 100, wantedAt: performance.now() });
    return visit.result;
  }

  const body = { orderId: 'o-1', status: 'confirmed', stock: 'fresh', receipt: 'sent' };

  test.each<[VisitResult, { status: number; body: object } | 'nothing']>([
    ['confirmed', { status: 201, body }],
    ['degraded', { status: 201, body: { ...body, stock: 'stale' } }],
    ['degraded', { status: 201, body: { ...body, receipt: 'queued' } }],
    ['failed', { status: 502, body: {} }],
    ['failed', { status: 201, body: { status: 'who knows' } }],
    ['gave-up', 'nothing'],
  ])('sees %s', async (result, answer) => {
    expect(await see(answer)).toBe(result);
  });

  test('who finds the door closed has failed', async () => {
    const wantedAt = performance.now();
    const visit = await place(order, {
      gatewayUrl: 'http://127.0.0.1:1',
      patienceMs: 500,
      wantedAt,
    });
    expect(visit.result).toBe('failed');
  });
});

describe('a tally', () => {
  test('counts what the customers saw', () => {
    const tally = new Tally();
    const results: VisitResult[] = ['confirmed', 'degraded', 'failed', 'gave-up'];
    for (const [i, result] of results.entries()) {
      tally.add({ orderId: `o-${i}`, result, waitedMs: (i + 1) * 10 });
    }
    const counts = { orders: 4, served: 2, degraded: 1, gaveUp: 1 };
    expect(tally.totals()).toEqual({ ...counts, successRate: 0.5, p50Ms: 20, p99Ms: 40 });
    expect(tally.confirmedIds).toEqual(['o-0', 'o-1']);
    expect(tally.latest(3)).toEqual([true, false, false]);
  });
});
