import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, isCircuitOpenError } from '@holdfast/circuit-breaker';
import { compose, isTimeoutError } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import {
  endlessBody,
  type FaultServer,
  faultServer,
  hang,
  otherwise,
  resetBeforeHeaders,
  respond,
  retryAfter,
} from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isHttpFailure, isRetryableHttp, retryAfterOf, wrapFetch } from '../src/index.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await faultServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const again = retry<Response>({
  shouldRetry: isRetryableHttp,
  delayFrom: retryAfterOf,
  backoff: [0, 0],
});

describe('with a retry', () => {
  test('statuses and broken connections are tried again', async () => {
    server.script('*', [retryAfter(0), resetBeforeHeaders(), respond({ body: 'fine' })]);
    const response = await wrapFetch(fetch, again)(server.url);
    expect(await response.text()).toBe('fine');
    expect(server.requests).toHaveLength(3);
  });

  test('the last response comes back readable when no attempt brought more', async () => {
    server.script('*', [otherwise(respond({ status: 503, body: 'sorry' }))]);
    const response = await wrapFetch(fetch, again)(server.url);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('sorry');
    expect(server.requests).toHaveLength(3);
  });

  test('a POST without a key ends with what the first attempt brought', async () => {
    server.script('*', [respond({ status: 503, body: 'sorry' }), resetBeforeHeaders()]);
    const post = wrapFetch(fetch, again);
    const response = await post(server.url, { method: 'POST', body: 'x' });
    expect(await response.text()).toBe('sorry');
    await expect(post(server.url, { method: 'POST', body: 'x' })).rejects.toThrow('fetch failed');
    expect(server.requests).toHaveLength(2);
  });

  test('a POST without a key is not sent again after the timeout of its attempt', async () => {
    server.script('*', [hang(), respond()]);
    const policy = compose(again, timeout({ afterMs: 50 }));
    const error: unknown = await wrapFetch(fetch, policy)(server.url, { method: 'POST' }).catch(
      (reason: unknown) => reason,
    );
    expect(isTimeoutError(error)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test('a discarded response gives its place back before the next attempt needs it', async () => {
    server.script('*', [endlessBody({ status: 503 }), respond({ body: 'fine' })]);
    const policy = compose(again, bulkhead({ maxConcurrent: 1, maxQueued: 1 }));
    const response = await wrapFetch(fetch, policy)(server.url);
    expect(await response.text()).toBe('fine');
  });
});

describe('with a bulkhead', () => {
  test('the place is held until the body has been read', async () => {
    server.script('*', [otherwise(respond({ body: 'x'.repeat(300_000) }))]);
    const places = bulkhead({ maxConcurrent: 1 });
    const response = await wrapFetch(fetch, places)(server.url);
    expect(places.active).toBe(1);
    await response.text();
    await places.whenIdle();
    expect(places.active).toBe(0);
  });

  test('a small error that nobody reads holds no place', async () => {
    server.script('*', [otherwise(respond({ status: 503, body: 'sorry' }))]);
    const places = bulkhead({ maxConcurrent: 1 });
    for (let i = 0; i < 5; i++) {
      expect((await wrapFetch(fetch, places)(server.url)).status).toBe(503);
      await places.whenIdle();
    }
  });

  test('the place of an attempt that timed out is free once the connection is closed', async () => {
    server.script('*', [hang()]);
    const places = bulkhead({ maxConcurrent: 1 });
    const policy = compose(timeout({ afterMs: 30 }), places);
    await expect(wrapFetch(fetch, policy)(server.url)).rejects.toThrow('timed out');
    await places.whenIdle();
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });
});

test('with a timeout, the deadline cuts a body off that trickles', async () => {
  server.script('*', [endlessBody()]);
  const response = await wrapFetch(fetch, timeout({ afterMs: 80 }))(server.url);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toSatisfy(isTimeoutError);
  await server.idle();
});

test('with a circuit breaker, statuses open the circuit, and mistakes do not', async () => {
  server.script('*', [otherwise(respond({ status: 500 }))]);
  const breaker = circuitBreaker<Response>({ isFailure: isHttpFailure, minimumCalls: 4 });
  const wrapped = wrapFetch(fetch, breaker);
  for (let i = 0; i < 10; i++) await expect(wrapped('not a url')).rejects.toThrow(TypeError);
  expect(breaker.state).toBe('closed');
  for (let i = 0; i < 4; i++) await wrapped(server.url);
  expect(breaker.state).toBe('open');
  await expect(wrapped(server.url)).rejects.toSatisfy(isCircuitOpenError);
  expect(server.requests).toHaveLength(4);
});
