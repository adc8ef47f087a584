import { existsSync } from 'node:fs';
import { startCluster, startServer } from '@holdfast-tools/servers';
import { describeWithServers } from '@holdfast-tools/servers/vitest';
import { expect, test } from 'vitest';

describeWithServers(['redis'], 'Redis', () => {
  test('takes a write and answers at its url', async () => {
    await using redis = await startServer('redis');
    expect(await redis.command('SET', 'key', 'value')).toBe('OK');
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  });

  test('keeps every acknowledged write over a crash when it is append-only', async () => {
    await using redis = await startServer('redis', { appendOnly: true });
    await redis.command('SET', 'key', 'value');
    await redis.kill();
    expect(redis.pid).toBeUndefined();
    await expect(redis.command('GET', 'key')).rejects.toThrow(/refused/);
    const { port } = redis;
    await redis.restart();
    expect(redis.port).toBe(port);
    expect(await redis.command('GET', 'key')).toBe('value');
  });

  test('begins empty after a crash otherwise', async () => {
    await using redis = await startServer('redis');
    await redis.command('SET', 'key', 'value');
    await redis.kill();
    await redis.restart();
    expect(await redis.command('GET', 'key')).toBe('');
  });

  test('stands still while it is frozen, and goes on afterwards', async () => {
    await using redis = await startServer('redis');
    await redis.freeze();
    let isAnswered = false;
    const answer = redis.command('PING').finally(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAnswered).toBe(false);
    await redis.thaw();
    expect(await answer).toBe('PONG');
  });

  test('is empty after a reset, scripts included, without a new process', async () => {
    await using redis = await startServer('redis');
    const { pid } = redis;
    await redis.command('SET', 'key', 'value');
    const script = await redis.command('SCRIPT', 'LOAD', 'return 1');
    await redis.reset();
    expect(await redis.command('DBSIZE')).toBe('0');
    expect(await redis.command('SCRIPT', 'EXISTS', script)).toBe('0');
    expect(redis.pid).toBe(pid);
  });

  test('leaves neither a process nor a folder, and keeps its logs', async () => {
    const redis = await startServer('redis');
    const { pid = 0, folder } = redis;
    await redis[Symbol.asyncDispose]();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(folder)).toBe(false);
    expect(redis.logs()).toContain('Ready to accept connections');
  });

  test('runs beside another one', async () => {
    await using one = await startServer('redis');
    await using other = await startServer('redis');
    await one.command('SET', 'key', 'one');
    expect(await other.command('DBSIZE')).toBe('0');
    expect(other.port).not.toBe(one.port);
  });

  test('shows what it has written when it does not start', async () => {
    await expect(startServer('redis', { args: ['--no-such-directive', 'yes'] })).rejects.toThrow(
      /redis ended before it was ready \(exit code 1\)[\s\S]*no-such-directive/,
    );
  });

  test('as a cluster has a primary that the others follow', async () => {
    await using cluster = await startCluster('redis', 2);
    const [primary, replica] = cluster.nodes;
    await primary?.command('SET', 'key', 'value');
    await expect.poll(() => replica?.command('GET', 'key')).toBe('value');
  });
});
