import { TimeoutError } from '@holdfast/policy';
import { isNetworkError, isRetryable } from '@holdfast/retry';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Refusal } from './script.ts';

const retryable = (error: unknown): boolean => isRetryable({ ok: false, error });

function withCode(code: string, kind: typeof Error = Error): Error {
  return Object.assign(new kind('about something'), { code });
}

function fetchFailed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}

/** As cockatiel marks its errors, whichever copy of it they are from. */
function ofCockatiel(brand: string): Error {
  return Object.assign(new Error('not started'), { [brand]: true });
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('is worth a further attempt', () => {
  test.each<[string, unknown]>([
    ['an error', new Error('failed')],
    ['what is no error', 'failed'],
    ['nothing', undefined],
    ['null', null],
    ['a timeout of cockatiel', ofCockatiel('isTaskCancelledError')],
    ['a timeout', new TimeoutError('late', { timeoutMs: 1, started: true })],
    ['a reset connection', withCode('ECONNRESET')],
    ['a fetch that was refused', fetchFailed(withCode('ECONNREFUSED'))],
    ['a fetch whose socket closed', fetchFailed(withCode('UND_ERR_SOCKET'))],
    ['a fetch that could not resolve a name', fetchFailed(withCode('EAI_AGAIN'))],
    ['a fetch with garbage for an answer', fetchFailed(withCode('HPE_INVALID_CONSTANT'))],
    ['a fetch with a deeper cause', fetchFailed(new Error('closed', { cause: withCode('EPIPE') }))],
    [
      'a fetch that no address answered',
      fetchFailed(new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')])),
    ],
    [
      'a fetch whose session was ended by the server',
      fetchFailed(withCode('ERR_HTTP2_GOAWAY_SESSION')),
    ],
    [
      'such a fetch with any message',
      new TypeError('terminated', { cause: withCode('UND_ERR_SOCKET') }),
    ],
  ])('%s', (_what, error) => {
    expect(retryable(error)).toBe(true);
  });
});

describe('is not worth a further attempt', () => {
  test.each<[string, unknown]>([
    ['a TypeError', new TypeError('x is not a function')],
    ['a RangeError', new RangeError('invalid array length')],
    ['a TypeError that reads like the network', new TypeError('fetch failed')],
    ['a TypeError of another realm', runInNewContext('new TypeError("x is not a function")')],
    ['a TypeError of Node', withCode('ERR_INVALID_ARG_TYPE', TypeError)],
    ['a fetch of what is no URL', fetchFailed(withCode('ERR_INVALID_URL', TypeError))],
    ['a fetch with arguments that undici refuses', fetchFailed(withCode('UND_ERR_INVALID_ARG'))],
    ['a fetch without a code', fetchFailed(new Error('unknown scheme'))],
    ['a rejection', new Refusal(5)],
    ['an open circuit of cockatiel', ofCockatiel('isBrokenCircuitError')],
    ['a circuit of cockatiel that is being restored', ofCockatiel('isHydratingCircuitError')],
    ['a full bulkhead of cockatiel', ofCockatiel('isBulkheadRejectedError')],
  ])('%s', (_what, error) => {
    expect(retryable(error)).toBe(false);
  });

  test('a value', () => {
    expect(isRetryable({ ok: true, value: new Error('a value all the same') })).toBe(false);
  });

  test('a chain of causes without end', () => {
    const error = fetchFailed(undefined);
    error.cause = error;
    expect(retryable(error)).toBe(false);
  });
});

describe('the real fetch', () => {
  test('is worth a further attempt when nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await errorOf(fetch(`http://127.0.0.1:${port}/`));
    expect(error).toBeInstanceOf(TypeError);
    expect(retryable(error)).toBe(true);
    expect(isNetworkError(error)).toBe(true);
  });

  test('is worth a further attempt when the other side hangs up', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await errorOf(fetch(`http://127.0.0.1:${port}/`));
    await new Promise((resolve) => server.close(resolve));
    expect(retryable(error)).toBe(true);
  });

  test.each([
    ['a URL that is none', () => fetch('not a url')],
    ['an unknown scheme', () => fetch('gopher://127.0.0.1/')],
    ['a header that cannot be', () => fetch('http://127.0.0.1/', { headers: { 'a b': 'c' } })],
  ])('is not for %s', async (_what, work) => {
    const error = await errorOf(work());
    expect(error).toBeInstanceOf(TypeError);
    expect(retryable(error)).toBe(false);
  });
});
