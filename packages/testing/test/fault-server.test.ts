import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  endlessBody,
  type FaultServer,
  type FaultStep,
  faultServer,
  hang,
  otherwise,
  repeat,
  resetBeforeHeaders,
  respond,
  sequence,
} from '../src/index.ts';

let server: FaultServer;

beforeEach(async () => {
  server = await faultServer();
});

afterEach(async () => {
  await server.close();
});

async function statuses(path: string, times: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const response = await fetch(server.url + path);
    await response.arrayBuffer();
    seen.push(response.status);
  }
  return seen;
}

async function code(request: Promise<unknown>): Promise<unknown> {
  const error: unknown = await request.catch((reason: unknown) => reason);
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : error;
}

describe('faultServer', () => {
  test('answers an empty 200 without a script', async () => {
    const response = await fetch(server.url);

    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('plays one step for each request, and then the last otherwise', async () => {
    server.script('/stock', [
      otherwise(respond({ status: 500 })),
      respond({ status: 503 }),
      respond({ status: 429 }),
      otherwise(respond({ status: 404 })),
    ]);

    expect(await statuses('/stock?sku=1', 4)).toEqual([503, 429, 404, 404]);
  });

  test('answers 200 after a script without otherwise', async () => {
    server.script('/stock', [respond({ status: 503 })]);

    expect(await statuses('/stock', 2)).toEqual([503, 200]);
  });

  test('keeps a script for each path, and one for all others', async () => {
    server.script('/a', [respond({ status: 201 })]);
    server.script('*', [respond({ status: 202 }), respond({ status: 203 })]);

    expect(await statuses('/b', 1)).toEqual([202]);
    expect(await statuses('/a', 2)).toEqual([201, 200]);
    expect(await statuses('/c', 1)).toEqual([203]);
  });

  test('repeats steps and sequences', async () => {
    server.script('/', [
      repeat(sequence([respond({ status: 503 }), respond({ status: 200 })]), 2),
      repeat(respond({ status: 404 }), 2),
      respond({ status: 500 }),
    ]);

    expect(await statuses('/', 7)).toEqual([503, 200, 503, 200, 404, 404, 500]);
  });

  test('starts anew with a new script', async () => {
    server.script('/', [repeat(respond({ status: 503 }), 1_000_000)]);
    await statuses('/', 1);
    server.script('/', [respond({ status: 201 })]);

    expect(await statuses('/', 1)).toEqual([201]);
  });

  test('lets a function choose the step by the request', async () => {
    server.script('/', [
      otherwise((request) => respond({ status: request.method === 'PUT' ? 409 : 200 })),
    ]);

    const put = await fetch(server.url, { method: 'PUT', body: 'x' });

    expect(put.status).toBe(409);
    expect(await statuses('/', 1)).toEqual([200]);
  });

  test('holds the answer back until the function lets it go', async () => {
    const gate = Promise.withResolvers<FaultStep>();
    server.script('/', [() => gate.promise]);
    const answer = fetch(server.url);
    await server.received(1);
    expect(server.inFlight).toBe(1);

    gate.resolve(respond({ status: 202 }));

    expect((await answer).status).toBe(202);
  });

  test('explains a broken step in an answer 500', async () => {
    const broken: FaultStep = {
      name: 'broken',
      play: () => {
        throw new Error('no idea');
      },
    };
    server.script('/', [
      () => {
        throw new Error('no choice');
      },
      () => undefined as never,
      broken,
    ]);

    const texts = [];
    for (let i = 0; i < 3; i += 1) texts.push(await (await fetch(server.url)).text());

    expect(texts).toEqual([
      'The step function for GET / threw Error: no choice',
      'The step function for GET / returned no step such as respond() or hang().',
      'The step broken threw Error: no idea',
    ]);
  });

  test('breaks the connection off when a step throws after the headers', async () => {
    server.script('/', [
      {
        name: 'half done',
        play: ({ response }): void => {
          response.writeHead(200).flushHeaders();
          throw new Error('too late to explain');
        },
      },
    ]);

    await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow(TypeError);
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('cut-by-server');
  });

  test('plays a step of the user', async () => {
    const teapot: FaultStep = {
      name: 'teapot',
      play: ({ response, request }) => {
        response.writeHead(418).end(request.text().toUpperCase());
      },
    };
    server.script('/', [teapot]);

    const response = await fetch(server.url, { method: 'POST', body: 'tea' });

    expect([response.status, await response.text()]).toEqual([418, 'TEA']);
  });

  test('lives in real time while fake timers rule the process', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      server.script('/', [respond({ status: 201, delayMs: 5 })]);

      expect(await statuses('/', 1)).toEqual([201]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('refuses scripts that cannot be used', () => {
    const wrong = { status: 503 } as never;

    expect(() => {
      server.script('stock', []);
    }).toThrow("Expected `path` to be '*', or a path from '/' on without a query, got \"stock\".");
    expect(() => {
      server.script('/stock?sku=1', []);
    }).toThrow(RangeError);
    expect(() => {
      server.script('/', [respond(), wrong]);
    }).toThrow('Expected `steps[1]` to be a step such as respond() or hang(), got an object.');
    expect(() => {
      server.script('/', respond() as never);
    }).toThrow('Expected `steps` to be an array');
    expect(() => otherwise(wrong)).toThrow(TypeError);
    expect(() => sequence([wrong])).toThrow(TypeError);
    expect(() => repeat(respond(), 0)).toThrow(
      'Expected `times` to be an integer from 1 up, got 0.',
    );
  });

  test('refuses options that cannot be used', async () => {
    await expect(faultServer({ maxRequests: 0 })).rejects.toThrow('Expected `maxRequests`');
    await expect(faultServer({ maxBodyBytes: -1 })).rejects.toThrow(RangeError);
    await expect(faultServer({ port: 80 } as never)).rejects.toThrow('Unknown option `port`');
  });
});

describe('the records of a faultServer', () => {
  test('tell method, target, headers and body', async () => {
    await fetch(`${server.url}/stock?sku=1`, {
      method: 'POST',
      headers: { 'idempotency-key': 'k-1' },
      body: JSON.stringify({ amount: 3 }),
    });

    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/stock?sku=1',
      path: '/stock',
      bodyBytes: 12,
    });
    expect(request?.headers['idempotency-key']).toBe('k-1');
    expect(request?.json()).toEqual({ amount: 3 });
    expect(request?.bodySha256).toBe(createHash('sha256').update('{"amount":3}').digest('hex'));
    expect(request?.receivedAtMs).toBeLessThanOrEqual(performance.now());
  });

  test('keep no more of a body than they may, but count and hash all of it', async () => {
    await using small = await faultServer({ maxBodyBytes: 10 });
    const body = Buffer.alloc(200_000, 'abc');

    await fetch(small.url, { method: 'POST', body });

    const [request] = small.requests;
    expect([request?.text(), request?.bodyBytes]).toEqual(['abcabcabca', 200_000]);
    expect(request?.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test('forget the oldest requests first', async () => {
    await using small = await faultServer({ maxRequests: 2 });

    for (const path of ['/1', '/2', '/3']) await fetch(small.url + path);

    expect(small.requests.map((request) => request.path)).toEqual(['/2', '/3']);
    await small.received(3);
  });

  test('tell a complete answer', async () => {
    await fetch(server.url);
    await server.idle();

    expect(server.requests[0]?.outcome).toBe('answered');
  });

  test('tell that the client gave up waiting', async () => {
    server.script('/', [hang()]);
    const controller = new AbortController();
    const answer = fetch(server.url, { signal: controller.signal });
    await server.received(1);
    expect(server.requests[0]?.outcome).toBe('in-flight');

    controller.abort();

    await expect(answer).rejects.toThrow('abort');
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });

  test('tell that the client gave up while it sent its body', async () => {
    const controller = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        stream.enqueue(Buffer.from('half'));
      },
    });
    const { signal } = controller;
    const answer = fetch(server.url, { method: 'POST', body, duplex: 'half', signal });
    await server.received(1);

    controller.abort();

    await expect(answer).rejects.toThrow('abort');
    await server.idle();
    expect(server.requests[0]).toMatchObject({ outcome: 'aborted-by-client', bodyBytes: 4 });
  });

  test('tell that the server cut the connection', async () => {
    server.script('/', [resetBeforeHeaders()]);

    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    await server.idle();

    expect(server.requests[0]?.outcome).toBe('cut-by-server');
  });
});

describe('the connections of a faultServer', () => {
  test('are counted, and so are the requests in flight', async () => {
    server.script('/', [repeat(hang(), 2)]);
    const answers = [fetch(server.url), fetch(server.url)].map(code);
    await server.received(2);

    expect([server.openSockets, server.inFlight]).toEqual([2, 2]);

    await server.close();
    expect([server.openSockets, server.inFlight]).toEqual([0, 0]);
    await Promise.all(answers);
  });

  test('are refused on request, also when one was idle, and accepted again', async () => {
    await statuses('/', 1);
    expect(server.openSockets).toBe(1);

    await server.refuse();
    expect(server.openSockets).toBe(0);
    expect(await code(fetch(server.url))).toBe('ECONNREFUSED');

    await server.accept();
    expect(await statuses('/', 1)).toEqual([200]);
  });

  test('are not accepted again while another server has the port', async () => {
    await server.refuse();
    const thief = createServer().listen(Number(new URL(server.url).port), '127.0.0.1');
    await once(thief, 'listening');

    await expect(server.accept()).rejects.toThrow('EADDRINUSE');

    thief.close();
    await once(thief, 'close');
    await server.accept();
    expect(await statuses('/', 1)).toEqual([200]);
  });

  test('finish what is in flight while others are refused', async () => {
    server.script('/', [respond({ body: 'late', delayMs: 10 })]);
    const answer = fetch(server.url);
    await server.received(1);

    await server.refuse();

    expect(await (await answer).text()).toBe('late');
    await vi.waitFor(() => {
      expect(server.openSockets).toBe(0);
    });
    expect(await code(fetch(server.url))).toBe('ECONNREFUSED');
  });

  test('are cut by reset, with scripts and records', async () => {
    server.script('/', [hang(), otherwise(respond({ status: 503 }))]);
    const answer = code(fetch(server.url));
    await server.received(1);
    await server.refuse();

    await server.reset();

    expect(await answer).toBe('UND_ERR_SOCKET');
    expect(server.requests).toEqual([]);
    expect(await statuses('/', 1)).toEqual([200]);
  });

  test('leave nothing behind at close', async () => {
    server.script('/', [hang(), endlessBody({ everyMs: 1 }), respond({ delayMs: 60_000 })]);
    const { url } = server;
    const answers = ['a', 'b', 'c'].map(async (query) => {
      const response = await fetch(`${url}/?${query}`);
      await response.text();
    });
    const failures = answers.map(code);
    await server.received(3);
    const neverComes = expect(server.received(4)).rejects.toThrow('was closed');

    await Promise.all([server.close(), server.close()]);

    await neverComes;
    expect([server.openSockets, server.inFlight]).toEqual([0, 0]);
    expect(await Promise.all(failures)).toHaveLength(3);
    expect(await code(fetch(url))).toBe('ECONNREFUSED');
    await expect(server.accept()).rejects.toThrow(`The fault server at ${url} is closed.`);
    await sleep(5);
    expect(process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPServer'))).toEqual(
      [],
    );
  });
});
