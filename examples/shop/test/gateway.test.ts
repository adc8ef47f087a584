import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { retryAfterOf, wrapFetch } from '@holdfast/fetch';
import { retry } from '@holdfast/retry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PoliciesFile } from '../src/operator/policies-file.ts';
import { ServiceProcess } from '../src/processes/service-process.ts';
import { clientHeader } from '../src/services/contract.ts';

const limitMs = 30_000;
/** What a client may send at once. */
const burst = 10;
let orders: Server;
let folder = '';
let policies: PoliciesFile;
let gateway: ServiceProcess;

beforeAll(async () => {
  orders = createServer((incoming, response) => {
    incoming.resume().on('end', () => response.writeHead(201).end('{}'));
  });
  await new Promise<void>((resolve) => orders.listen(0, '127.0.0.1', resolve));
  const order = `http://127.0.0.1:${(orders.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'holdfast-shop-test-'));
  policies = await PoliciesFile.copyTo(folder);
  const policiesFile = policies.path;
  const setup = { policiesFile, port: 0, mode: 'resilient', seed: 1, peers: { order } } as const;
  gateway = new ServiceProcess({
    ...setup,
    service: 'gateway',
    name: 'gateway',
    dataDir: folder,
  });
  await gateway.start();
}, limitMs);
afterAll(async () => {
  await gateway.stop();
  orders.closeAllConnections();
  orders.close();
  await rm(folder, { recursive: true, force: true });
});

function request(client: string): RequestInit & { body: string } {
  const order = { orderId: 'o-1', sku: 'rope', quantity: 1, amountCents: 100 };
  const headers = { 'content-type': 'application/json', [clientHeader]: client };
  return { method: 'POST', headers, body: JSON.stringify(order) };
}

const send = (client: string): Promise<Response> => fetch(`${gateway.url}/orders`, request(client));

test(
  'a client that sends too much is refused, with the headers that say when to come back',
  async () => {
    const answers = await Promise.all(Array.from({ length: 4 * burst }, () => send('greedy')));

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(burst);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(burst);
    for (const { headers } of answers) {
      expect(headers.get('ratelimit-policy')).toBe('"orders";q=10;w=2');
      expect(headers.get('ratelimit')).toMatch(/^"orders";r=\d+;t=\d$/);
    }
    for (const { headers } of refused) {
      expect(headers.get('ratelimit')).toMatch(/;r=0;/);
      expect(headers.get('retry-after')).toMatch(/^[12]$/);
    }

    // Nobody else notices.
    expect((await send('other')).status).toBe(201);
  },
  limitMs,
);

test(
  'a client that obeys Retry-After has all its orders served',
  async () => {
    let refused = 0;
    const countingFetch: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 429) refused++;
      return response;
    };
    // A 429 has done nothing: to send the order again is safe.
    const patient = wrapFetch(
      countingFetch,
      retry<Response>({
        maxAttempts: 6,
        shouldRetry: (outcome) => outcome.ok && outcome.value.status === 429,
        delayFrom: retryAfterOf,
      }),
      { isRepeatable: () => true },
    );

    const statuses = await Promise.all(
      Array.from({ length: burst + 4 }, async () => {
        const { body, ...init } = request('patient');
        return (await patient(`${gateway.url}/orders`, { ...init, body })).status;
      }),
    );

    expect(new Set(statuses)).toEqual(new Set([201]));
    expect(refused).toBeGreaterThan(0);
  },
  limitMs,
);

test(
  'an edit of the limit gives nobody back what is used up',
  async () => {
    /** So slow that nothing comes back during the test. */
    const limit = async (burstCapacity: number): Promise<void> => {
      const algorithm = { kind: 'tokenBucket', replenishRate: 0.01, burstCapacity };
      await policies.edit({ 'policies.clients.0.algorithm': algorithm });
      const isInForce = async (): Promise<string | null> =>
        (await send('watcher')).headers.get('ratelimit-policy');
      await expect
        .poll(isInForce, { timeout: 10_000 })
        .toBe(`"orders";q=${burstCapacity};w=${burstCapacity * 100}`);
    };
    const served = async (client: string): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: 2 * burst }, () => send(client)));
      return answers.filter(({ status }) => status === 201).length;
    };

    await limit(burst);
    expect(await served('early')).toBe(burst);
    await limit(burst + 2);
    expect(await served('early')).toBe(2);
    expect(await served('late')).toBe(burst + 2);
  },
  limitMs,
);
