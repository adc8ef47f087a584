import { getEventListeners } from 'node:events';
import { isTimeoutError, noop, type Policy } from '@holdfast/policy';
import {
  endlessBody,
  type FaultServer,
  faultServer,
  resetAfterHeaders,
  respond,
} from '@holdfast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { discardResponse } from '../src/discard-response.ts';
import { wrapFetch } from '../src/index.ts';
import { executing } from './executing.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await faultServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const big = 'x'.repeat(300_000);

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the response', () => {
  test('is a real one, with its url, status and headers', async () => {
    const headers = { 'x-answer': '42', location: '/there' };
    server.script('/here', [respond({ status: 302, headers })]);
    server.script('/there', [
      respond({ status: 201, body: 'made', headers: { 'x-answer': '42' } }),
    ]);
    const response = await wrapFetch(fetch, noop)(`${server.url}/here`);

    expect(response).toBeInstanceOf(Response);
    expect(response.url).toBe(`${server.url}/there`);
    expect(response.redirected).toBe(true);
    expect(response.type).toBe('basic');
    expect([response.status, response.statusText, response.ok]).toEqual([201, 'Created', true]);
    expect(response.headers.get('x-answer')).toBe('42');
    const copy = response.clone();
    expect(copy.url).toBe(response.url);
    expect(await copy.text()).toBe('made');
    expect(await response.text()).toBe('made');
    expect(response.bodyUsed).toBe(true);
  });

  test('without a body is that of fetch itself', async () => {
    server.script('*', [respond({ status: 204 })]);
    let original: Response | undefined;
    const spied: typeof fetch = async (...args) => {
      original = await fetch(...args);
      return original;
    };
    expect(await wrapFetch(spied, noop)(server.url)).toBe(original);
  });

  test('gives bytes, JSON and chunks as any other', async () => {
    server.script('*', [
      respond({ body: { a: 1 } }),
      respond({ body: big }),
      respond({ body: big }),
    ]);
    const wrapped = wrapFetch(fetch, noop);
    expect(await (await wrapped(server.url)).json()).toEqual({ a: 1 });
    expect((await (await wrapped(server.url)).arrayBuffer()).byteLength).toBe(big.length);
    let length = 0;
    for await (const chunk of (await wrapped(server.url)).body ?? []) length += chunk.byteLength;
    expect(length).toBe(big.length);
  });

  test('fails while being read when the connection breaks', async () => {
    server.script('*', [resetAfterHeaders()]);
    const response = await wrapFetch(fetch, noop)(server.url);
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

describe('the end of the body', () => {
  interface Held {
    response: Response;
    isOver: () => boolean;
  }

  async function fetchHeld(init?: RequestInit): Promise<Held> {
    let isOver = false;
    const spied = executing((operation, options) =>
      noop.execute((context) => {
        const waitUntil = (work: PromiseLike<unknown>): void => {
          void work.then(() => {
            isOver = true;
          });
        };
        const { attempt, deadline, signal } = context;
        const get = context.get.bind(context);
        return operation({ attempt, deadline, signal, get, waitUntil });
      }, options),
    );
    const response = await wrapFetch(fetch, spied)(server.url, init);
    return { response, isOver: () => isOver };
  }

  test('has come when all has been read', async () => {
    server.script('*', [respond({ body: big })]);
    const { response, isOver } = await fetchHeld();
    await settled();
    expect(isOver()).toBe(false);
    await response.text();
    await settled();
    expect(isOver()).toBe(true);
  });

  test('comes for a small body although nobody reads it, and it can still be read', async () => {
    server.script('*', [respond({ body: 'small' })]);
    const { response, isOver } = await fetchHeld();
    await expect.poll(isOver).toBe(true);
    expect(await response.text()).toBe('small');
  });

  test('comes when the body is cancelled', async () => {
    server.script('*', [endlessBody()]);
    const { response, isOver } = await fetchHeld();
    await response.body?.cancel();
    await settled();
    expect(isOver()).toBe(true);
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });

  test('comes when the response is discarded', async () => {
    server.script('*', [endlessBody()]);
    const { response, isOver } = await fetchHeld();
    discardResponse(response);
    await settled();
    expect(isOver()).toBe(true);
    await server.idle();
  });

  test('comes when the body breaks', async () => {
    server.script('*', [resetAfterHeaders()]);
    const { response, isOver } = await fetchHeld();
    await expect(response.text()).rejects.toThrow();
    await settled();
    expect(isOver()).toBe(true);
  });

  test('comes when the caller aborts, with the reason, and leaves no listener', async () => {
    server.script('*', [endlessBody(), respond({ body: big })]);
    const { signal, ...controller } = abortable();
    const { response, isOver } = await fetchHeld({ signal });
    const reading = response.text();
    controller.abort('enough');
    await expect(reading).rejects.toBe('enough');
    await settled();
    expect(isOver()).toBe(true);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await server.idle();
  });

  test('leaves no listener when it was read', async () => {
    server.script('*', [respond({ body: big })]);
    const { signal } = abortable();
    const response = await wrapFetch(fetch, noop)(server.url, { signal });
    await response.text();
    await settled();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('the deadline', () => {
  const within = (ms: number): Policy =>
    executing((operation, options) =>
      noop.execute(operation, { ...options, deadline: performance.now() + ms }),
    );

  test('of the attempt holds for the body', async () => {
    server.script('*', [endlessBody()]);
    const response = await wrapFetch(fetch, within(80))(server.url);
    const error: unknown = await response.text().catch((e: unknown) => e);
    expect(isTimeoutError(error) && error.started).toBe(true);
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });

  test('does not hold for the body when told so', async () => {
    server.script('*', [endlessBody()]);
    const response = await wrapFetch(fetch, within(30), { bodyDeadline: 'drop' })(server.url);
    const reader = response.body?.getReader();
    const end = performance.now() + 60;
    while (performance.now() < end) expect((await reader?.read())?.done).toBe(false);
    await reader?.cancel();
  });
});

function abortable(): { signal: AbortSignal; abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) };
}
