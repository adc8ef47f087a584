import { AsyncLocalStorage } from 'node:async_hooks';
import {
  fromBottleneck,
  isLimiterRejectedError,
  type FromBottleneckOptions,
} from '@holdfast/interop';
import { compose, contextKey, isTimeoutError, systemClock } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import Bottleneck from 'bottleneck';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const urgency = contextKey<number>('urgency');

/** Work that ends when it is told so. */
function work(): { readonly operation: () => Promise<string>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { operation: () => promise, end: () => resolve('done') };
}

const turnMs = 10;

async function turns(): Promise<void> {
  await vi.advanceTimersByTimeAsync(turnMs);
}

describe('places', () => {
  test('are taken among the other jobs of the limiter, and held until the work has ended', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 2 });
    const policy = fromBottleneck(limiter);
    const other = work();
    const own = work();
    void limiter.schedule(other.operation);
    const first = policy.execute(own.operation);
    const second = policy.execute(() => 'second');
    await turns();
    expect(limiter.counts()).toMatchObject({ EXECUTING: 2, QUEUED: 1 });
    other.end();
    await turns();
    expect(await second).toBe('second');
    own.end();
    expect(await first).toBe('done');
    await turns();
    expect(limiter.counts()).toMatchObject({ EXECUTING: 0, QUEUED: 0 });
  });

  test('outlive a timeout outside, and what waitUntil names outlives the call', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    const policy = compose(timeout({ afterMs: 50 }), fromBottleneck(limiter));
    const slow = work();
    const body = Promise.withResolvers<void>();
    const timedOut = policy.outcome(slow.operation);
    await vi.advanceTimersByTimeAsync(60);
    expect(await timedOut).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(limiter.counts().EXECUTING).toBe(1);
    slow.end();
    await turns();
    const head = policy.execute((context) => {
      context.waitUntil(body.promise);
      return 'head';
    });
    await turns();
    expect(await head).toBe('head');
    expect(limiter.counts().EXECUTING).toBe(1);
    body.resolve();
    await turns();
    expect(limiter.counts().EXECUTING).toBe(0);
  });

  test('are taken anew by each attempt of a retry outside: retries of Bottleneck itself bypass it (#170)', async () => {
    const limiter = new Bottleneck({ reservoir: 2 });
    const policy = compose(retry({ backoff: [0] }), fromBottleneck(limiter));
    const operation = vi.fn(() => Promise.reject(new Error('failed')));
    const call = policy.outcome(operation);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(operation).toHaveBeenCalledTimes(2);
    expect(limiter.counts().QUEUED).toBe(1);
    await limiter.stop().catch(() => undefined);
    await turns();
    expect(await call).toMatchObject({ ok: false, error: { message: 'failed' } });
  });
});

describe('job options', () => {
  test('come from the context of each call', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 3 });
    const received: unknown[] = [];
    limiter.on('received', ({ options }) => received.push(options));
    const policy = fromBottleneck(limiter, {
      priority: (context) => context.get(urgency),
      weight: ({ attempt }) => attempt,
      id: () => 'the job',
    });
    const call = policy.execute(() => 1, { properties: [urgency(2)] });
    await turns();
    await call;
    expect(received).toEqual([{ priority: 2, weight: 1, id: 'the job', expiration: null }]);
  });

  test('are those of Bottleneck where a function says nothing', async () => {
    const limiter = new Bottleneck();
    const received: unknown[] = [];
    limiter.on('received', ({ options }) => received.push(options));
    const policy = fromBottleneck(limiter, { priority: () => undefined, weight: () => undefined });
    const call = policy.execute(() => 1);
    await turns();
    await call;
    expect(received).toMatchObject([{ priority: 5, weight: 1 }]);
  });

  test('let the urgent go first', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    const policy = fromBottleneck(limiter, { priority: (context) => context.get(urgency) });
    const order: string[] = [];
    const say = (name: string, properties = [urgency(5)]) =>
      policy.execute(() => order.push(name), { properties });
    const running = work();
    void limiter.schedule(running.operation);
    const calls = [say('first'), say('urgent', [urgency(0)])];
    await vi.advanceTimersByTimeAsync(100);
    running.end();
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(calls);
    expect(order).toEqual(['urgent', 'first']);
  });

  test('that cannot be had reject the call, which holds nothing', async () => {
    const limiter = new Bottleneck();
    const error = new Error('no tenant');
    const policy = fromBottleneck(limiter, {
      id: () => {
        throw error;
      },
    });
    expect(await policy.outcome(() => 1)).toEqual({ ok: false, error });
    expect(limiter.counts().RECEIVED).toBe(0);
  });
});

describe('a call that the limiter does not let start', () => {
  test.each([
    [
      'is dropped since the queue is full',
      { highWater: 0, strategy: Bottleneck.strategy.OVERFLOW },
    ],
    ['is dropped in silence', { highWater: 0, rejectOnDrop: false }],
    ['finds the limiter blocked', { highWater: 0, strategy: Bottleneck.strategy.BLOCK }],
  ])('rejects with a RejectedError when it %s', async (_when, options) => {
    const limiter = new Bottleneck({ maxConcurrent: 1, ...options });
    const policy = fromBottleneck(limiter, { name: 'inventory' });
    const operation = vi.fn();
    const causes: unknown[] = [];
    policy.on('rejected', ({ cause }) => causes.push(cause));
    void limiter.schedule(work().operation);
    await turns();
    const call = policy.outcome(operation);
    await turns();
    const outcome = await call;
    expect(outcome).toMatchObject({
      error: { code: 'LIMITER_REJECTED', policy: 'inventory', isRejectedError: true },
    });
    if (outcome.ok || !isLimiterRejectedError(outcome.error)) throw new Error('not rejected');
    const isSilent = 'rejectOnDrop' in options;
    expect(outcome.error.cause instanceof Bottleneck.BottleneckError).toBe(!isSilent);
    expect(causes).toEqual([outcome.error.cause]);
    expect(operation).not.toHaveBeenCalled();
  });

  test.each([
    ['weighs more than there is', { weight: () => 9 }, /weight of 9/],
    ['has the id of another', { id: () => 'same' }, /same id/],
  ])(
    'rejects with the error of Bottleneck as its cause when it %s',
    async (_when, options, text) => {
      const limiter = new Bottleneck({ maxConcurrent: 2 });
      const policy = fromBottleneck(limiter, options);
      void policy.outcome(work().operation);
      const call = policy.outcome(() => 1);
      await turns();
      const { error } = (await call) as { readonly error: Error };
      expect(isLimiterRejectedError(error)).toBe(true);
      expect(error.cause).toMatchObject({ message: expect.stringMatching(text) });
    },
  );

  test('rejects when the limiter is stopped, while it waits and ever after', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    const policy = fromBottleneck(limiter);
    const running = work();
    const first = policy.outcome(running.operation);
    await turns();
    const waiting = policy.outcome(() => 1);
    await turns();
    const stopped = limiter.stop();
    await turns();
    expect(await waiting).toMatchObject({ error: { code: 'LIMITER_REJECTED' } });
    expect(await policy.outcome(() => 1)).toMatchObject({ error: { code: 'LIMITER_REJECTED' } });
    running.end();
    await turns();
    expect(await first).toEqual({ ok: true, value: 'done' });
    await stopped;
  });

  test('rejects when its store is away, or when the limiter throws', async () => {
    const away = new Error('connect ECONNREFUSED');
    const asynchronous = { schedule: () => Promise.reject(away), on: () => undefined };
    const synchronous = {
      schedule: (): Promise<never> => {
        throw away;
      },
      on: () => undefined,
    };
    for (const limiter of [asynchronous, synchronous]) {
      expect(await fromBottleneck(limiter).outcome(() => 1)).toMatchObject({
        error: { code: 'LIMITER_REJECTED', cause: away },
      });
    }
  });
});

describe('a caller that gives up in the queue', () => {
  test('is answered at once, and its job ends as soon as its turn comes', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    const policy = fromBottleneck(limiter);
    const running = work();
    const first = policy.execute(running.operation);
    await turns();
    const operation = vi.fn();
    const caller = new AbortController();
    const abandoned = vi.fn();
    policy.on('abandoned', abandoned);
    const calls = Array.from({ length: 20 }, () =>
      policy.outcome(operation, { signal: caller.signal }),
    );
    const last = policy.execute(() => 'last');
    await vi.advanceTimersByTimeAsync(100);
    caller.abort('enough');
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ ok: false, error: 'enough' })));
    expect(abandoned).toHaveBeenCalledTimes(20);
    expect(limiter.counts().QUEUED).toBe(21);
    running.end();
    await first;
    await vi.advanceTimersByTimeAsync(100);
    expect(await last).toBe('last');
    expect(operation).not.toHaveBeenCalled();
    expect(limiter.counts()).toMatchObject({ QUEUED: 0, EXECUTING: 0 });
  });

  test('goes with its deadline too', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    const policy = fromBottleneck(limiter);
    const running = work();
    void policy.outcome(running.operation);
    await turns();
    const operation = vi.fn();
    const call = policy.outcome(operation, { deadline: systemClock.now() + 50 });
    await vi.advanceTimersByTimeAsync(50);
    const outcome = await call;
    expect(!outcome.ok && isTimeoutError(outcome.error) && outcome.error).toMatchObject({
      started: false,
      timeoutMs: 50,
    });
    running.end();
    await turns();
    expect(operation).not.toHaveBeenCalled();
  });
});

describe('what Bottleneck does when an operation fails', () => {
  test('its listeners of `failed` hear of it, and the error comes back as it is', async () => {
    const limiter = new Bottleneck();
    const failed = vi.fn();
    limiter.on('failed', failed);
    const error = new Error('the operation failed');
    const call = fromBottleneck(limiter).outcome(() => Promise.reject(error));
    await turns();
    expect(await call).toEqual({ ok: false, error });
    expect(failed).toHaveBeenCalledWith(error, expect.objectContaining({ retryCount: 0 }));
  });

  test('runs the operation again as one of them wants it, with the next attempt', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    limiter.on('failed', (_error, { retryCount }) => (retryCount < 2 ? 25 : undefined));
    const startedAt: number[] = [];
    const begunAt = performance.now();
    const call = fromBottleneck(limiter).execute(async ({ attempt }) => {
      startedAt.push(performance.now() - begunAt);
      if (attempt < 3) throw new Error('failed');
      return attempt;
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(await call).toBe(3);
    expect((startedAt[2] as number) - (startedAt[0] as number)).toBe(50);
    expect(limiter.counts().EXECUTING).toBe(0);
  });

  test('does not run it again for a caller that has gone meanwhile', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    limiter.on('failed', () => 1_000);
    const operation = vi.fn(() => Promise.reject(new Error('failed')));
    const caller = new AbortController();
    const call = fromBottleneck(limiter).outcome(operation, { signal: caller.signal });
    await turns();
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(operation).toHaveBeenCalledTimes(1);
    expect(limiter.counts().EXECUTING).toBe(0);
  });

  test('does not hear of an operation that its caller has aborted', async () => {
    const limiter = new Bottleneck();
    const failed = vi.fn(() => 1);
    limiter.on('failed', failed);
    const caller = new AbortController();
    const call = fromBottleneck(limiter).outcome(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      { signal: caller.signal },
    );
    await turns();
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await turns();
    expect(failed).not.toHaveBeenCalled();
  });
});

describe('an expiration', () => {
  const expiring: FromBottleneckOptions = { expiration: () => 50 };

  test('ends the call with a TimeoutError, aborts its signal and lets the next one start', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    const policy = fromBottleneck(limiter, expiring);
    let reason: unknown;
    const hanging = policy.outcome(({ signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      return new Promise(() => {});
    });
    const next = policy.execute(() => 'next');
    await vi.advanceTimersByTimeAsync(100);
    const outcome = await hanging;
    if (outcome.ok || !isTimeoutError(outcome.error)) throw new Error('not timed out');
    expect(outcome.error).toMatchObject({ timeoutMs: 50, started: true });
    expect(outcome.error.cause).toBeInstanceOf(Bottleneck.BottleneckError);
    expect(reason).toBe(outcome.error);
    expect(await next).toBe('next');
  });

  test('ends the call also where a listener of `failed` wants the job retried', async () => {
    const limiter = new Bottleneck({ maxConcurrent: 1 });
    limiter.on('failed', (_error, { retryCount }) => (retryCount === 0 ? 10 : undefined));
    const operation = vi.fn(() => new Promise(() => {}));
    const call = fromBottleneck(limiter, expiring).outcome(operation);
    await vi.advanceTimersByTimeAsync(200);
    expect(await call).toMatchObject({ error: { code: 'TIMEOUT' } });
    expect(operation).toHaveBeenCalledTimes(1);
    expect(limiter.counts().EXECUTING).toBe(0);
  });

  test('does not concern a call that ends in time', async () => {
    const call = fromBottleneck(new Bottleneck(), expiring).execute(() => 'in time');
    await turns();
    expect(await call).toBe('in time');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('an operation runs in the async context of its caller; in Bottleneck alone, in that of others', async () => {
  const storage = new AsyncLocalStorage<number>();
  const limiter = new Bottleneck({ maxConcurrent: 1 });
  const contexts = async (run: (task: () => Promise<unknown>) => Promise<unknown>) => {
    const calls = [0, 1, 2].map((id) =>
      storage.run(id, () => run(() => Promise.resolve(storage.getStore()))),
    );
    await vi.advanceTimersByTimeAsync(100);
    return Promise.all(calls);
  };
  const policy = fromBottleneck(limiter);
  expect(await contexts((task) => policy.execute(task))).toEqual([0, 1, 2]);
  expect(await contexts((task) => limiter.schedule(task))).not.toEqual([0, 1, 2]);
});

test('a chained limiter bounds the calls too', async () => {
  const narrow = new Bottleneck({ maxConcurrent: 1 });
  const policy = fromBottleneck(new Bottleneck().chain(narrow));
  const first = work();
  const calls = [policy.execute(first.operation), policy.execute(() => 'second')];
  await turns();
  expect(narrow.counts()).toMatchObject({ EXECUTING: 1, QUEUED: 1 });
  first.end();
  await vi.advanceTimersByTimeAsync(50);
  expect(await Promise.all(calls)).toEqual(['done', 'second']);
});

test.each([
  ['no limiter', [undefined], 'Expected `limiter` to be a limiter of Bottleneck, got undefined.'],
  ['a function as the limiter', [() => {}], 'got a function.'],
  ['a priority that is no function', [new Bottleneck(), { priority: 3 }], 'Expected `priority`'],
  ['an unknown option', [new Bottleneck(), { wait: 3 }], 'Unknown option `wait`'],
  ['a name that is no string', [new Bottleneck(), { name: 1 }], 'Expected `name`'],
])('cannot be made with %s', (_what, args, message) => {
  expect(() => fromBottleneck(...(args as [never]))).toThrow(message);
});
