import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type ConfigListener,
  type ConfigSource,
  environmentVariables,
  isConfigReadError,
  mergedSource,
  objectSource,
  springConfigSource,
} from '@holdfast/config';
import { configSourceContract } from '@holdfast/testing';
const folder = mkdtempSync(join(tmpdir(), 'holdfast-recipe-'));
const path = join(folder, 'policies.json');
const { signal } = new AbortController();
// Sources keep no process alive; a service has its server for that.
const alive = setInterval(() => {}, 1_000);
const retries = (maxAttempts: number): object => ({
  policies: { payment: [{ type: 'retry', maxAttempts }] },
});
writeFileSync(path, JSON.stringify(retries(3)));

process.env['HOLDFAST_POLICIES__PAYMENT__0__MAX_ATTEMPTS'] = '5';

// #region usage
import { environmentSource, fileSource, policiesFrom } from '@holdfast/config';

// The image has the file; HOLDFAST_POLICIES__PAYMENT__0__MAX_ATTEMPTS=5 is set where it runs.
const layered = environmentSource({ over: fileSource({ path }) });
const live = await policiesFrom(layered);

console.log(live.config.policies['payment']); // [ { type: 'retry', maxAttempts: 5 } ]
// #endregion
assert.deepEqual(live.config.policies['payment'], [{ type: 'retry', maxAttempts: 5 }]);
live.close();

/** Resolves at the next `changed` event. */
function nextChange(policies: Awaited<ReturnType<typeof policiesFrom>>): Promise<unknown> {
  return new Promise((resolve) => policies.on('changed', resolve));
}

{
  // #region object
  const source = objectSource({ policies: { payment: [{ type: 'retry', maxAttempts: 3 }] } });
  using policies = await policiesFrom(source);
  policies.on('changed', ({ source: from, version }) => console.log(from, version)); // object 2

  source.set({ policies: { payment: [{ type: 'retry', maxAttempts: 5 }] } });
  // #endregion
  assert.deepEqual(policies.config, retries(5));
}

{
  // #region environment
  const source = environmentSource({
    env: {
      HOLDFAST_POLICIES__PAYMENT: '[{"type":"timeout"},{"type":"retry"}]',
      HOLDFAST_POLICIES__PAYMENT__0__AFTER_MS: '2000',
      HOLDFAST_POLICIES__PAYMENT__1__SHOULD_RETRY: 'isBusy',
    },
  });
  const { data } = await source.read({ signal });
  console.log(JSON.stringify(data));
  // {"policies":{"payment":[{"type":"timeout","afterMs":2000},{"type":"retry","shouldRetry":"isBusy"}]}}
  // #endregion
  assert.deepEqual(data, {
    policies: {
      payment: [
        { type: 'timeout', afterMs: 2000 },
        { type: 'retry', shouldRetry: 'isBusy' },
      ],
    },
  });
}

{
  // #region variables
  const variables = environmentVariables({
    policies: { payment: [{ type: 'retry', maxAttempts: 3 }], 'stock-eu': [] },
  });
  console.log(variables); // { HOLDFAST_POLICIES: '{"payment":[{"type":"retry","maxAttempts":3}],"stock-eu":[]}' }
  // #endregion
  assert.deepEqual(Object.keys(variables), ['HOLDFAST_POLICIES']);
}

{
  // #region file
  const source = fileSource({ path: join(folder, 'policies.json') });
  using policies = await policiesFrom(source);
  const change = nextChange(policies);

  writeFileSync(
    `${path}.new`,
    '{ "policies": { "payment": [{ "type": "retry", "maxAttempts": 9 }] } }',
  );
  renameSync(`${path}.new`, path);

  await change;
  console.log(policies.config.policies['payment']); // [ { type: 'retry', maxAttempts: 9 } ]
  // #endregion
  assert.deepEqual(policies.config, retries(9));
}

{
  // #region merged
  const source = mergedSource([
    fileSource({ path: join(folder, 'policies.json') }),
    fileSource({ path: join(folder, 'overrides.json'), optional: true }),
  ]);
  // #endregion
  writeFileSync(join(folder, 'overrides.json'), '{ "policies": { "stock": [] } }');
  const { data } = await source.read({ signal });
  assert.deepEqual(Object.keys((data as { policies: object }).policies), ['payment', 'stock']);
}

{
  const server = createServer((request, response) => {
    const isKnown = request.url === '/orders/production';
    const source = { 'holdfast.policies.payment[0].type': 'retry' };
    const body = { version: 'f3a9', propertySources: [{ name: 'orders.yml', source }] };
    response.writeHead(isKnown ? 200 : 500).end(JSON.stringify(isKnown ? body : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // #region spring
  const source = springConfigSource({
    url, // 'https://config.internal:8888'
    application: 'orders',
    profiles: ['production'],
    headers: async () => ({ authorization: `Bearer ${await currentToken()}` }),
  });
  const { data, version } = await source.read({ signal });
  console.log(version, JSON.stringify(data)); // f3a9 {"policies":{"payment":[{"type":"retry"}]}}
  // #endregion
  assert.deepEqual([version, data], ['f3a9', { policies: { payment: [{ type: 'retry' }] } }]);
  // #region failure
  const lost = springConfigSource({ url, application: 'orders', profiles: ['lost'] });
  const error = await lost.read({ signal }).catch((reason: unknown) => reason);
  if (isConfigReadError(error)) console.log(error.reason, error.message);
  // unexpected http://127.0.0.1:8888/orders/lost answered 500
  // #endregion
  assert.ok(isConfigReadError(error) && error.reason === 'unexpected');
  server.closeAllConnections();
  server.close();
}

function currentToken(): Promise<string> {
  return Promise.resolve('token');
}

/** A small store, in place of that of a vendor. */
class Table {
  rows: { readonly text: string; readonly revision: number } = { text: '{}', revision: 0 };
  readonly changes: EventTarget = new EventTarget();

  async load(options: { readonly signal: AbortSignal }): Promise<Table['rows']> {
    options.signal.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
    options.signal.throwIfAborted();
    return this.rows;
  }

  save(text: string): void {
    this.rows = { text, revision: this.rows.revision + 1 };
    this.changes.dispatchEvent(new Event('saved'));
  }
}

// #region own
function tableSource(table: Table): ConfigSource {
  const read: ConfigSource['read'] = async (options) => {
    const { text, revision } = await table.load(options); // rejects with `signal.reason` on abort
    return { data: JSON.parse(text), version: String(revision) };
  };

  function watch(listener: ConfigListener): { close(): void } {
    const closing = new AbortController();
    const { signal: closed } = closing;
    const look = async (): Promise<void> => {
      try {
        const reading = await read({ signal: closed });
        if (!closed.aborted) listener.changed(reading);
      } catch (error) {
        if (!closed.aborted) listener.failed(error);
      }
    };
    table.changes.addEventListener('saved', () => void look(), { signal: closed });
    void look(); // what there is now: nothing is lost between a read and a watch
    return { close: () => closing.abort() };
  }

  return { name: 'table', read, watch };
}
// #endregion

{
  // #region contract
  const cases = configSourceContract(() => {
    const table = new Table();
    return {
      source: tableSource(table),
      write: (data) => table.save(JSON.stringify(data)),
      damage: () => table.save('{'),
    };
  });
  for (const { name, run } of cases) void test(name, run);
  // #endregion
}

clearInterval(alive);
rmSync(folder, { recursive: true });
