import { existsSync } from 'node:fs';
import { startServer } from '@holdfast-tools/servers';
import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { expect, test } from 'vitest';

/** What the server answers, in part. */
interface Answer {
  readonly version: string | null;
  readonly propertySources: readonly { readonly source: Readonly<Record<string, unknown>> }[];
}

describeWithServers(['spring-cloud-config'], 'Spring Cloud Config', () => {
  const config = useServer('spring-cloud-config');

  test('serves a file as soon as it is written, and no more when it is removed', async () => {
    await config.write('orders.yml', 'retry:\n  maxAttempts: 3\n');
    expect(await sourcesOf(config.url, 'orders')).toEqual([{ 'retry.maxAttempts': 3 }]);
    await config.write('orders.yml', 'retry:\n  maxAttempts: 5\n');
    expect(await sourcesOf(config.url, 'orders')).toEqual([{ 'retry.maxAttempts': 5 }]);
    await config.remove('orders.yml');
    expect(await sourcesOf(config.url, 'orders')).toEqual([]);
  });

  test('has no files after a reset', async () => {
    await config.write('orders.yml', 'a: 1\n');
    await config.reset();
    expect(await sourcesOf(config.url, 'orders')).toEqual([]);
  });

  test('has its files again after a crash', async () => {
    await config.write('orders.yml', 'a: 1\n');
    await config.kill();
    await expect(sourcesOf(config.url, 'orders')).rejects.toThrow('fetch failed');
    await config.restart();
    expect(await sourcesOf(config.url, 'orders')).toEqual([{ a: 1 }]);
  });

  test('stands still while it is frozen', async () => {
    await config.write('orders.yml', 'a: 1\n');
    await config.freeze();
    const answer = sourcesOf(config.url, 'orders');
    const silence = new Promise((resolve) => setTimeout(resolve, 200, 'silence'));
    expect(await Promise.race([answer, silence])).toBe('silence');
    await config.thaw();
    expect(await answer).toEqual([{ a: 1 }]);
  });

  test('refuses to commit without a repository', async () => {
    await expect(config.commit('orders.yml', '')).rejects.toThrow(TypeError);
  });

  test('with a repository serves commits, under their ids, beside another server', async () => {
    const own = await startServer('spring-cloud-config', { backend: 'git' });
    const first = await own.commit('orders.yml', 'a: 1\n');
    expect(await answerOf(own.url, 'orders')).toMatchObject({ version: first });
    const second = await own.commit('orders.yml', 'a: 2\n');
    expect(second).not.toBe(first);
    expect(await answerOf(own.url, 'orders')).toMatchObject({
      version: second,
      propertySources: [{ source: { a: 2 } }],
    });
    await own.reset();
    expect(await sourcesOf(own.url, 'orders')).toEqual([]);
    const { pid = 0, folder } = own;
    await own.stop();
    await own[Symbol.asyncDispose]();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(folder)).toBe(false);
  });

  test('shows what it has written when it does not start', async () => {
    const args = ['--server.port=nonsense'];
    await expect(startServer('spring-cloud-config', { args })).rejects.toThrow(
      /spring-cloud-config ended before it was ready[\s\S]*nonsense/,
    );
  });
});

async function answerOf(url: string, application: string): Promise<Answer> {
  const response = await fetch(`${url}/${application}/default`);
  return (await response.json()) as Answer;
}

async function sourcesOf(url: string, application: string): Promise<readonly unknown[]> {
  const { propertySources } = await answerOf(url, application);
  return propertySources.map(({ source }) => source);
}
