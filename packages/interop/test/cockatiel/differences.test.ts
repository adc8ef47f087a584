// Where the drop-in differs from cockatiel 4 on purpose: each test shows what either does. All else is
// the same, as the other tests of this folder show. `docs/migrating/cockatiel.md` has the same list.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test, vi } from 'vitest';
import { Handled, inBoth, sleep, type Stage, Unhandled } from './side-by-side.ts';

const down = async (): Promise<never> => {
  await sleep(10);
  throw new Handled('down');
};
const up = async (): Promise<string> => {
  await sleep(10);
  return 'up';
};

const breakerOf = ({ lib }: Stage, further: object = {}) =>
  lib.circuitBreaker(lib.handleType(Handled), {
    halfOpenAfter: 1_000,
    breaker: new lib.ConsecutiveBreaker(1),
    ...further,
  });

/** Opens a breaker, and waits until it may probe. */
async function opened(stage: Stage, further: object = {}) {
  const breaker = breakerOf(stage, further);
  stage.follow('opens', breaker.execute(down));
  await stage.advance(1_020);
  return breaker;
}

const cancelled = 'TaskCancelledError: Operation cancelled';

describe('an abort', () => {
  test('ends a back-off at once with the last error, and nothing is called any more', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, log, advance, follow, listen }) => {
      const caller = new AbortController();
      const backoff = new lib.ConstantBackoff(500);
      const policy = lib.retry(lib.handleAll, { maxAttempts: 3, backoff });
      const call = policy.execute(() => {
        log('called');
        throw new Handled('down');
      }, caller.signal);
      listen('retry', policy);
      follow('call', call);
      await advance(100);
      caller.abort();
    });
    expect(theirs.filter((line) => line.endsWith('called'))).toEqual(['0 called', '500 called']);
    expect(theirs.at(-1)).toBe('500 call rejects "Handled: down"');
    expect(ours.filter((line) => line.endsWith('called'))).toEqual(['0 called']);
    expect(ours.slice(-2)).toEqual([
      '100 retry onGiveUp {"error":"Handled: down"}',
      '100 call rejects "Handled: down"',
    ]);
  });

  test('ends a back-off after a value with that value', async () => {
    const { ours } = await inBoth(async ({ lib, advance, follow }) => {
      const caller = new AbortController();
      const policy = lib.retry(
        lib.handleWhenResult(() => true),
        { maxAttempts: 3, backoff: new lib.ConstantBackoff(500) },
      );
      follow(
        'call',
        policy.execute(() => 'bad', caller.signal),
      );
      await advance(100);
      caller.abort();
    });
    expect(ours).toEqual(['100 call resolves "bad"']);
  });

  test('that came before the call keeps the function from being called', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const { lib, log, advance, follow } = stage;
      const policies = {
        retry: lib.retry(lib.handleAll, { maxAttempts: 0 }),
        breaker: breakerOf(stage),
        timeout: lib.timeout(100, lib.TimeoutStrategy.Cooperative),
        fallback: lib.fallback(lib.handleAll, 'instead'),
        noop: lib.noop,
      };
      for (const [name, policy] of Object.entries(policies)) {
        const fn = (): void => log(`${name} called`);
        follow(name, policy.execute(fn, AbortSignal.abort(new Error('gone'))));
        await advance(1);
      }
    });
    expect(theirs.filter((line) => line.endsWith('called'))).toHaveLength(5);
    expect(ours).toHaveLength(5);
    for (const line of ours) expect(line).toContain(`rejects "${cancelled}"`);
  });

  test('takes a call out of the queue of a bulkhead at once, and makes room there', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, advance, follow }) => {
      const policy = lib.bulkhead(1, 1);
      const caller = new AbortController();
      follow(
        'a',
        policy.execute(() => sleep(100)),
      );
      follow(
        'b',
        policy.execute(() => 'never', caller.signal),
      );
      await advance(10);
      caller.abort();
      await advance(1);
      follow(
        'c',
        policy.execute(() => 'c'),
      );
    });
    expect(theirs[0]).toMatch(/^11 c rejects "BulkheadRejectedError/);
    expect(ours).toEqual([`10 b rejects "${cancelled}"`, '100 a resolves', '100 c resolves "c"']);
  });

  test('ends the wait for a probe at once', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const breaker = await opened(stage);
      const caller = new AbortController();
      stage.follow(
        'probe',
        breaker.execute(() => sleep(500)),
      );
      stage.follow('waits', breaker.execute(up, caller.signal));
      await stage.advance(100);
      caller.abort();
    });
    expect(theirs.at(-1)).toBe(`1520 waits rejects "${cancelled}"`);
    expect(ours.slice(-2)).toEqual([`1120 waits rejects "${cancelled}"`, '1520 probe resolves']);
  });

  test('is no timeout', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, advance, follow, listen }) => {
      const policy = lib.timeout(10_000, lib.TimeoutStrategy.Aggressive);
      listen('timeout', policy);
      const caller = new AbortController();
      follow(
        'call',
        policy.execute(() => sleep(100), caller.signal),
      );
      await advance(20);
      caller.abort();
    });
    expect(theirs[0]).toBe('20 timeout onTimeout');
    expect(theirs.at(-1)).toContain('Operation timed out after 10000ms');
    expect(ours).toHaveLength(2);
    expect(ours.at(-1)).toBe(`20 call rejects "${cancelled}"`);
  });

  test('by the caller does not open a circuit', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, log, follow, advance }) => {
      const breaker = lib.circuitBreaker(lib.handleAll, {
        halfOpenAfter: 1_000,
        breaker: new lib.ConsecutiveBreaker(1),
      });
      const caller = new AbortController();
      const obedient = ({ signal }: { signal: AbortSignal }): Promise<never> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Handled('obeyed')));
        });
      follow('call', breaker.execute(obedient, caller.signal));
      await advance(10);
      caller.abort();
      await advance(1);
      log('state', [breaker.state, breaker.lastFailure]);
    });
    expect(theirs.at(-1)).toBe('11 state [1,{"error":"Handled: obeyed"}]');
    expect(ours).toEqual(['10 call rejects "Handled: obeyed"', '11 state [0,null]']);
  });
});

describe('a timeout', () => {
  test('says so in the reason of the signal', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, log, follow }) => {
      const policy = lib.timeout(100, lib.TimeoutStrategy.Cooperative);
      follow(
        'call',
        policy.execute(async ({ signal }) => {
          await sleep(200);
          log('reason', (signal.reason as Error).name);
        }),
      );
    });
    expect(theirs[0]).toBe('200 reason "AbortError"');
    expect(ours[0]).toBe('200 reason "TimeoutError"');
  });

  test('rejects with its own error, however fast the function obeys', async () => {
    const { theirs, ours } = await inBoth(({ lib, follow }) => {
      const policy = lib.timeout(100, lib.TimeoutStrategy.Aggressive);
      const obedient = ({ signal }: { signal: AbortSignal }): Promise<never> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Handled('obeyed')));
        });
      follow('call', policy.execute(obedient));
    });
    expect(theirs).toEqual(['100 call rejects "Handled: obeyed"']);
    expect(ours).toEqual([
      '100 call rejects "TaskCancelledError: Operation timed out after 100ms"',
    ]);
  });

  test('may be longer than the timers of Node', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, follow }) => {
      const policy = lib.timeout(2 ** 31, lib.TimeoutStrategy.Aggressive);
      follow('call', policy.execute(up));
    });
    expect(theirs[0]).toContain('TaskCancelledError');
    expect(ours).toEqual(['10 call resolves "up"']);
  });
});

describe('a circuit breaker', () => {
  test('does not count a call that an earlier state let in', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const breaker = breakerOf(stage);
      stage.listen('breaker', breaker);
      const late = breaker.execute(async () => {
        await sleep(1_100);
        throw new Handled('late');
      });
      stage.follow('late', late);
      stage.follow('opens', breaker.execute(down));
      await stage.advance(1_020);
      stage.follow(
        'probe',
        breaker.execute(() => sleep(500)),
      );
      await stage.advance(100);
      stage.log('state', breaker.state);
    });
    expect(theirs).toContain('1120 state 1');
    expect(ours).toContain('1120 state 2');
    expect(ours).toContain('1520 breaker onStateChange 0');
  });

  test('lets no late failure use up what the probes may fail', async () => {
    const { ours } = await inBoth(async (stage) => {
      const breaker = breakerOf(stage, { halfOpenSampling: { calls: 3, threshold: 0.34 } });
      const late = breaker.execute(async () => {
        await sleep(1_100);
        throw new Handled('late');
      });
      stage.follow('late', late);
      stage.follow('opens', breaker.execute(down));
      await stage.advance(1_020);
      stage.follow('probe', breaker.execute(up));
      await stage.advance(100);
      stage.follow('probe', breaker.execute(down));
      await stage.advance(100);
      stage.log('state', breaker.state);
    });
    expect(ours).toContain('1220 state 2');
  });

  test('lets no probe that hangs hold the waiting calls for ever', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const breaker = await opened(stage);
      stage.follow(
        'probe',
        breaker.execute(() => new Promise(() => undefined)),
      );
      stage.follow('waits', breaker.execute(up));
    });
    expect(theirs.filter((line) => line.includes('waits'))).toEqual([]);
    expect(ours.at(-1)).toMatch(/^31020 waits rejects "BrokenCircuitError/);
  });

  test('learns nothing from an error that it does not handle, half-open as well', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const breaker = await opened(stage);
      const mine = (): Promise<never> => Promise.reject(new Unhandled('mine'));
      stage.follow('probe', breaker.execute(mine));
      await stage.advance(1);
      stage.log('state', breaker.state);
      stage.follow('probe', breaker.execute(down));
      await stage.advance(20);
      stage.log('state', breaker.state);
    });
    expect(theirs).toContain('1021 state 0');
    expect(ours).toContain('1021 state 2');
    expect(ours.at(-1)).toBe('1041 state 1');
  });

  test('leaves the state that it is restored from as it is', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const breaker = breakerOf(stage);
      stage.follow('opens', breaker.execute(down));
      await stage.advance(20);
      const initialState = JSON.parse(JSON.stringify(breaker.toJSON())) as object;
      const before = JSON.stringify(initialState);
      breakerOf(stage, { initialState });
      stage.log('is changed', JSON.stringify(initialState) !== before);
    });
    expect(theirs.at(-1)).toBe('20 is changed true');
    expect(ours.at(-1)).toBe('20 is changed false');
  });

  test('that was isolated is closed when it is restored: nobody has its handle', async () => {
    const { theirs, ours } = await inBoth((stage) => {
      const breaker = breakerOf(stage);
      breaker.isolate();
      const initialState: unknown = JSON.parse(JSON.stringify(breaker.toJSON()));
      const other = breakerOf(stage, { initialState });
      other.isolate().dispose();
      stage.log('state', other.state);
    });
    expect(theirs).toEqual(['0 state 3']);
    expect(ours).toEqual(['0 state 0']);
  });

  test('is not disturbed when the time of the machine is set', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const breaker = await opened(stage);
      vi.setSystemTime(Date.now() - 3_600_000);
      stage.follow('probe', breaker.execute(up));
    });
    expect(theirs.at(-1)).toContain('probe rejects "BrokenCircuitError');
    expect(ours.at(-1)).toContain('probe resolves "up"');
  });

  test('opens for 5 s, with a warning, when its back-off throws', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const { theirs, ours } = await inBoth(async (stage) => {
      const halfOpenAfter = new stage.lib.DelegateBackoff(() => {
        throw new Error('a bad back-off');
      });
      const breaker = breakerOf(stage, { halfOpenAfter });
      stage.follow('call', breaker.execute(down));
      await stage.advance(20);
      stage.log('state', breaker.state);
    });
    expect(theirs).toEqual(['10 call rejects "Error: a bad back-off"', '20 state 0']);
    expect(ours).toEqual(['10 call rejects "Handled: down"', '20 state 1']);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  test('warns of a breaker of somebody else that throws, and answers all the same', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const { theirs, ours } = await inBoth((stage) => {
      const bad = (): never => {
        throw new Error('a bad breaker');
      };
      const breaker = breakerOf(stage, { breaker: { state: 0, success: bad, failure: bad } });
      stage.follow('call', breaker.execute(up));
    });
    expect(theirs).toEqual(['10 call rejects "Error: a bad breaker"']);
    expect(ours).toEqual(['10 call resolves "up"']);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  test('forgets what is older than its time, although nobody called meanwhile', async () => {
    const { theirs, ours } = await inBoth(async (stage) => {
      const { lib, follow, advance, log } = stage;
      const breaker = breakerOf(stage, {
        breaker: new lib.SamplingBreaker({ threshold: 0.6, duration: 1_000, minimumRps: 5 }),
      });
      for (const operation of [up, up, up, down, down, down, down]) {
        follow('call', breaker.execute(operation));
        await advance(10);
      }
      await advance(3_600_000);
      follow('call', breaker.execute(down));
      await advance(20);
      log('state', breaker.state);
    });
    expect(theirs.at(-1)).toBe('3600090 state 1');
    expect(ours.at(-1)).toBe('3600090 state 0');
  });
});

describe('a bulkhead', () => {
  test('tells the calls that succeeded and that failed', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, follow, listen }) => {
      const policy = lib.bulkhead(2);
      listen('bulkhead', policy);
      follow('call', policy.execute(up));
    });
    expect(theirs).toEqual(['10 call resolves "up"']);
    expect(ours).toEqual(['10 bulkhead onSuccess {"duration":10}', '10 call resolves "up"']);
  });

  test('keeps a freed place for whoever waits longest', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, follow }) => {
      const policy = lib.bulkhead(1, 1);
      const work = up();
      follow(
        'first',
        policy.execute(() => work),
      );
      follow('queued', policy.execute(up));
      // Whoever waits for the same work hears of its end in the same moment.
      void work.then(() => {
        follow('newcomer', policy.execute(up));
        follow('another', policy.execute(up));
      });
    });
    expect(theirs.join('\n')).toMatch(/10 queued rejects "BulkheadRejectedError/);
    expect(ours.join('\n')).toContain('20 queued resolves "up"');
  });

  test('calls what has waited in the async context of its own caller', async () => {
    const context = new AsyncLocalStorage<string>();
    const { theirs, ours } = await inBoth(async ({ lib, log, follow }) => {
      const policy = lib.bulkhead(1, 1);
      for (const name of ['a', 'b']) {
        context.run(name, () => {
          follow(
            name,
            policy.execute(async () => {
              log(`${name} runs in`, context.getStore());
              await sleep(10);
            }),
          );
        });
      }
    });
    expect(theirs).toContain('10 b runs in "a"');
    expect(ours).toContain('10 b runs in "b"');
  });
});

describe('events', () => {
  test('a listener that throws changes no outcome', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const { theirs, ours } = await inBoth(async ({ lib, log, follow }) => {
      const policy = lib.retry(lib.handleAll, { maxAttempts: 1 });
      policy.onSuccess(() => {
        throw new Error('a bad listener');
      });
      follow(
        'call',
        policy.execute(() => log('called')),
      );
    });
    expect(theirs.filter((line) => line.endsWith('called'))).toHaveLength(2);
    expect(theirs.at(-1)).toContain('rejects');
    expect(ours).toEqual(['0 called', '0 call resolves']);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  test('a listener that is added during an event hears the next one', async () => {
    const { theirs, ours } = await inBoth(({ lib, log }) => {
      const emitter = new lib.EventEmitter<number>();
      emitter.addListener(() => log('first'));
      lib.Event.once(emitter.addListener, () => {
        emitter.addListener((value) => log('added hears', value));
      });
      lib.Event.once(emitter.addListener, () => log('last'));
      emitter.emit(1);
    });
    expect(theirs).toEqual(['0 first', '0 last', '0 added hears 1']);
    expect(ours).toEqual(['0 first', '0 last']);
  });

  test('a subscription that is disposed of twice ends no other one', async () => {
    const { theirs, ours } = await inBoth(({ lib, log }) => {
      const emitter = new lib.EventEmitter<number>();
      const listener = (): void => log('heard');
      const first = emitter.addListener(listener);
      emitter.addListener(listener);
      first.dispose();
      first.dispose();
      emitter.emit(1);
    });
    expect(theirs).toEqual([]);
    expect(ours).toEqual(['0 heard']);
  });
});

describe('back-offs and options', () => {
  test('an exponential back-off without jitter grows by its exponent', async () => {
    const { theirs, ours } = await inBoth(({ lib, log }) => {
      const { noJitterGenerator: generator } = lib;
      let delay = new lib.ExponentialBackoff({ generator, exponent: 3, initialDelay: 10 }).next();
      for (let i = 0; i < 3; i++) {
        log('delay', delay.duration);
        delay = delay.next(undefined);
      }
    });
    expect(theirs).toEqual(['0 delay 10', '0 delay 20', '0 delay 40']);
    expect(ours).toEqual(['0 delay 10', '0 delay 30', '0 delay 90']);
  });

  test('a back-off for ever gives up, and is no storm', async () => {
    const { theirs, ours } = await inBoth(async ({ lib, log, follow }) => {
      const backoff = new lib.ConstantBackoff(Number.POSITIVE_INFINITY);
      const policy = lib.retry(lib.handleAll, { maxAttempts: 5, backoff });
      follow(
        'call',
        policy.execute(() => {
          log('called');
          throw new Handled('down');
        }),
      );
    });
    expect(theirs.filter((line) => line.endsWith('called'))).toHaveLength(6);
    expect(ours).toEqual(['0 called', '0 call rejects "Handled: down"']);
  });

  test('numbers that make no sense throw when the policy is made', async () => {
    const { theirs, ours } = await inBoth(({ lib, log }) => {
      const make: readonly (() => unknown)[] = [
        () => lib.bulkhead(0),
        () => lib.bulkhead(1, -1),
        () => lib.timeout(Number.NaN, lib.TimeoutStrategy.Aggressive),
        () => lib.retry(lib.handleAll, { maxAttempts: Number.NaN }),
      ];
      for (const each of make) {
        try {
          each();
          log('made');
        } catch (error) {
          log('thrown', error);
        }
      }
    });
    expect(theirs).toEqual(['0 made', '0 made', '0 made', '0 made']);
    expect(ours).toEqual([
      '0 thrown "RangeError: Expected `limit` to be an integer from 1 up, or Infinity, got 0."',
      '0 thrown "RangeError: Expected `queue` to be an integer from 0 up, or Infinity, got -1."',
      '0 thrown "RangeError: Expected `duration` to be a number of milliseconds from 0 up, got NaN."',
      '0 thrown "RangeError: Expected `maxAttempts` to be a number, got NaN."',
    ]);
  });
});
