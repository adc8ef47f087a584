// What becomes of a call whose caller gives up while its function runs, beside cockatiel.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { Handled, inBoth, sameInBoth, sleep, type Stage } from './side-by-side.ts';

const obedient = ({ signal }: { readonly signal: AbortSignal }): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Handled('obeyed')));
  });

const breakerOf = ({ lib }: Stage) =>
  lib.circuitBreaker(lib.handleAll, {
    halfOpenAfter: 1_000,
    breaker: new lib.ConsecutiveBreaker(1),
  });

describe('a retry whose caller gives up during its second attempt does as in cockatiel', () => {
  const ends: readonly (readonly [string, () => unknown])[] = [
    ['fails', () => Promise.reject(new Handled('second'))],
    ['succeeds', () => 'second'],
    ['fails with undefined', () => Promise.reject(undefined)],
  ];
  test.each(ends)('and that one %s', async (_, end) => {
    await sameInBoth(({ lib, follow, listen }) => {
      const caller = new AbortController();
      const backoff = new lib.ConstantBackoff(5);
      const policy = lib.retry(lib.handleAll, { maxAttempts: 3, backoff });
      listen('retry', policy);
      const fn = async ({ attempt }: { readonly attempt: number }): Promise<unknown> => {
        if (attempt === 0) throw new Handled('first');
        caller.abort(new Error('gone'));
        await sleep(20);
        return end();
      };
      follow('call', policy.execute(fn, caller.signal));
    });
  });

  test('and its filter throws', async () => {
    await sameInBoth(({ lib, follow, listen }) => {
      const caller = new AbortController();
      const picky = lib.handleWhen((error) => {
        if ((error as Error).message === 'second') throw new Error('a bad filter');
        return true;
      });
      const policy = lib.retry(picky, { maxAttempts: 3, backoff: new lib.ConstantBackoff(5) });
      listen('retry', policy);
      const fn = async ({ attempt }: { readonly attempt: number }): Promise<never> => {
        if (attempt === 0) throw new Handled('first');
        caller.abort(new Error('gone'));
        await sleep(20);
        throw new Handled('second');
      };
      follow('call', policy.execute(fn, caller.signal));
    });
  });
});

describe('a circuit breaker', () => {
  test('rejects with what its filter throws, although the caller has given up', async () => {
    await sameInBoth(({ lib, follow }) => {
      const caller = new AbortController();
      const bad = lib.handleWhen(() => {
        throw new Error('a bad filter');
      });
      const breaker = lib.circuitBreaker(bad, {
        halfOpenAfter: 1_000,
        breaker: new lib.ConsecutiveBreaker(1),
      });
      const fn = async (): Promise<never> => {
        caller.abort(new Error('gone'));
        throw new Handled('down');
      };
      follow('call', breaker.execute(fn, caller.signal));
    });
  });

  test.each(['Aggressive', 'Cooperative'] as const)(
    'counts a call that a timeout outside ends, %s, as in cockatiel',
    async (strategy) => {
      const lines = await sameInBoth(async (stage) => {
        const { lib, follow, advance, log } = stage;
        const breaker = breakerOf(stage);
        const all = lib.wrap(lib.timeout(100, lib.TimeoutStrategy[strategy]), breaker);
        const call = all.execute(obedient);
        call.catch(() => undefined);
        if (strategy === 'Cooperative') follow('call', call);
        await advance(110);
        log('state', [breaker.state, breaker.lastFailure]);
      });
      expect(lines.at(-1)).toBe('110 state [1,{"error":"Handled: obeyed"}]');
    },
  );

  test('probes once more when the caller of a probe gives up', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const { follow, advance, log } = stage;
      const breaker = breakerOf(stage);
      follow(
        'opens',
        breaker.execute(() => Promise.reject(new Handled('down'))),
      );
      await advance(1_010);
      const caller = new AbortController();
      follow('probe', breaker.execute(obedient, caller.signal));
      await advance(10);
      caller.abort();
      await advance(1);
      log('state', [breaker.state, breaker.lastFailure]);
      follow(
        'next',
        breaker.execute(() => 'up'),
      );
      await advance(1);
      log('state', breaker.state);
    });
    expect(theirs).toContain('1021 state [1,{"error":"Handled: obeyed"}]');
    expect(ours).toContain('1021 state [2,{"error":"Handled: down"}]');
    expect(ours.at(-1)).toBe('1022 state 0');
  });

  test.each([
    ['a value', () => 'bad'],
    [
      'a synchronous throw',
      (): never => {
        throw new Handled('down');
      },
    ],
  ])('learns nothing from %s of a call whose caller gave up', async (_, end) => {
    const { theirs, ours } = await inBoth(async ({ lib, log, advance, follow }) => {
      const caller = new AbortController();
      const breaker = lib.circuitBreaker(
        lib.handleAll.orWhenResult((value) => value === 'bad'),
        {
          halfOpenAfter: 1_000,
          breaker: new lib.ConsecutiveBreaker(1),
        },
      );
      const fn = (): unknown => {
        caller.abort();
        return end();
      };
      follow('call', breaker.execute(fn, caller.signal));
      await advance(1);
      log('state', [breaker.state, breaker.lastFailure ?? 'none']);
    });
    expect(theirs.at(-1)).toMatch(/state \[1,/);
    expect(ours.at(-1)).toBe('1 state [0,"none"]');
    expect(ours[0]).toBe(theirs[0]);
  });
});

describe('a timeout', () => {
  test.each([
    ['Aggressive', true],
    ['Cooperative', true],
    ['Aggressive', false],
  ] as const)(
    'tells its listeners, and those of the signal, in the context of the call (%s, %s)',
    async (strategy, abortOnReturn) => {
      const context = new AsyncLocalStorage<string>();
      // Fake timers know no context, so that only ours can be seen to keep it.
      const { ours } = await inBoth(async ({ lib, log, advance, follow }) => {
        const policy = lib.timeout(100, { strategy: lib.TimeoutStrategy[strategy], abortOnReturn });
        policy.onTimeout(() => log('timeout', context.getStore()));
        const fn = ({ signal }: { readonly signal: AbortSignal }): Promise<void> => {
          if (abortOnReturn)
            signal.addEventListener('abort', () => log('abort', context.getStore()));
          return sleep(150);
        };
        for (const name of ['a', 'b']) {
          context.run(name, () => follow(name, policy.execute(fn)));
          await advance(10);
        }
      });
      const told = ours.filter((line) => /timeout|abort/.test(line) && !line.includes('rejects'));
      const expected = ['100 timeout "a"', '100 abort "a"', '110 timeout "b"', '110 abort "b"'];
      expect(told).toEqual(expected.filter((line) => abortOnReturn || line.includes('timeout')));
    },
  );
});
