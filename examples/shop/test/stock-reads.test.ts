import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Metrics } from '../src/services/order/metrics.ts';
import { initialPolicies } from '../src/operator/policies-file.ts';
import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import { orderPolicies, type OrderPolicies } from '../src/services/order/policies.ts';
import { StockReads } from '../src/services/order/stock-reads.ts';

const servers: Server[] = [];
let policies: OrderPolicies;
beforeEach(async () => {
  policies = await orderPolicies(initialPolicies);
});
afterEach(() => {
  policies.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An instance of the inventory that answers so. */
async function instance(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const well: RequestListener = (_request, response) => response.end('well');
const failing: RequestListener = (_request, response) => response.writeHead(500).end('failing');
const hanging: RequestListener = () => {};

function readsFrom(metrics: Metrics, origins: readonly [string, string]): StockReads {
  return new StockReads({ metrics, origins, policies });
}

function circuits(): string[] {
  return (['inventory', 'replica'] as const).map(
    (name) => policies.layer<CircuitBreaker>(name, 'circuitBreaker').state,
  );
}

async function read(reads: StockReads): Promise<string> {
  const response = await reads.fetch('rope', { signal: null });
  return response.text();
}

test('the instances are asked in turn', async () => {
  const asked: string[] = [];
  const make = (name: string): Promise<string> =>
    instance((_request, response) => {
      asked.push(name);
      response.end();
    });
  const reads = readsFrom(new Metrics(), [await make('first'), await make('second')]);
  for (let i = 0; i < 4; i++) await read(reads);
  expect(asked).toEqual(['first', 'second', 'first', 'second']);
});

test.each([
  ['hangs', hanging],
  ['fails', failing],
])('where one instance %s, the other one answers', async (_what, sick) => {
  const metrics = new Metrics();
  const reads = readsFrom(metrics, [await instance(sick), await instance(well)]);

  expect(await read(reads)).toBe('well');
  expect(metrics.calls.inventory).toBe(2);
  expect(metrics.hedges).toEqual({ started: 1, won: 1 });
  expect(circuits()).toEqual(['closed', 'closed']);
});

test('where both fail, the budget bounds the hedges, and the circuits open', async () => {
  const metrics = new Metrics();
  const reads = readsFrom(metrics, [await instance(failing), await instance(failing)]);

  const calls = 40;
  for (let i = 0; i < calls; i++) await read(reads).catch(() => 'refused');
  // A fifth of the calls, of which a retry is one more, and two a second for four seconds.
  expect(metrics.hedges.started).toBeLessThanOrEqual(calls / 4 + 8);
  expect(circuits().includes('open')).toBe(true);
});

test('whoever gives up is not waited for', async () => {
  const reads = readsFrom(new Metrics(), [await instance(hanging), await instance(hanging)]);
  const controller = new AbortController();
  const reading = reads.fetch('rope', { signal: controller.signal });
  controller.abort(new Error('gone'));
  await expect(reading).rejects.toThrow('gone');
});
