import { AsyncLocalStorage } from 'node:async_hooks';
import * as ours from '@holdfast/interop/p-retry';
import { stopRetrying } from '@holdfast/retry';
import * as theirs from 'p-retry';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { play, type Scenario, type Step } from './scenario.ts';

const failure: Step = { does: 'error' };

/** Cases by hand: what the generated ones hit seldom, or never. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'no retries': { attempts: [failure], options: { retries: 0 }, onFailedAttempt: [] },
  'all retries by default': { attempts: Array.from({ length: 20 }, () => failure), options: {} },
  'the longest delay that a timer keeps': {
    attempts: [failure, failure],
    options: { minTimeout: 2 ** 40 },
    onFailedAttempt: [],
  },
  'a factor that overflows': {
    attempts: [failure, failure, failure],
    options: { minTimeout: 0, factor: 1e300 },
    onFailedAttempt: [],
  },
  'a callback that outlasts maxRetryTime': {
    attempts: [failure, failure],
    options: { maxRetryTime: 100, minTimeout: 10 },
    shouldRetry: [{ does: 'yes', afterMs: 150 }],
  },
  'onFailedAttempt that outlasts maxRetryTime': {
    attempts: [failure, failure],
    options: { maxRetryTime: 100, minTimeout: 10 },
    onFailedAttempt: [{ does: 'nothing', afterMs: 150 }],
    shouldRetry: [],
  },
  'a last delay that is shortened': {
    attempts: [failure, failure, failure, failure],
    options: { maxRetryTime: 100, minTimeout: 40 },
    onFailedAttempt: [],
  },
  'an abort in a delay': { attempts: [failure], options: {}, abortAtMs: 500 },
  'an abort before the call': { attempts: [], options: {}, abortAtMs: 0 },
  'an abort while a function runs that succeeds': {
    attempts: [{ does: 'value', afterMs: 100 }],
    options: {},
    abortAtMs: 50,
  },
  'an abort and an AbortError': {
    attempts: [{ does: 'stop', afterMs: 100 }],
    options: {},
    abortAtMs: 50,
  },
  'an abort while a callback runs': {
    attempts: [failure],
    options: {},
    onFailedAttempt: [{ does: 'nothing', afterMs: 100 }],
    shouldRetry: [],
    abortAtMs: 50,
  },
  'a callback that throws after an abort': {
    attempts: [failure],
    options: {},
    onFailedAttempt: [{ does: 'throw', afterMs: 100 }],
    abortAtMs: 50,
  },
  'an AbortError of a callback': {
    attempts: [failure],
    options: {},
    shouldRetry: [{ does: 'throw-stop' }],
  },
  'failures that consume nothing': {
    attempts: Array.from({ length: 30 }, () => failure),
    options: { retries: 1, minTimeout: 10 },
    shouldConsumeRetry: Array.from({ length: 29 }, () => ({ does: 'no' as const })),
    onFailedAttempt: [],
  },
};

describe('does as p-retry does', () => {
  test.each(Object.entries(scenarios))('with %s', async (_name, scenario) => {
    const story = await play(ours, scenario);
    expect(story).toEqual(await play(theirs, scenario));
    expect(story.length).toBeGreaterThan(1);
  });
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What both answer a call with, whose function throws `thrown`, and how often it was called. */
async function both(options: unknown, thrown?: unknown): Promise<readonly unknown[]> {
  const answers = [ours.default, theirs.default].map(async (pRetry) => {
    const input = vi.fn(() => {
      // oxlint-disable-next-line typescript/only-throw-error
      if (thrown !== undefined) throw thrown;
      return 'value';
    });
    const call = pRetry(input, options as ours.Options);
    const answer = await Promise.all([
      call.catch((error: unknown) => error),
      vi.runAllTimersAsync(),
    ]);
    return { answer: answer[0], calls: input.mock.calls.length };
  });
  return Promise.all(answers);
}

const invalid: readonly (readonly [string, unknown])[] = [
  ['retries', -1],
  ['retries', 1.5],
  ['retries', Number.NaN],
  ['retries', '5'],
  ['factor', -1],
  ['factor', Infinity],
  ['factor', Number.NaN],
  ['minTimeout', -1],
  ['minTimeout', '1'],
  ['minTimeout', Infinity],
  ['maxTimeout', -1],
  ['maxTimeout', Number.NaN],
  ['maxRetryTime', -1],
  ['maxRetryTime', '5'],
  ['randomize', 'yes'],
  ['unref', 1],
  ['onFailedAttempt', 'log'],
  ['shouldRetry', true],
  ['shouldConsumeRetry', 5],
  ['signal', {}],
];

describe('options', () => {
  test.each(invalid)(
    'rejects with a TypeError that names %s when it is %s',
    async (name, value) => {
      for (const each of await both({ [name]: value })) {
        expect(each).toMatchObject({ calls: 0, answer: { name: 'TypeError' } });
        expect((each as { answer: Error }).answer.message).toContain(`Expected \`${name}\` to be`);
      }
    },
  );

  test('are all optional, also as undefined and null', async () => {
    for (const nothing of [undefined, null]) {
      const options = Object.fromEntries(invalid.map(([name]) => [name, nothing]));
      expect(await both(options)).toEqual([
        { answer: 'value', calls: 1 },
        { answer: 'value', calls: 1 },
      ]);
    }
  });

  test('rejects with an Error about `forever`, which is gone', async () => {
    for (const each of await both({ forever: false })) {
      expect(each).toMatchObject({
        answer: { name: 'Error', message: expect.stringContaining('`forever`') },
      });
    }
  });

  test('are read once, and left alone', async () => {
    const options = Object.freeze({ retries: 1, minTimeout: 1 });
    const thrown = new Error('failed');
    expect(await both(options, thrown)).toEqual([
      { answer: thrown, calls: 2 },
      { answer: thrown, calls: 2 },
    ]);
  });
});

/** A `TypeError` such as a runtime makes, perhaps without a stack. */
function typeError(message: string, own: object = {}): TypeError {
  return Object.assign(new TypeError(message), own);
}

describe('errors', () => {
  test.each([
    [typeError('Failed to fetch')],
    [typeError('Failed to fetch (example.com)')],
    [typeError('NetworkError when attempting to fetch resource.')],
    [typeError('The Internet connection appears to be offline.')],
    [typeError('Network request failed')],
    [typeError('network error')],
    [typeError('fetch failed')],
    [typeError('terminated')],
    [typeError(' A network error occurred.')],
    [typeError('Network connection lost')],
    [typeError('error sending request for url (http://localhost/)')],
    [typeError('Load failed', { stack: undefined })],
    [typeError('Load failed (example.com)', { stack: undefined })],
    [typeError('Load failed', { ['__sentry_captured__']: true })],
    [new RangeError('out of range')],
    [new DOMException('the operation was aborted', 'AbortError')],
  ])('retries %s', async (thrown) => {
    const answer = { answer: thrown, calls: 3 };
    expect(await both({ retries: 2 }, thrown)).toEqual([answer, answer]);
  });

  test.each([
    [typeError('Load failed')],
    [typeError('undefined is not a function')],
    [typeError('fetch failed, they say')],
    [typeError('Failed to fetch it')],
    [typeError('fetch failed', { name: 'OtherError' })],
  ])('does not retry %s', async (thrown) => {
    const answer = { answer: thrown, calls: 1 };
    expect(await both({ retries: 2 }, thrown)).toEqual([answer, answer]);
  });

  test.each([['text'], [null], [0], [{}], [Object.create(null)], [Symbol('s')], [5n]])(
    'does not retry %s, which is no Error, and rejects with a TypeError about it',
    async (thrown) => {
      for (const each of await both({ retries: 2 }, thrown)) {
        expect(each).toMatchObject({
          calls: 1,
          answer: {
            name: 'TypeError',
            message: expect.stringMatching(/^Non-error was thrown: ".*"/),
          },
        });
      }
    },
  );

  test('makes an AbortError of a message, of an error and of nothing', () => {
    for (const { AbortError } of [ours, theirs]) {
      const original = new RangeError('inner');
      const { originalError } = new AbortError('enough');
      expect(originalError).toMatchObject({ name: 'Error', message: 'enough' });
      expect(originalError.stack).toContain('p-retry.test.ts');
      expect(originalError.stack).not.toContain('new AbortError');
      expect(new AbortError('enough')).toMatchObject({ name: 'AbortError', message: 'enough' });
      expect(new AbortError(original)).toMatchObject({ originalError: original, message: 'inner' });
      expect(new AbortError()).toMatchObject({ message: '', originalError: { message: '' } });
    }
  });
});

describe('around the call', () => {
  test('the function has no `this`, and what is none is told as in p-retry', async () => {
    for (const { default: pRetry } of [ours, theirs]) {
      const told = await pRetry(function told(this: unknown) {
        return [this];
      });
      expect(told).toEqual([undefined]);
      const none = pRetry(5 as never, { retries: 0 });
      await expect(none).rejects.toThrow(new TypeError('input is not a function'));
    }
  });

  test('makeRetriable keeps the arguments, the `this` and the options', async () => {
    for (const { makeRetriable } of [ours, theirs]) {
      const account = {
        tries: 0,
        balance: 40,
        add: makeRetriable(
          function add(this: { tries: number; balance: number }, left: number, right: number) {
            if (++this.tries < 3) throw new Error('busy');
            return this.balance + left * right;
          },
          { retries: 2, minTimeout: 5 },
        ),
      };
      const call = account.add(1, 2);
      await vi.runAllTimersAsync();
      expect(await call).toBe(42);
    }
  });

  test('an attempt after a delay runs in the async context of the caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const call = storage.run('caller', () =>
      ours.default((attempt) => {
        seen.push(storage.getStore());
        if (attempt < 3) throw new Error('busy');
        return storage.getStore();
      }),
    );
    await vi.runAllTimersAsync();
    expect([await call, ...seen]).toEqual(['caller', 'caller', 'caller', 'caller']);
  });

  test.each([
    [true, false],
    [false, true],
  ])('with unref: %s, a delay keeps the process alive: %s', async (unref, expected) => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const caller = new AbortController();
    const call = ours.default(() => Promise.reject(new Error('busy')), {
      unref,
      signal: caller.signal,
    });
    await vi.advanceTimersByTimeAsync(10);
    const armed = timers.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(armed.map((timer) => timer.hasRef())).toEqual([expected]);
    caller.abort('enough');
    await expect(call).rejects.toBe('enough');
  });

  test('leaves no timer and no listener behind after an abort', async () => {
    const caller = new AbortController();
    const removed = vi.spyOn(caller.signal, 'removeEventListener');
    const added = vi.spyOn(caller.signal, 'addEventListener');
    const call = ours.default(() => Promise.reject(new Error('busy')), { signal: caller.signal });
    await vi.advanceTimersByTimeAsync(10);
    expect(added).toHaveBeenCalledTimes(1);
    caller.abort();
    await expect(call).rejects.toBe(caller.signal.reason);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(removed).toHaveBeenCalledTimes(1);
  });

  test('bears a hundred thousand retries without a delay', async () => {
    const call = ours.default(
      (attempt) => {
        if (attempt <= 100_000) throw new Error('busy');
        return attempt;
      },
      { retries: Infinity, minTimeout: 0 },
    );
    expect(await call).toBe(100_001);
  });
});

/** Where the drop-in differs from p-retry, and why: docs/migrating/p-retry.md lists the same. */
describe('differences', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

  test('a TypeError with the code of a failed system call is retried, whatever its message', async () => {
    const thrown = new TypeError('the request broke off', { cause: reset });
    expect(await both({ retries: 2 }, thrown)).toEqual([
      { answer: thrown, calls: 3 },
      { answer: thrown, calls: 1 },
    ]);
  });

  test('the AbortError of another copy, and stopRetrying, end the retries as well', async () => {
    const inner = new Error('inner');
    const stops = [new theirs.AbortError(inner), new ours.AbortError(inner), stopRetrying(inner)];
    for (const thrown of stops) {
      expect((await both({ retries: 2 }, thrown))[0]).toEqual({ answer: inner, calls: 1 });
    }
    expect((await both({ retries: 2 }, stops[1]))[1]).toMatchObject({ calls: 3 });
  });

  test('wrappers that are a ring do not hang the process', async () => {
    const ring = new ours.AbortError('ring');
    Object.assign(ring, { originalError: ring });
    await expect(ours.default(() => Promise.reject(ring))).rejects.toBe(ring);
  });

  test('the TypeError about what is no Error has that as its cause', async () => {
    await expect(ours.default(() => Promise.reject('text'))).rejects.toMatchObject({
      cause: 'text',
    });
  });

  test('messages about options tell the value', async () => {
    await expect(ours.default(() => 1, { retries: -1 })).rejects.toThrow(
      'Expected `retries` to be an integer from 0 up, or Infinity, got -1.',
    );
  });
});
