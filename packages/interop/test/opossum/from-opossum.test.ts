import { fromOpossum, isOpossumRejectedError, type OpossumBreaker } from '@holdfast/interop';
import { CircuitBreaker } from '@holdfast/interop/opossum';
import { bulkhead } from '@holdfast/bulkhead';
import { compose, isTimeoutError, type Policy, type TimeoutError } from '@holdfast/policy';
import { constant, retry } from '@holdfast/retry';
import { policyContract } from '@holdfast/testing';
import Opossum from 'opossum';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

type Operation = () => Promise<unknown>;
type Live = OpossumBreaker & Pick<Opossum, 'fallback' | 'open' | 'shutdown' | 'stats' | 'disable'>;

const makers: Readonly<Record<string, (options?: Opossum.Options) => Live>> = {
  opossum: (options) => new Opossum((operation: Operation) => operation(), options),
  'the drop-in': (options) => new CircuitBreaker((operation: Operation) => operation(), options),
};

const fails = (): Promise<never> => Promise.reject(new Error('boom'));
const succeeds = (): Promise<string> => Promise.resolve('ok');

async function errorOf(policy: Policy<unknown>, operation: Operation): Promise<unknown> {
  const outcome = await policy.outcome(operation);
  return outcome.ok ? undefined : outcome.error;
}

for (const [maker, make] of Object.entries(makers)) {
  describe(`a breaker of ${maker} in a pipeline`, () => {
    const made: Live[] = [];
    const breakerOf = (options?: Opossum.Options): Live => {
      const breaker = make(options);
      made.push(breaker);
      return breaker;
    };

    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      for (const each of made.splice(0)) each.shutdown();
      vi.useRealTimers();
    });

    test('counts the calls of the pipeline, and opens', async () => {
      const breaker = breakerOf();
      const policy = fromOpossum(breaker);
      expect(await policy.execute(succeeds)).toBe('ok');
      await policy.outcome(fails);
      await policy.outcome(fails);
      expect(breaker.stats).toMatchObject({ fires: 3, successes: 1, failures: 2 });
      const error = await errorOf(policy, succeeds);
      expect(isOpossumRejectedError(error) && error.reason).toBe('EOPENBREAKER');
      expect(error).toMatchObject({ code: 'OPOSSUM_REJECTED', cause: { code: 'EOPENBREAKER' } });
    });

    test('tells how long the circuit stays open', async () => {
      const policy = fromOpossum(breakerOf({ resetTimeout: 1_000 }));
      await policy.outcome(fails);
      await vi.advanceTimersByTimeAsync(400);
      expect(await errorOf(policy, succeeds)).toMatchObject({ retryAfterMs: 600 });
      await vi.advanceTimersByTimeAsync(600);
      expect(await policy.execute(succeeds)).toBe('ok');
    });

    test('makes a retry give up with the error of the attempt that ran', async () => {
      const breaker = breakerOf();
      let calls = 0;
      const policy = compose(retry({ backoff: constant(0) }), fromOpossum(breaker));
      const outcome = policy.outcome(() => {
        calls++;
        return fails();
      });
      await vi.advanceTimersByTimeAsync(10);
      expect(await outcome).toMatchObject({ ok: false, error: { message: 'boom' } });
      expect(calls).toBe(1);
    });

    test('has a timeout that aborts the operation, and holds outer places until that has ended', async () => {
      const policy = fromOpossum(breakerOf({ timeout: 100 }));
      const places = bulkhead({ maxConcurrent: 1 });
      const work = Promise.withResolvers<string>();
      let signal: AbortSignal | undefined;
      const call = compose(places, policy).outcome((context) => {
        ({ signal } = context);
        return work.promise;
      });
      await vi.advanceTimersByTimeAsync(100);
      const outcome = await call;
      const error = outcome.ok ? undefined : (outcome.error as TimeoutError);
      expect(isTimeoutError(error) && error.timeoutMs).toBe(100);
      expect(error?.cause).toMatchObject({ code: 'ETIMEDOUT' });
      expect([signal?.reason === error, places.active]).toEqual([true, 1]);
      work.resolve('late');
      await vi.advanceTimersByTimeAsync(0);
      expect(places.active).toBe(0);
    });

    test('leaves ETIMEDOUT of a socket, and the errors of a breaker inside, alone', async () => {
      const policy = fromOpossum(breakerOf({ errorThresholdPercentage: 100 }));
      const socket = Object.assign(new Error('connect'), { code: 'ETIMEDOUT' });
      expect(await errorOf(policy, () => Promise.reject(socket))).toBe(socket);
      const inner = breakerOf();
      inner.open();
      const error = await errorOf(policy, () => inner.fire(succeeds));
      expect(error).toMatchObject({ message: 'Breaker is open', code: 'EOPENBREAKER' });
    });

    test('has a lack of places and a shutdown refuse the call', async () => {
      const breaker = breakerOf({ capacity: 1, errorThresholdPercentage: 100 });
      const policy = fromOpossum(breaker);
      const work = Promise.withResolvers<string>();
      const first = policy.outcome(() => work.promise);
      expect(await errorOf(policy, succeeds)).toMatchObject({ reason: 'ESEMLOCKED' });
      work.resolve('ok');
      await first;
      breaker.shutdown();
      expect(await errorOf(policy, succeeds)).toMatchObject({ reason: 'ESHUTDOWN' });
    });

    test('answers with its fallback, after a failure and while it is open', async () => {
      const breaker = breakerOf({ resetTimeout: 1_000 });
      breaker.fallback(() => 'instead');
      const policy = fromOpossum<string>(breaker);
      expect(await policy.execute(fails)).toBe('instead');
      expect(await policy.execute(succeeds)).toBe('instead');
      expect(breaker.stats).toMatchObject({ rejects: 1, fallbacks: 2 });
    });

    test('guards nothing while it is disabled', async () => {
      const breaker = breakerOf();
      breaker.disable();
      const policy = fromOpossum(breaker);
      await policy.outcome(fails);
      expect(await policy.execute(succeeds)).toBe('ok');
      const thrown = await policy.outcome(() => {
        throw new Error('at once');
      });
      expect(thrown).toMatchObject({ ok: false, error: { message: 'at once' } });
    });

    test('gives a caller up who aborts, with the reason of that caller', async () => {
      const policy = fromOpossum(breakerOf());
      const caller = new AbortController();
      let signal: AbortSignal | undefined;
      const call = policy.outcome(
        (context) => {
          ({ signal } = context);
          return new Promise((_resolve, reject) => {
            context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
          });
        },
        { signal: caller.signal },
      );
      caller.abort('enough');
      expect(await call).toEqual({ ok: false, error: 'enough' });
      expect(signal?.aborted).toBe(true);
    });
  });

  describe(`the contract of a breaker of ${maker} in a pipeline`, () => {
    // A rate above 100 % there is none: it never opens.
    const make1 = (): Policy =>
      fromOpossum(make({ errorThresholdPercentage: 100, timeout: false, name: 'stock' }));
    // A breaker of opossum has a clock of its own: that of the process.
    const lacks = ['takes the time from its own clock, never from the process'];
    for (const { name, run } of policyContract(make1)) {
      test.skipIf(lacks.includes(name))(name, run);
    }
  });
}

describe('what is no such breaker', () => {
  test.each([undefined, null, {}, () => 1, { fire: () => 1 }])('is refused: %o', (breaker) => {
    expect(() => fromOpossum(breaker as never)).toThrow('`breaker` to be a breaker of opossum');
  });

  test.each(['cache', 'coalesce'])('is refused with the option %s', (option) => {
    for (const make of Object.values(makers)) {
      const breaker = make({ [option]: true });
      expect(() => fromOpossum(breaker)).toThrow(`\`${option}\``);
      breaker.shutdown();
    }
  });

  test('is found out although another call is rejected meanwhile', async () => {
    const work = Promise.withResolvers<string>();
    const breaker = new CircuitBreaker((_operation: unknown) => work.promise);
    const call = fromOpossum(breaker as unknown as OpossumBreaker).execute(succeeds);
    breaker.open();
    await breaker.fire(succeeds).catch(() => undefined);
    work.resolve('not the operation');
    await expect(call).rejects.toThrow('did not call the operation');
  });

  test('makes the call reject if its action does not call the operation', async () => {
    for (const Class of [Opossum, CircuitBreaker]) {
      const breaker = new Class(async (id: unknown) => `stock of ${typeof id}`);
      const policy = fromOpossum(breaker as unknown as OpossumBreaker);
      await expect(policy.execute(succeeds)).rejects.toThrow('did not call the operation');
      breaker.shutdown();
    }
  });
});
