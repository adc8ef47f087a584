import { createServer } from 'node:net';
import { compose, definePolicy, noop } from '@holdfast/policy';
import {
  type FaultServer,
  faultServer,
  hang,
  respond,
  resetBeforeHeaders,
} from '@holdfast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isRequestNotRepeatableError, wrapFetch } from '../src/index.ts';
import { attempts, twice } from './attempts.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await faultServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const until200 = attempts((response, error) => error !== undefined || response?.status !== 200);
const bytes = new TextEncoder().encode('hello');

function failTwice(): void {
  server.script('*', [respond({ status: 503 }), resetBeforeHeaders(), respond({ body: 'fine' })]);
}

function stream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}

describe('a body', () => {
  const form = new FormData();
  form.append('greeting', 'hello');
  form.append('file', new File(['hello'], 'hello.txt'));

  test.each<[string, () => NonNullable<RequestInit['body']>]>([
    ['a string', () => 'hello'],
    ['an ArrayBuffer', () => bytes.slice().buffer],
    ['a typed array', () => bytes.slice()],
    ['a Buffer', () => Buffer.from('hello')],
    ['a DataView', () => new DataView(bytes.slice().buffer, 1, 3)],
    ['a Blob', () => new Blob(['hello'], { type: 'text/plain' })],
    ['URLSearchParams', () => new URLSearchParams({ greeting: 'hello' })],
  ])('that is %s is the same at each attempt', async (_name, make) => {
    failTwice();
    const response = await wrapFetch(fetch, until200)(server.url, { method: 'PUT', body: make() });
    expect(await response.text()).toBe('fine');

    const plain = await fetch(server.url, { method: 'PUT', body: make() });
    await plain.text();
    expect(server.requests).toHaveLength(4);
    const [first, second, third, expected] = server.requests;
    expect(expected?.bodyBytes).toBeGreaterThan(2);
    for (const request of [first, second, third]) {
      expect(request?.bodySha256).toBe(expected?.bodySha256);
      expect(request?.headers['content-type']).toBe(expected?.headers['content-type']);
      expect(request?.headers['content-length']).toBe(expected?.headers['content-length']);
    }
  });

  test('that is a form is sent with all its fields at each attempt', async () => {
    failTwice();
    await wrapFetch(fetch, until200)(server.url, { method: 'PUT', body: form });

    expect(server.requests).toHaveLength(3);
    for (const request of server.requests) {
      expect(request.text()).toContain('name="greeting"\r\n\r\nhello');
      expect(request.text()).toContain('filename="hello.txt"');
    }
  });

  test('is the one that the call began with, although the caller changes it later', async () => {
    failTwice();
    const body = bytes.slice();
    const params = new URLSearchParams({ a: '1' });
    const wrapped = wrapFetch(fetch, until200);
    const call = wrapped(server.url, { method: 'PUT', body });
    body.fill(0);
    await call;
    expect(server.requests.map((request) => request.text())).toEqual(['hello', 'hello', 'hello']);

    await server.reset();
    failTwice();
    const second = wrapped(server.url, { method: 'PUT', body: params });
    params.set('a', '2');
    await second;
    expect(server.requests.map((request) => request.text())).toEqual(['a=1', 'a=1', 'a=1']);
  });

  test('is made anew by a function for each attempt', async () => {
    failTwice();
    const init = { method: 'PUT', body: stream, duplex: 'half' as const };
    const response = await wrapFetch(fetch, until200)(server.url, init);

    expect(response.status).toBe(200);
    expect(server.requests.map((request) => request.text())).toEqual(['hello', 'hello', 'hello']);
  });
});

describe('a body that is a stream', () => {
  const once: [string, () => [string | Request, RequestInit]][] = [
    ['a ReadableStream', () => [server.url, { method: 'PUT', body: stream(), duplex: 'half' }]],
    [
      'an async iterable',
      () => [
        server.url,
        {
          method: 'PUT',
          duplex: 'half',
          body: (async function* () {
            yield bytes;
          })(),
        },
      ],
    ],
    ['that of a Request', () => [new Request(server.url, { method: 'PUT', body: 'hello' }), {}]],
  ];

  test.each(once)('(%s) is sent once; its response comes back readable', async (_name, make) => {
    server.script('*', [respond({ status: 503, body: 'sorry' }), respond()]);
    const [input, init] = make();
    const response = await wrapFetch(fetch, until200)(input, init);

    expect(response.status).toBe(503);
    expect(await response.text()).toBe('sorry');
    expect(server.requests.map((request) => request.text())).toEqual(['hello']);
  });

  test.each(once)('(%s) is sent once; its error comes back', async (_name, make) => {
    server.script('*', [resetBeforeHeaders(), respond()]);
    const [input, init] = make();
    await expect(wrapFetch(fetch, until200)(input, init)).rejects.toThrow('fetch failed');
    expect(server.requests).toHaveLength(1);
  });

  test.each(once)('(%s) is never sent empty, whatever the policy does', async (_name, make) => {
    server.script('*', [resetBeforeHeaders(), respond()]);
    const [input, init] = make();
    const error: unknown = await wrapFetch(fetch, twice)(input, init).catch((e: unknown) => e);

    expect(isRequestNotRepeatableError(error) && error.reason).toBe('body');
    expect((error as Error).cause).toBeInstanceOf(TypeError);
    expect(server.requests).toHaveLength(1);
  });
});

describe('a method that may change something twice', () => {
  const post = { method: 'POST', body: '{}' };

  test('is not sent again once it may have arrived', async () => {
    server.script('*', [resetBeforeHeaders(), respond()]);
    await expect(wrapFetch(fetch, until200)(server.url, post)).rejects.toThrow('fetch failed');
    expect(server.requests).toHaveLength(1);
  });

  test('is sent again with an Idempotency-Key', async () => {
    failTwice();
    const headers = { 'Idempotency-Key': '"order-1"' };
    const response = await wrapFetch(fetch, until200)(server.url, { ...post, headers });
    expect(response.status).toBe(200);
    const keys = server.requests.map((request) => request.headers['idempotency-key']);
    expect(keys).toEqual(['"order-1"', '"order-1"', '"order-1"']);
  });

  test('is sent again when it never left', async () => {
    const port = await freePort();
    let tries = 0;
    const policy = attempts(() => ++tries < 3);
    const call = wrapFetch(fetch, policy)(`http://127.0.0.1:${port}/`, post);
    await expect(call).rejects.toThrow('fetch failed');
    expect(tries).toBe(3);
  });

  test('is sent again when the user says that it may', async () => {
    failTwice();
    const options = { isRepeatable: () => true };
    const response = await wrapFetch(fetch, until200, options)(server.url, post);
    expect(response.status).toBe(200);
  });

  test('fails with an error of its own when a policy repeats it without asking', async () => {
    const error: unknown = await wrapFetch(fetch, twice)(server.url, post).catch((e: unknown) => e);
    expect(isRequestNotRepeatableError(error) && error.reason).toBe('method');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a signal', () => {
  test('of the call aborts the attempt with its own reason', async () => {
    server.script('*', [hang()]);
    const controller = new AbortController();
    const call = wrapFetch(fetch, noop)(server.url, { signal: controller.signal });
    await server.received(1);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });

  test('of a Request counts when the call has none', async () => {
    const request = new Request(server.url, { signal: AbortSignal.abort('gone') });
    await expect(wrapFetch(fetch, noop)(request)).rejects.toBe('gone');
    expect(server.requests).toHaveLength(0);
  });

  test('of a Request does not count when the call says null', async () => {
    const request = new Request(server.url, { signal: AbortSignal.abort('gone') });
    const response = await wrapFetch(fetch, noop)(request, { signal: null });
    expect(response.status).toBe(200);
  });
});

test('a response that a policy did not want is dropped before the next attempt', async () => {
  const big = 'x'.repeat(1_000_000);
  server.script('*', [respond({ status: 503, body: big }), respond({ body: 'fine' })]);
  const seen: Response[] = [];
  const watching = attempts((response) => {
    if (response !== undefined) seen.push(response);
    return response?.status !== 200;
  });
  const response = await wrapFetch(fetch, watching)(server.url);
  expect(await response.text()).toBe('fine');
  await expect(seen[0]?.text()).rejects.toThrow('discarded');
});

test('what a policy answers in place of a response comes back untouched', async () => {
  const cached = definePolicy<'cached'>('cached', async () => 'cached');
  expect(await wrapFetch(fetch, cached)(server.url)).toBe('cached');
});

test('arguments that cannot be used are named', () => {
  expect(() => wrapFetch(undefined as never, noop)).toThrow('fetch function');
  expect(() => wrapFetch(fetch, undefined as never)).toThrow('policy');
  expect(() => wrapFetch(fetch, noop, { retries: 3 } as never)).toThrow('`retries`');
  expect(() => wrapFetch(fetch, noop, { bodyDeadline: 'no' as never })).toThrow('`bodyDeadline`');
  expect(compose(noop).layers).toHaveLength(0);
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
