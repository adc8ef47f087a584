import { type Outcome, RejectedError, TimeoutError } from '@holdfast/policy';
import { describe, expect, test } from 'vitest';
import { isHttpFailure, isRetryableHttp, retryAfterOf } from '../src/index.ts';

class Full extends RejectedError {
  override readonly code = 'FULL';
}

const status = (code: number): Outcome<Response> => ({
  ok: true,
  value: new Response(null, { status: code }),
});
const failed = (error: unknown): Outcome<Response> => ({ ok: false, error });
const network = (code: string): TypeError =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

describe('isHttpFailure', () => {
  test.each([408, 429, 500, 501, 503, 599])('%i is a failure', (code) => {
    expect(isHttpFailure(status(code))).toBe(true);
  });
  test.each([200, 204, 304, 400, 404, 409])('%i is a success', (code) => {
    expect(isHttpFailure(status(code))).toBe(false);
  });
  test('errors of the network and timeouts are failures', () => {
    expect(isHttpFailure(failed(network('ECONNRESET')))).toBe(true);
    expect(isHttpFailure(failed(new TimeoutError('late', { timeoutMs: 1, started: true })))).toBe(
      true,
    );
  });
  test('aborts, rejections and mistakes say nothing about the service', () => {
    expect(isHttpFailure(failed(new DOMException('gone', 'AbortError')))).toBe('ignore');
    expect(isHttpFailure(failed(new Full('full')))).toBe('ignore');
    expect(isHttpFailure(failed(new TypeError('Failed to parse URL')))).toBe('ignore');
    expect(isHttpFailure(failed(network('ERR_INVALID_URL')))).toBe('ignore');
    expect(isHttpFailure(failed(network('ERR_HTTP2_INVALID_HEADER_VALUE')))).toBe('ignore');
  });
});

describe('isRetryableHttp', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('%i is worth another attempt', (code) => {
    expect(isRetryableHttp(status(code))).toBe(true);
  });
  test.each([200, 400, 404, 409, 422, 501, 505])('%i is not', (code) => {
    expect(isRetryableHttp(status(code))).toBe(false);
  });
  test('errors of the network are, in whatever they are wrapped', () => {
    expect(isRetryableHttp(failed(network('ECONNREFUSED')))).toBe(true);
    const both = new AggregateError([Object.assign(new Error('v4'), { code: 'ECONNREFUSED' })]);
    expect(isRetryableHttp(failed(new TypeError('fetch failed', { cause: both })))).toBe(true);
    expect(isRetryableHttp(failed(Object.assign(new Error('reset'), { code: 'ECONNRESET' })))).toBe(
      true,
    );
  });
  test('mistakes and certificates are not', () => {
    expect(isRetryableHttp(failed(new TypeError('Failed to parse URL')))).toBe(false);
    expect(isRetryableHttp(failed(network('CERT_HAS_EXPIRED')))).toBe(false);
    expect(isRetryableHttp(failed('gone'))).toBe(false);
  });
  test('a rejection is not, also when it tells how long it lasts', () => {
    expect(isRetryableHttp(failed(new Full('full')))).toBe(false);
    expect(isRetryableHttp(failed(new Full('full', { retryAfterMs: 100 })))).toBe(false);
  });
  test('an endless chain of causes is left', () => {
    const ring = new TypeError('ring');
    ring.cause = ring;
    expect(isRetryableHttp(failed(ring))).toBe(false);
  });
});

describe('retryAfterOf', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
  const after = (text: string): number | undefined =>
    retryAfterOf({
      ok: true,
      value: new Response(null, { status: 503, headers: { 'retry-after': text, date } }),
    });

  test.each([
    ['0', 0],
    ['120', 120_000],
    ['1.5', 1_500],
    [' 3 ', 3_000],
    ['Sun, 06 Nov 1994 08:49:40 GMT', 3_000],
    ['Sunday, 06-Nov-94 08:49:40 GMT', 3_000],
    ['Sun Nov  6 08:49:40 1994', 3_000],
    ['Sun, 06 Nov 1994 08:49:30 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['2030', 2_030_000],
    ['', undefined],
    ['Mon garbage', undefined],
  ])('%j is %j', (text, ms) => {
    expect(after(text)).toBe(ms);
  });

  test('a date without that of the server is compared with the clock of the process', () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const value = new Response(null, { headers: { 'retry-after': inAMinute } });
    const ms = retryAfterOf({ ok: true, value });
    expect(ms).toBeGreaterThan(57_000);
    expect(ms).toBeLessThan(61_000);
  });

  test('an error asks for nothing', () => {
    expect(retryAfterOf({ ok: false, error: new Error('x') })).toBeUndefined();
    expect(retryAfterOf(status(503))).toBeUndefined();
  });
});
