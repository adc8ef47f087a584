import {
  type ConfigReading,
  type ConfigWatch,
  mergedSource,
  objectSource,
  springConfigSource,
  type SpringConfigSourceOptions,
} from '@holdfast/config';
import { describeWithServers, useServer } from '@holdfast-tools/servers/vitest';
import { configSourceContract } from '@holdfast/testing';
import { afterEach, describe, expect, test } from 'vitest';

const patienceMs = 20_000;
const signal = new AbortController().signal;
const watches: ConfigWatch[] = [];

afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});

/** What a watch has told last, and a way to wait for it. */
function follow(source: ReturnType<typeof springConfigSource>) {
  const told: (ConfigReading | Error)[] = [];
  const watch = source.watch?.({
    changed: (reading) => void told.push(reading),
    failed: (error) => void told.push(error as Error),
  });
  if (watch !== undefined) watches.push(watch);
  return {
    told,
    last: async (expected: unknown) =>
      expect
        .poll(() => told.at(-1), { timeout: patienceMs, interval: 20 })
        .toMatchObject(expected as object),
  };
}

const retries = (maxAttempts: number): string => `
holdfast:
  policies:
    payment:
      - type: retry
        max-attempts: ${maxAttempts}
`;

describeWithServers(['spring-cloud-config'], 'Spring Cloud Config, native', () => {
  const server = useServer('spring-cloud-config');
  const make = (options: Partial<SpringConfigSourceOptions> = {}) =>
    springConfigSource({
      url: server.url,
      application: 'orders',
      intervalMs: 50,
      maxIntervalMs: 100,
      timeoutMs: 3_000,
      ...options,
    });
  const read = async (options: Partial<SpringConfigSourceOptions> = {}) =>
    make(options).read({ signal });

  test('gives nested data with the types of YAML, and no version', async () => {
    await server.write(
      'orders.yml',
      `
server: { port: 8080 }
holdfast:
  version: 1
  defaults:
    circuit-breaker: { failure-ratio: 0.25 }
  templates:
    slow-call: { type: timeout, after-ms: 1500 }
  policies:
    payment-api:
      - type: retry
        max-attempts: 3
        fast-first: true
      - extends: slow-call
        type: timeout
    "[eu.v2]":
      - { type: timeout, after-ms: 100, name: "7" }
`,
    );
    expect(await read()).toEqual({
      version: undefined,
      data: {
        version: 1,
        defaults: { circuitBreaker: { failureRatio: 0.25 } },
        templates: { 'slow-call': { type: 'timeout', afterMs: 1500 } },
        policies: {
          'payment-api': [
            { type: 'retry', maxAttempts: 3, fastFirst: true },
            { extends: 'slow-call', type: 'timeout' },
          ],
          'eu.v2': [{ type: 'timeout', afterMs: 100, name: '7' }],
        },
      },
    });
  });

  test('gives what the most specific file says, lists as a whole', async () => {
    await server.write(
      'application.yml',
      'holdfast:\n  policies:\n    stock: [{ type: timeout, after-ms: 1 }, { type: retry }]\n    all: [{ type: retry }]\n',
    );
    await server.write(
      'orders.yml',
      'holdfast:\n  policies:\n    stock: [{ type: retry, maxAttempts: 2 }]\n',
    );
    await server.write(
      'orders-prod.properties',
      'holdfast.policies.payment[0].type=retry\nholdfast.policies.payment[0].max-attempts=9\n',
    );
    const { data } = await read({ profiles: ['default', 'prod'] });
    expect(data).toEqual({
      policies: {
        all: [{ type: 'retry' }],
        stock: [{ type: 'retry', maxAttempts: 2 }],
        payment: [{ type: 'retry', maxAttempts: 9 }],
      },
    });
    expect((await read()).data).not.toHaveProperty('policies.payment');
  });

  test('gives an unknown application what all have, or tells that there is nothing', async () => {
    await expect(read({ application: 'unheard-of' })).rejects.toMatchObject({
      code: 'CONFIG_READ_FAILED',
      reason: 'missing',
      message: `${server.url}/unheard-of/default has nothing below holdfast`,
    });
    await server.write('application.yml', retries(4));
    const { data } = await read({ application: 'unheard-of' });
    expect(data).toEqual({ policies: { payment: [{ type: 'retry', maxAttempts: 4 }] } });
    expect((await read({ prefix: 'elsewhere', optional: true })).data).toEqual({});
  });

  test('tells each edit, and of broken YAML only that it is', async () => {
    await server.write('orders.yml', retries(2));
    const { told, last } = follow(make());
    await last({ data: { policies: { payment: [{ maxAttempts: 2 }] } } });
    await server.write('orders.yml', retries(3));
    await last({ data: { policies: { payment: [{ maxAttempts: 3 }] } } });
    expect(told).toHaveLength(2);
    await server.write('orders.yml', 'holdfast:\n  policies: [\n : }');
    await last({
      reason: 'unexpected',
      message: expect.stringContaining('answered 500') as string,
    });
    await server.write('orders.yml', retries(3));
    await last({ data: { policies: { payment: [{ maxAttempts: 3 }] } } });
  });

  test('goes on after a crash and a restart', async () => {
    await server.write('orders.yml', retries(2));
    const { last } = follow(make());
    await last({ data: { policies: { payment: [{ maxAttempts: 2 }] } } });
    await server.kill();
    await last({ reason: 'unreachable' });
    await server.write('orders.yml', retries(6));
    await server.restart();
    await last({ data: { policies: { payment: [{ maxAttempts: 6 }] } } });
  });

  test('gives up a frozen server in time, and goes on when it does', async () => {
    await server.write('orders.yml', retries(2));
    const source = make({ timeoutMs: 300 });
    const { last } = follow(source);
    await last({ data: { policies: { payment: [{ maxAttempts: 2 }] } } });
    await server.freeze();
    await last({ reason: 'timeout' });
    const caller = new AbortController();
    const reading = source.read({ signal: caller.signal });
    caller.abort('stop');
    await expect(reading).rejects.toBe('stop');
    await server.thaw();
    await last({ data: { policies: { payment: [{ maxAttempts: 2 }] } } });
  });

  test('lies below other sources', async () => {
    await server.write('orders.yml', retries(2));
    const own = objectSource({ policies: { stock: [{ type: 'retry' }] } });
    const { last } = follow(mergedSource([make(), own]));
    await last({
      data: { policies: { payment: [{ maxAttempts: 2 }], stock: [{ type: 'retry' }] } },
    });
    own.set({ policies: { stock: [] } });
    await last({ data: { policies: { payment: [{ maxAttempts: 2 }], stock: [] } } });
  });

  test('gives an empty pipeline, though the server has an empty string for it', async () => {
    await server.write('orders.yml', 'holdfast:\n  policies: { payment: [] }\n  budgets: {}\n');
    expect((await read()).data).toEqual({ policies: { payment: [] } });
  });

  describe('the contract of a source', () => {
    const cases = configSourceContract(
      () => ({
        source: make(),
        write: (data) => server.write('orders.yml', JSON.stringify({ holdfast: data })),
        damage: () => server.write('orders.yml', '{ "holdfast": '),
      }),
      { patienceMs },
    );
    for (const { name, run } of cases) test(name, run);
  });
});

describeWithServers(['spring-cloud-config'], 'Spring Cloud Config, git', () => {
  const server = useServer('spring-cloud-config', { backend: 'git' });
  const options = { application: 'orders', intervalMs: 50, maxIntervalMs: 100, timeoutMs: 5_000 };

  test('gives the commit as the version, and tells each', async () => {
    const commit = await server.commit('orders.yml', retries(2));
    const source = springConfigSource({ url: server.url, ...options });
    expect(await source.read({ signal })).toMatchObject({ version: commit });
    const { last } = follow(source);
    await last({ version: commit });
    const next = await server.commit('orders.yml', retries(3));
    await last({ version: next, data: { policies: { payment: [{ maxAttempts: 3 }] } } });
    const elsewhere = await server.commit('README.md', 'Nothing of a configuration.\n');
    await last({ version: elsewhere, data: { policies: { payment: [{ maxAttempts: 3 }] } } });
  });

  test('goes on after a crash in the middle of commits', async () => {
    await server.commit('orders.yml', retries(2));
    const { last } = follow(springConfigSource({ url: server.url, ...options }));
    await last({ data: { policies: { payment: [{ maxAttempts: 2 }] } } });
    await server.kill();
    const version = await server.commit('orders.yml', retries(5));
    await last({ reason: 'unreachable' });
    await server.restart();
    await last({ version, data: { policies: { payment: [{ maxAttempts: 5 }] } } });
  });

  // The last one: after a read of a commit, this server serves main no more as it is.
  test('reads a label, and tells when there is none of that name', async () => {
    const commit = await server.commit('orders.yml', retries(2));
    await server.commit('orders.yml', retries(3));
    const old = springConfigSource({ url: server.url, ...options, label: commit });
    expect(await old.read({ signal })).toMatchObject({ version: commit });
    const none = springConfigSource({ url: server.url, ...options, label: 'feature/none' });
    await expect(none.read({ signal })).rejects.toMatchObject({
      reason: 'unexpected',
      message: expect.stringContaining('feature(_)none answered 404') as string,
    });
  });
});
