import { fromPRetryOptions, type PRetryOptions } from '@holdfast/interop';
import type { RetryContext } from '@holdfast/interop/p-retry';
import { compose } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { seededRandom } from '@holdfast/testing';
import fc from 'fast-check';
import theirs, { AbortError } from 'p-retry';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type Call = (input: (attempt: number) => unknown, options: PRetryOptions) => Promise<unknown>;

const withTheirs: Call = (input, options) => theirs(input, options);
const withOurs: Call = (input, options) =>
  retry(fromPRetryOptions(options)).execute(({ attempt }) => input(attempt));

/** Calls what throws these errors in turn; tells when, what the callbacks were told, and the answer. */
async function story(call: Call, errors: readonly unknown[], options: PRetryOptions) {
  vi.spyOn(Math, 'random').mockImplementation(seededRandom(3));
  const begunAt = performance.now();
  const log: unknown[][] = [];
  const tell = (name: string) => (context: RetryContext) => {
    log.push([performance.now() - begunAt, name, context]);
    return options[name as 'shouldRetry']?.(context) ?? true;
  };
  const answer = call(
    (attempt) => {
      log.push([performance.now() - begunAt, attempt]);
      // oxlint-disable-next-line typescript/only-throw-error
      if (attempt <= errors.length) throw errors[attempt - 1];
      return 'value';
    },
    {
      ...options,
      onFailedAttempt: (context) => void tell('onFailedAttempt')(context),
      shouldRetry: tell('shouldRetry'),
    },
  ).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return [...log, await answer];
}

const error = new Error('failed');

describe('retry goes by the options of p-retry', () => {
  test('with the same delays, callbacks and answers, whatever they are', async () => {
    const stop = new AbortError(new RangeError('enough'));
    const mistake = new TypeError('x is not a function');
    const thrown = fc.constantFrom<unknown>(error, error, error, error, mistake, stop);
    const options = fc.record(
      {
        retries: fc.constantFrom(0, 1, 3, Infinity),
        factor: fc.constantFrom(0, 1, 1.5, 2),
        minTimeout: fc.constantFrom(0, 0.3, 10, 250),
        maxTimeout: fc.constantFrom(0, 15.5, 500, Infinity),
        randomize: fc.boolean(),
        unref: fc.boolean(),
        shouldRetry: fc.constantFrom(
          () => true,
          ({ attemptNumber }: RetryContext) => attemptNumber < 3,
          () => Promise.resolve(false),
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(thrown, { maxLength: 6 }), options, async (errors, given) => {
        const expected = await story(withTheirs, errors, given);
        expect(await story(withOurs, errors, given)).toEqual(expected);
      }),
      { numRuns: 300, seed: 20_261_130 },
    );
  });

  test('with the error of a callback that throws', async () => {
    const thrown = new AbortError('of the callback');
    for (const name of ['onFailedAttempt', 'shouldRetry']) {
      const options = {
        [name]: () => {
          throw thrown;
        },
      };
      const policy = retry(fromPRetryOptions(options));
      expect(await policy.outcome(() => Promise.reject(error))).toEqual({
        ok: false,
        error: thrown,
      });
    }
  });

  test('as the default options too', () => {
    const { maxAttempts, maxElapsedMs } = fromPRetryOptions();
    expect({ maxAttempts, maxElapsedMs }).toEqual({ maxAttempts: 11, maxElapsedMs: undefined });
    const patient = { retries: Number.MAX_SAFE_INTEGER };
    expect(retry(fromPRetryOptions(patient)).describe().layers[0]?.options).toMatchObject({
      maxAttempts: Infinity,
    });
  });

  test('for any number of calls at a time, in a pipeline, with other options beside them', async () => {
    const policy = compose(
      retry({ ...fromPRetryOptions({ retries: 2, minTimeout: 10 }), name: 'orders' }),
    );
    const calls = [1, 2, 3, 4].map((needed) =>
      policy.outcome(({ attempt }) => (attempt < needed ? Promise.reject(error) : attempt)),
    );
    await vi.runAllTimersAsync();
    expect(await Promise.all(calls)).toEqual([
      { ok: true, value: 1 },
      { ok: true, value: 2 },
      { ok: true, value: 3 },
      { ok: false, error },
    ]);
  });
});

describe('where retry differs', () => {
  test('no attempt begins after maxRetryTime, and no delay is shortened to it', async () => {
    const options = { maxRetryTime: 100, minTimeout: 80 };
    const errors = Array.from({ length: 9 }, () => error);
    const starts = (log: readonly unknown[]) =>
      log.flatMap((each) => (Array.isArray(each) && each.length === 2 ? [each[0]] : []));
    expect(starts(await story(withTheirs, errors, options))).toEqual([0, 80, 100]);
    expect(starts(await story(withOurs, errors, options))).toEqual([0, 80]);
  });

  test('what is no Error comes back as it is; the callbacks are told a TypeError', async () => {
    const log = await story(withOurs, ['text'], {});
    expect(log).toMatchObject([
      [0, 1],
      [0, 'onFailedAttempt', { error: { cause: 'text' } }],
      'text',
    ]);
  });

  test.each([
    ['signal', new AbortController().signal, 'to be given to each call'],
    ['shouldConsumeRetry', () => true, 'to be left out'],
    ['retries', -1, 'to be an integer from 0 up'],
  ])('%s is refused', (name, value, message) => {
    expect(() => fromPRetryOptions({ [name]: value })).toThrow(TypeError);
    expect(() => fromPRetryOptions({ [name]: value })).toThrow(message);
    expect(() => fromPRetryOptions({ [name]: null as never })).not.toThrow();
  });
});
