import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  endlessBody,
  type FaultServer,
  type FaultStep,
  faultServer,
  hang,
  resetAfterHeaders,
  resetBeforeHeaders,
  respond,
  retryAfter,
  slowHeaders,
  truncatedBody,
} from '../src/index.ts';

let server: FaultServer;

beforeAll(async () => {
  server = await faultServer();
});

beforeEach(async () => {
  await server.reset();
});

afterAll(async () => {
  await server.close();
});

function request(step: FaultStep, init?: RequestInit): Promise<Response> {
  server.script('/', [step]);
  return fetch(server.url, init);
}

async function causeOf(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return error instanceof Error ? error.cause : error;
}

describe('respond', () => {
  test('sends status, headers and a body of JSON', async () => {
    const response = await request(
      respond({
        status: 201,
        headers: { 'x-n': 1, 'Set-Cookie': ['a=1', 'b=2'] },
        body: { ok: true },
      }),
    );

    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-n')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ ok: true });
  });

  test.each([
    ['text', 'grüezi', 'text/plain; charset=utf-8', 'grüezi'],
    ['bytes', Buffer.from('raw'), 'application/octet-stream', 'raw'],
    ['null', null, 'application/json', 'null'],
    ['nothing', undefined, null, ''],
  ])('sends %s as a body', async (_, body, contentType, received) => {
    const response = await request(respond({ body }));

    expect(response.headers.get('content-type')).toBe(contentType);
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(received)));
    expect(await response.text()).toBe(received);
  });

  test('leaves the content type to the headers, however they are spelt', async () => {
    const headers = { 'Content-Type': 'application/problem+json' };
    const response = await request(respond({ headers, body: {} }));

    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('waits before it answers', async () => {
    const startedAt = performance.now();

    await request(respond({ delayMs: 30 }));

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  test('sends the body as it was when the step was made', async () => {
    const stock = { inStock: 3 };
    const step = respond({ body: stock });
    stock.inStock = 0;

    expect(await (await request(step)).json()).toEqual({ inStock: 3 });
  });

  test('refuses what cannot be sent', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;

    expect(() => respond({ status: 99 })).toThrow(
      'Expected `status` to be an integer from 200 to 599, got 99.',
    );
    expect(() => respond({ delayMs: -1 })).toThrow('Expected `delayMs`');
    expect(() => respond({ delayMs: 2 ** 31 })).toThrow(RangeError);
    expect(() => respond({ body: cycle })).toThrow(TypeError);
    expect(() => respond({ body: () => 1 })).toThrow('Expected `body` to be text, bytes');
    expect(() => respond({ headers: { 'x y': '1' } })).toThrow(TypeError);
    expect(() => respond({ headers: { x: 'a\r\nb: c' } })).toThrow(TypeError);
    expect(() => respond({ headers: 'x' as never })).toThrow('Expected `headers` to be an object');
    expect(() => respond({ code: 503 } as never)).toThrow('Unknown option `code`');
  });
});

describe('retryAfter', () => {
  test('asks to come back after seconds', async () => {
    const response = await request(retryAfter(2));

    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  });

  test('asks to come back at a date', async () => {
    const response = await request(retryAfter(new Date('2030-01-01T00:00:00Z'), 429));

    expect([response.status, response.headers.get('retry-after')]).toEqual([
      429,
      'Tue, 01 Jan 2030 00:00:00 GMT',
    ]);
  });

  test('refuses what the standard forbids', () => {
    expect(() => retryAfter(1.5)).toThrow('Expected `when` to be an integer');
    expect(() => retryAfter(-1)).toThrow(RangeError);
    expect(() => retryAfter(new Date('never'))).toThrow('Expected `when` to be a valid date');
    expect(() => retryAfter('2' as never)).toThrow(TypeError);
  });
});

describe('hang', () => {
  test('never answers', async () => {
    const controller = new AbortController();
    const answer = request(hang(), { signal: controller.signal });
    const first = await Promise.race([answer, server.received(1).then(() => 'nothing')]);

    controller.abort(new Error('enough'));

    expect(first).toBe('nothing');
    await expect(answer).rejects.toThrow('enough');
  });
});

describe('resetBeforeHeaders', () => {
  test('breaks the connection off instead of an answer', async () => {
    expect(await causeOf(request(resetBeforeHeaders()))).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('resetAfterHeaders', () => {
  test('sends the headers and breaks the connection off instead of the body', async () => {
    const response = await request(resetAfterHeaders({ status: 206, headers: { 'x-n': '1' } }));

    expect([response.status, response.headers.get('x-n')]).toEqual([206, '1']);
    expect(await causeOf(response.text())).toMatchObject({ code: 'ECONNRESET' });
    expect(server.requests[0]?.outcome).toBe('cut-by-server');
  });
});

describe('truncatedBody', () => {
  test.each([0, 3, 200_000])('declares more than the %d bytes that it sends', async (sentBytes) => {
    const declaredBytes = sentBytes + 10;
    const response = await request(truncatedBody({ declaredBytes, sentBytes }));
    let received = 0;
    const reading = (async (): Promise<void> => {
      for await (const chunk of response.body ?? []) received += chunk.byteLength;
    })();

    expect(response.headers.get('content-length')).toBe(String(declaredBytes));
    expect(await causeOf(reading)).toMatchObject({ code: 'UND_ERR_SOCKET' });
    expect(received).toBe(sentBytes);
    expect(server.requests[0]?.outcome).toBe('cut-by-server');
  });

  test('refuses to send all that it declares', () => {
    expect(() => truncatedBody({ declaredBytes: 5, sentBytes: 5 })).toThrow(
      'Expected `sentBytes` to be less than declaredBytes 5, got 5.',
    );
    expect(() => truncatedBody({ declaredBytes: 2 ** 30, sentBytes: 2 ** 25 })).toThrow(RangeError);
  });
});

describe('endlessBody', () => {
  test('goes on until the client leaves', async () => {
    const response = await request(endlessBody({ chunkBytes: 10, everyMs: 1 }));
    let received = 0;
    for await (const chunk of response.body ?? []) {
      received += chunk.byteLength;
      if (received >= 50) break;
    }

    await server.idle();

    expect(received).toBeGreaterThanOrEqual(50);
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });

  test('stops while the client does not read', async () => {
    const sent = { bytes: 0 };
    const step = endlessBody({ chunkBytes: 2 ** 20, everyMs: 0 });
    const counting: FaultStep = {
      name: 'counting',
      play: (exchange) => {
        const { response } = exchange;
        const write = response.write.bind(response);
        response.write = (chunk: Uint8Array): boolean => {
          sent.bytes += chunk.byteLength;
          return write(chunk);
        };
        step.play(exchange);
      },
    };
    const response = await request(counting);
    let before = -1;
    while (before !== sent.bytes) {
      before = sent.bytes;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    expect(sent.bytes).toBeLessThan(32 * 2 ** 20);
    await response.body?.cancel();
    await server.idle();
  });
});

describe('slowHeaders', () => {
  test('lets the head trickle in and ends in good order', async () => {
    const startedAt = performance.now();
    const response = await request(
      slowHeaders({ status: 203, headers: { 'x-n': ['1', '2'] }, chunkBytes: 20, everyMs: 5 }),
    );

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(3 * 5);
    expect([response.status, response.headers.get('x-n')]).toEqual([203, '1, 2']);
    expect(await response.text()).toBe('');
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('answered');
  });

  test('stops when the client gives up', async () => {
    const controller = new AbortController();
    const answer = request(slowHeaders({ chunkBytes: 1, everyMs: 5 }), {
      signal: controller.signal,
    });
    await server.received(1);

    controller.abort();

    await expect(answer).rejects.toThrow('abort');
    await server.idle();
    expect(server.requests[0]?.outcome).toBe('aborted-by-client');
  });
});
