import { retry, type RetryOptions } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { describe, expect, test, vi } from 'vitest';

/** Retries every value once. */
function discarding<T>(options: RetryOptions<T> = {}): ReturnType<typeof retry<T>> {
  return retry<T>({
    shouldRetry: ({ ok }, attempt) => ok && attempt === 1,
    backoff: [0],
    ...options,
  });
}

/** What an operation returns first, and then. */
function one<T>(discarded: T, kept: T): () => T {
  const values = [discarded, kept];
  return () => values.shift() as T;
}

/** Runs the work and returns the warnings of the process meanwhile. */
async function warningsOf(work: () => Promise<unknown>): Promise<string[]> {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await work();
  await virtualClock().flush();
  const warnings = warned.mock.calls.map(([warning]) => String(warning));
  warned.mockRestore();
  return warnings;
}

describe('a discarded value', () => {
  test('is disposed asynchronously where it can be, and the last one is not', async () => {
    const make = (): {
      [Symbol.asyncDispose]: () => Promise<void>;
      [Symbol.dispose]: () => void;
    } => ({
      [Symbol.asyncDispose]: vi.fn(async () => undefined),
      [Symbol.dispose]: vi.fn(),
    });
    const [discarded, kept] = [make(), make()];
    expect(await discarding().execute(one(discarded, kept))).toBe(kept);
    expect(discarded[Symbol.asyncDispose]).toHaveBeenCalledOnce();
    expect(discarded[Symbol.dispose]).not.toHaveBeenCalled();
    expect(kept[Symbol.asyncDispose]).not.toHaveBeenCalled();
  });

  test('is disposed before the next attempt begins', async () => {
    const order: string[] = [];
    const value = { [Symbol.dispose]: () => order.push('disposed') };
    await discarding().execute(() => {
      order.push('attempt');
      return value;
    });
    expect(order).toEqual(['attempt', 'disposed', 'attempt']);
  });

  test('has its body cancelled if it is a response', async () => {
    const cancelled = vi.fn();
    const body = new ReadableStream({ cancel: cancelled });
    await discarding<Response>().execute(one(new Response(body), new Response('kept')));
    expect(cancelled).toHaveBeenCalledOnce();
  });

  test('keeps a body that somebody reads', async () => {
    const response = new Response('being read');
    const text = response.text();
    const warnings = await warningsOf(() =>
      discarding<Response>().execute(one(response, new Response('kept'))),
    );
    expect(await text).toBe('being read');
    expect(warnings).toEqual([]);
  });

  test('has its body disposed if it is a response of undici.request', async () => {
    const body = { [Symbol.asyncDispose]: vi.fn(async () => undefined) };
    await discarding().execute(one<unknown>({ statusCode: 503, body }, 'kept'));
    expect(body[Symbol.asyncDispose]).toHaveBeenCalledOnce();
  });

  test.each([undefined, null, 5, 'text', {}, { body: null }, { body: 'text' }, () => 1])(
    'is left alone if it cannot be closed: %j',
    async (value) => {
      const warnings = await warningsOf(() => discarding().execute(one<unknown>(value, 'kept')));
      expect(warnings).toEqual([]);
    },
  );

  test('goes to the option dispose', async () => {
    const dispose = vi.fn();
    await discarding({ dispose }).execute(one('discarded', 'kept'));
    expect(dispose.mock.calls).toEqual([['discarded']]);
  });

  test('is disposed when shouldRetry throws: nobody gets it', async () => {
    const dispose = vi.fn();
    const shouldRetry = (): never => {
      throw new Error('cannot tell');
    };
    await discarding({ dispose, shouldRetry }).outcome(() => 'lost');
    expect(dispose.mock.calls).toEqual([['lost']]);
  });

  test('is disposed when the caller gives up while shouldRetry is asked', async () => {
    const dispose = vi.fn();
    const caller = new AbortController();
    const shouldRetry = (): Promise<boolean> => new Promise(() => {});
    const policy = discarding({ dispose, shouldRetry });
    const call = policy.outcome(() => 'lost', { signal: caller.signal });
    await virtualClock().flush();
    caller.abort('enough');
    await call;
    expect(dispose.mock.calls).toEqual([['lost']]);
  });

  test('is not disposed when it is the answer in the end', async () => {
    const dispose = vi.fn();
    const policy = discarding({ dispose, shouldRetry: () => true, maxAttempts: 2 });
    expect(await policy.execute(one('discarded', 'kept'))).toBe('kept');
    expect(dispose.mock.calls).toEqual([['discarded']]);
  });
});

describe('an error in a disposal', () => {
  const lost = new Error('cannot close');
  test.each<[string, () => unknown]>([
    [
      'thrown',
      () => {
        throw lost;
      },
    ],
    ['rejected', () => Promise.reject(lost)],
  ])('that is %s changes no outcome, and is a warning', async (_how, dispose) => {
    const warnings = await warningsOf(async () => {
      expect(await discarding({ dispose }).execute(one('discarded', 'kept'))).toBe('kept');
    });
    expect(warnings).toEqual([expect.stringContaining('cannot close')]);
  });

  test('that a getter throws changes none either', async () => {
    const value = {
      get body(): unknown {
        throw lost;
      },
    };
    const warnings = await warningsOf(async () => {
      expect(await discarding().execute(one<unknown>(value, 'kept'))).toBe('kept');
    });
    expect(warnings).toHaveLength(1);
  });
});
