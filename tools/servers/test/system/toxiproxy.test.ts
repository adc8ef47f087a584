import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startServer } from '@holdfast-tools/servers';
import { describeWithServers, showLogsOnFailure, useServer } from '@holdfast-tools/servers/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';

describeWithServers(['toxiproxy', 'redis'], 'Toxiproxy', () => {
  const toxiproxy = useServer('toxiproxy');
  const server = createServer((_request, response) => response.end('x'.repeat(4000)));
  let upstream = '';

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  test('passes everything on when there is no fault', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    expect((await fetchText(proxy.address)).length).toBe(4000);
  });

  test('delays answers until the fault is removed', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    const latency = await proxy.latency({ ms: 300 });
    expect(await timeOf(() => fetchText(proxy.address))).toBeGreaterThanOrEqual(295);
    await latency.remove();
    expect(await timeOf(() => fetchText(proxy.address))).toBeLessThan(250);
  });

  test('lets so many bytes through in a second', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    await proxy.bandwidth({ kilobytesPerSecond: 10 });
    expect(await timeOf(() => fetchText(proxy.address))).toBeGreaterThan(300);
  });

  test('passes nothing on, and then closes', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    await proxy.timeout({ ms: 100 });
    await expect(fetchText(proxy.address)).rejects.toThrow(/hang up|ECONNRESET/);
  });

  test('resets connections', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    await proxy.resetPeer();
    await expect(fetchText(proxy.address)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('refuses connections while it is down', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    await proxy.down();
    await expect(fetchText(proxy.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.up();
    expect((await fetchText(proxy.address)).length).toBe(4000);
  });

  test('has no proxy after a reset', async () => {
    const proxy = await toxiproxy.proxy({ upstream });
    await toxiproxy.reset();
    await expect(fetchText(proxy.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('has its proxies again after a crash, without their faults', async () => {
    await using own = showLogsOnFailure(await startServer('toxiproxy'));
    const proxy = await own.proxy({ upstream });
    await proxy.down();
    await own.kill();
    await own.restart();
    expect((await fetchText(proxy.address)).length).toBe(4000);
  });

  test('stands between a client and a frozen server as the network would', async () => {
    await using redis = await startServer('redis');
    const proxy = await toxiproxy.proxy({ upstream: redis.address, name: 'redis' });
    expect(proxy.upstream).toBe(redis.address);
    await toxiproxy.freeze();
    const pending = fetchText(proxy.address).catch(() => 'answered');
    expect(await Promise.race([pending, sleep(150)])).toBe('silence');
    await toxiproxy.thaw();
    expect(await pending).toBe('answered');
  });

  test('shows what it has written when it does not start', async () => {
    await expect(startServer('toxiproxy', { args: ['-nonsense'] })).rejects.toThrow(
      /toxiproxy ended before it was ready[\s\S]*nonsense/,
    );
  });
});

/** Asks with a keep-alive connection of its own: what an agent keeps open would hide faults. */
async function fetchText(address: string): Promise<string> {
  const request = get(`http://${address}/`, {
    headers: { connection: 'keep-alive' },
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return text;
}

async function timeOf(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

async function sleep(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'silence';
}
