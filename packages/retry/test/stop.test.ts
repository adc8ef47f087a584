import { compose, isPolicyError, noop, type Outcome } from '@holdfast/policy';
import { constant, isRetryStoppedError, retry, stopRetrying } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';
import { scripted } from './script.ts';

const missing = new Error('there is no such order');

/** What p-retry throws to end the retries; a class of ours, as another copy of the package has. */
class AbortError extends Error {
  override readonly name: string = 'AbortError';
  readonly originalError: unknown;

  constructor(originalError: unknown) {
    super('stop');
    this.originalError = originalError;
  }
}

describe('an operation ends its retries', () => {
  const ways: readonly [string, (error: Error) => Error][] = [
    ['stopRetrying', stopRetrying],
    ['AbortError of p-retry', (error) => new AbortError(error)],
    ['several wrappers, one in the other', (error) => stopRetrying(new AbortError(error))],
    [
      'stopRetrying of another copy',
      (error) => Object.assign(new Error(), { originalError: error, isRetryStoppedError: true }),
    ],
  ];

  test.each(ways)('by %s, and the call rejects with the very error inside', async (_by, wrap) => {
    const operation = scripted(virtualClock(), wrap(missing), 'value');
    await expect(retry({ backoff: constant(0) }).execute(operation)).rejects.toBe(missing);
    expect(operation.startedAt).toHaveLength(1);
  });

  test.each(ways)('by %s at a later attempt', async (_by, wrap) => {
    const operation = scripted(virtualClock(), new Error('reset'), wrap(missing), 'value');
    await expect(retry({ backoff: constant(0) }).execute(operation)).rejects.toBe(missing);
    expect(operation.startedAt).toHaveLength(2);
  });

  test.each(ways)('by %s, whatever shouldRetry says: it is not asked', async (_by, wrap) => {
    const shouldRetry = vi.fn(() => true);
    const policy = retry({ shouldRetry, backoff: constant(0) });
    const outcome = await policy.outcome(scripted(virtualClock(), wrap(missing), 'value'));
    expect(outcome).toEqual({ ok: false, error: missing });
    expect(shouldRetry).not.toHaveBeenCalled();
  });

  test.each(ways)('by %s, and the event says so', async (_by, wrap) => {
    const policy = retry({ name: 'orders' });
    const told = vi.fn();
    policy.on('gave-up', told);
    await policy.outcome(scripted(virtualClock(), wrap(missing)));
    expect(told).toHaveBeenCalledExactlyOnceWith({
      kind: 'retry',
      event: 'gave-up',
      policy: 'orders',
      reason: 'stopped',
      attempts: 1,
      outcome: { ok: false, error: missing },
      refusal: undefined,
      history: [
        {
          attempt: 1,
          outcome: { ok: false, error: missing },
          delayMs: 0,
          durationMs: expect.any(Number),
        },
      ],
      omitted: 0,
    });
  });

  test.each([undefined, null, 'a string', 0])('with %j for an error', async (error) => {
    let calls = 0;
    const call = retry({ backoff: constant(0) }).outcome(() => {
      calls++;
      throw stopRetrying(error);
    });
    expect(await call).toEqual({ ok: false, error });
    expect(calls).toBe(1);
  });
});

describe('the end of the retries', () => {
  test('is understood also where wrappers are a ring', async () => {
    const own: { originalError?: unknown } = new AbortError(undefined);
    own.originalError = own;
    const pair: { originalError?: unknown } = new AbortError(undefined);
    pair.originalError = new AbortError(pair);
    for (const error of [own, pair]) {
      const operation = scripted(virtualClock(), error as Error, 'value');
      const outcome = await retry({ backoff: constant(0) }).outcome(operation);
      expect(outcome).toEqual({ ok: false, error });
      expect(operation.startedAt).toHaveLength(1);
    }
  });

  test('is that of the innermost retry: one outside decides about the error itself', async () => {
    const operation = scripted<string>(virtualClock(), stopRetrying(missing), 'value');
    const outer = retry({ backoff: constant(0) });
    expect(await compose(outer, retry({ backoff: constant(0) })).execute(operation)).toBe('value');
    expect(operation.startedAt).toHaveLength(2);
  });

  test('is seen as it is by a call without a retry', async () => {
    const stop = stopRetrying(missing);
    await expect(noop.execute(scripted(virtualClock(), stop))).rejects.toBe(stop);
    expect(stop).toMatchObject({ code: 'RETRY_STOPPED', cause: missing, originalError: missing });
    expect(isRetryStoppedError(stop)).toBe(true);
    expect(isPolicyError(stop)).toBe(true);
    expect(isRetryStoppedError(missing)).toBe(false);
  });

  test('costs no stack trace', () => {
    expect(stopRetrying(missing).stack?.split('\n')).toHaveLength(1);
  });

  test('does not hide that the caller gave up: the reason is untouched', async () => {
    const caller = new AbortController();
    const reason = new AbortError(missing);
    const call = retry({ backoff: constant(0) }).outcome(
      ({ signal }) => {
        caller.abort(reason);
        signal.throwIfAborted();
      },
      { signal: caller.signal },
    );
    const outcome: Outcome<unknown> = await call;
    expect(!outcome.ok && outcome.error).toBe(reason);
  });

  test('is not asked of values', async () => {
    const value = new AbortError(missing);
    expect(await retry().execute(() => value)).toBe(value);
  });
});

describe('is no end of the retries', () => {
  const ring = new AbortError(undefined);
  Object.assign(ring, { originalError: ring });

  test.each<[string, () => unknown]>([
    ['an AbortError of the DOM', () => new DOMException('aborted', 'AbortError')],
    [
      'an AbortError of the DOM that carries another error',
      () => Object.assign(new DOMException('aborted', 'AbortError'), { originalError: missing }),
    ],
    [
      'an AbortError of Node',
      () =>
        Object.assign(new Error('aborted', { cause: missing }), {
          name: 'AbortError',
          code: 'ABORT_ERR',
        }),
    ],
    ['an AbortError with nothing inside', () => new AbortError(undefined)],
    ['an AbortError with null inside', () => new AbortError(null)],
    ['an error of another name', () => Object.assign(new Error('x'), { originalError: missing })],
    ['a wrapper of itself', () => ring],
    ['what is no error', () => 'AbortError'],
    ['nothing', () => undefined],
    ['a revoked proxy', revokedProxy],
  ])('%s', async (_what, make) => {
    let calls = 0;
    const error = make();
    const outcome = await retry({ backoff: constant(0) }).outcome(() => {
      calls++;
      throw error;
    });
    expect(calls).toBe(3);
    expect(!outcome.ok && Object.is(outcome.error, error)).toBe(true);
  });
});

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
