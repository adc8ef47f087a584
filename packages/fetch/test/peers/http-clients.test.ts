import { getEventListeners } from 'node:events';
import { noop } from '@holdfast/policy';
import {
  endlessBody,
  type FaultServer,
  faultServer,
  respond,
  resetBeforeHeaders,
} from '@holdfast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { wrapFetch } from '../../src/index.ts';
import { attempts } from '../attempts.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await faultServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const untilOk = attempts((response, error) => error !== undefined || response?.ok === false);

describe('undici 8.12', () => {
  test('sends an empty body when it repeats a stream; ours is sent once, and the 503 comes back', async () => {
    server.script('*', [respond({ status: 503 }), respond()]);
    const body = new Blob(['precious']).stream();
    const init = { method: 'PUT', body, duplex: 'half' as const };
    const response = await wrapFetch(fetch, untilOk)(server.url, init);
    expect(response.status).toBe(503);
    expect(server.requests.map((request) => request.bodyBytes)).toEqual([8]);
  });

  test('hides a 503 behind a content-length mismatch; ours repeats the string', async () => {
    server.script('*', [respond({ status: 503 }), respond()]);
    const init = { method: 'PUT', body: 'precious' };
    const response = await wrapFetch(fetch, untilOk)(server.url, init);
    expect(response.status).toBe(200);
    expect(server.requests.map((request) => request.text())).toEqual(['precious', 'precious']);
  });

  test('turns the 503 of a POST into a rejection; ours hands it back with its body', async () => {
    server.script('*', [respond({ status: 503, body: 'sorry' }), respond()]);
    const response = await wrapFetch(fetch, untilOk)(server.url, { method: 'POST', body: 'x' });
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('sorry');
    expect(server.requests).toHaveLength(1);
  });

  test('never retries when the body of the 503 is endless; ours drops it and goes on', async () => {
    server.script('*', [endlessBody({ status: 503 }), respond({ body: 'fine' })]);
    const response = await wrapFetch(fetch, untilOk)(server.url);
    expect(await response.text()).toBe('fine');
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });

  test('leaves listeners on a signal that calls share; ours leaves none', async () => {
    const { signal } = new AbortController();
    const wrapped = wrapFetch(fetch, noop);
    for (let i = 0; i < 20; i++) await (await wrapped(server.url, { signal })).text();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

test('axios-retry repeats a POST that may have arrived; ours does not', async () => {
  server.script('*', [resetBeforeHeaders(), respond()]);
  const call = wrapFetch(fetch, untilOk)(server.url, { method: 'POST', body: 'x' });
  await expect(call).rejects.toThrow('fetch failed');
  expect(server.requests).toHaveLength(1);
});

test('fetch-retry leaks the bodies of discarded responses; ours ends them', async () => {
  const big = 'x'.repeat(2_000_000);
  const sorry = respond({ status: 503, body: big });
  server.script('*', [sorry, sorry, sorry, respond({ body: 'fine' })]);
  const response = await wrapFetch(fetch, untilOk)(server.url);
  expect(await response.text()).toBe('fine');
  await server.idle();
  expect(server.inFlight).toBe(0);
});
