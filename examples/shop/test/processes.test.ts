import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServiceError, ServiceProcess } from '../src/processes/service-process.ts';

let dataDir = '';
let service: ServiceProcess;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'holdfast-shop-test-'));
  const name = 'notification';
  const setup = {
    service: name,
    name,
    port: 0,
    mode: 'plain',
    policiesFile: '',
    seed: 1,
    peers: {},
  } as const;
  service = new ServiceProcess({ ...setup, dataDir });
});
afterEach(async () => {
  await service.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const limitMs = 30_000;

async function send(orderId: string): Promise<number> {
  const init = {
    method: 'PUT',
    body: JSON.stringify({ orderId }),
    headers: { 'content-type': 'application/json' },
  };
  return (await fetch(`${service.url}/receipts`, init)).status;
}

test(
  'a service that was killed comes back on its port, with its data',
  async () => {
    await service.start();
    const { url } = service;
    expect(await send('o-1')).toBe(204);
    expect(await send('')).toBe(400);
    await service.kill();
    await expect(send('o-2')).rejects.toThrow('fetch failed');

    await service.start();
    expect(service.url).toBe(url);
    expect(await (await fetch(`${url}/control/receipts`)).json()).toEqual(['o-1']);
  },
  limitMs,
);

test(
  'a service whose port is taken says so',
  async () => {
    await service.start();
    const port = Number(new URL(service.url).port);
    await service.kill();
    const thief = createServer().listen(port, '127.0.0.1');
    const error: unknown = await service.start().catch((reason: unknown) => reason);
    thief.close();
    expect(error).toBeInstanceOf(ServiceError);
    expect((error as Error).message).toContain(`port ${port} is taken`);
  },
  limitMs,
);

test(
  'a service that dies by itself is reported, one that is stopped is not',
  async () => {
    const crashes: Error[] = [];
    service.onCrash = (error) => crashes.push(error);
    await service.start();
    const { pid } = service;
    if (pid === undefined) throw new Error('The service has no process.');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => crashes.length, { timeout: 5_000 }).toBe(1);
    expect(crashes[0]?.message).toContain('notification (plain) died (SIGKILL)');

    await service.start();
    await service.stop();
    expect(crashes).toHaveLength(1);
  },
  limitMs,
);
