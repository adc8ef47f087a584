import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { GeneratorFn } from '@holdfast/interop/cockatiel';
import { seededRandom } from '@holdfast/testing';
import { Handled, sameInBoth, sleep, type Stage, Unhandled } from './side-by-side.ts';

const down = async (): Promise<never> => {
  await sleep(10);
  throw new Handled('down');
};

/** An operation that fails so often and then succeeds. */
function failing(times: number, ms = 10): () => Promise<string> {
  let calls = 0;
  return async () => {
    await sleep(ms);
    calls++;
    if (calls <= times) throw new Handled(`down ${calls}`);
    return `up ${calls}`;
  };
}

describe('retry does as in cockatiel', () => {
  test('retries until it succeeds, with its events, attempts and delays', async () => {
    const lines = await sameInBoth(async ({ lib, log, follow, listen }) => {
      const policy = lib.retry(lib.handleAll, {
        maxAttempts: 5,
        backoff: new lib.IterableBackoff([10, 20, 30]),
      });
      listen('retry', policy);
      const operation = failing(4);
      follow(
        'call',
        policy.execute(({ attempt, signal }) => {
          log('called', { attempt, aborted: signal.aborted });
          return operation();
        }),
      );
    });
    expect(lines).toContain('0 called {"aborted":false,"attempt":0}');
    expect(lines).toContain('10 retry onRetry {"attempt":1,"delay":10,"error":"Handled: down 1"}');
  });

  test('gives up after `maxAttempts` retries with the last error', async () => {
    const lines = await sameInBoth(({ lib, follow, listen }) => {
      const policy = lib.retry(lib.handleAll, { maxAttempts: 2 });
      listen('retry', policy);
      follow('call', policy.execute(failing(10)));
    });
    expect(lines.at(-1)).toMatch(/call rejects "Handled: down 3"/);
  });

  test('retries what is handled, returns the last handled value, and lets the rest through', async () => {
    await sameInBoth(async ({ lib, advance, follow, listen }) => {
      const policy = lib.retry(
        lib.handleType(Handled).orWhenResult((value) => value === 'bad'),
        { maxAttempts: 2, backoff: new lib.ConstantBackoff(5) },
      );
      listen('retry', policy);
      follow(
        'values',
        policy.execute(() => 'bad'),
      );
      await advance(100);
      follow(
        'sync throw',
        policy.execute(() => {
          throw new Handled('at once');
        }),
      );
      await advance(100);
      follow(
        'unhandled',
        policy.execute(() => Promise.reject(new Unhandled('mine'))),
      );
      await advance(100);
      follow(
        'good',
        policy.execute(() => 'good'),
      );
    });
  });

  test('lets a delegate decide, keep a state and stop by throwing', async () => {
    await sameInBoth(({ lib, log, follow, listen }) => {
      const backoff = new lib.DelegateBackoff<{ attempt: number; result: unknown }, number>(
        ({ attempt, result }, state = 0) => {
          log('asked', { attempt, result, state });
          if (attempt === 3) throw new Error('enough');
          return { delay: 10 + state, state: state + 5 };
        },
      );
      const policy = lib.retry(lib.handleAll, { backoff });
      listen('retry', policy);
      follow('call', policy.execute(failing(10)));
    });
  });

  test('lets the event loop go on between retries without a delay', async () => {
    await sameInBoth(async ({ lib, log, advance, follow }) => {
      let isOver = false;
      setTimeout(() => {
        isOver = true;
        log('the timer');
      }, 0);
      const policy = lib.retry(lib.handleAll, {});
      follow(
        'call',
        policy.execute(() => {
          if (!isOver) throw new Handled('not yet');
          return 'over';
        }),
      );
      await advance(100);
    });
  });

  test('does not retry when the caller gives up while the function runs', async () => {
    await sameInBoth(async ({ lib, advance, follow, listen }) => {
      const caller = new AbortController();
      const policy = lib.retry(lib.handleAll, { maxAttempts: 3 });
      listen('retry', policy);
      follow('call', policy.execute(down, caller.signal));
      await advance(5);
      caller.abort();
    });
  });

  test('dangerouslyUnref makes another policy, without the listeners', async () => {
    await sameInBoth(({ lib, log, follow, listen }) => {
      const policy = lib.retry(lib.handleAll, { maxAttempts: 1 });
      listen('first', policy);
      const other = policy.dangerouslyUnref();
      listen('other', other);
      log('same', other === policy);
      follow('call', other.execute(failing(1)));
    });
  });
});

describe('dangerouslyUnref', () => {
  test('lets the process end during a back-off or a timeout, as in cockatiel', async () => {
    const held = async ({ lib, log, follow, advance }: Stage): Promise<void> => {
      const policies = [
        lib.retry(lib.handleAll, { maxAttempts: 1, backoff: new lib.ConstantBackoff(100) }),
        lib.timeout(100, lib.TimeoutStrategy.Aggressive),
      ];
      for (const policy of policies) {
        for (const each of [policy, policy.dangerouslyUnref()]) {
          const timers = vi.spyOn(globalThis, 'setTimeout');
          const isRetry = 'onRetry' in each;
          // A timer that served an earlier call may serve this one.
          if (!isRetry)
            follow(
              'earlier',
              each.execute(() => sleep(10)),
            );
          await advance(20);
          follow(
            'call',
            each.execute(isRetry ? failing(1, 0) : () => new Promise(() => undefined)),
          );
          await advance(1);
          const at = timers.mock.calls.findLastIndex(([, ms]) => ms === 100);
          const timer = timers.mock.results[at]?.value as NodeJS.Timeout;
          log('holds the process', timer.hasRef());
          timers.mockRestore();
          await advance(1_000);
        }
      }
    };
    const lines = await sameInBoth(held);
    const told = lines
      .filter((line) => line.includes('holds'))
      .map((line) => line.split(' ').at(-1));
    expect(told).toEqual(['true', 'false', 'true', 'false']);
  });
});

describe('a circuit breaker does as in cockatiel', () => {
  const breakerOf = ({ lib }: Stage, further: object = {}) =>
    lib.circuitBreaker(lib.handleType(Handled), {
      halfOpenAfter: 1_000,
      breaker: new lib.ConsecutiveBreaker(2),
      ...further,
    });

  test('opens, rejects, probes, opens again and closes, with all its events', async () => {
    const lines = await sameInBoth(async (stage) => {
      const { log, advance, follow, listen, lib } = stage;
      const breaker = breakerOf(stage);
      listen('breaker', breaker);
      for (const name of ['a', 'b', 'rejected']) {
        follow(name, breaker.execute(down));
        await advance(20);
        log('state', [breaker.state, lib.CircuitState[breaker.state], breaker.lastFailure]);
      }
      await advance(1_000);
      follow('probe', breaker.execute(down));
      await advance(20);
      follow('rejected', breaker.execute(down));
      await advance(1_000);
      follow(
        'probe',
        breaker.execute(() => 'up'),
      );
      await advance(20);
      log('state', breaker.state);
    });
    expect(lines).toContain('30 breaker onStateChange 1');
    expect(lines.at(-1)).toMatch(/state 0$/);
  });

  test('lets calls wait for the probe, and all go or none', async () => {
    for (const probe of [() => failing(0)(), down]) {
      await sameInBoth(async (stage) => {
        const { advance, follow, listen, log } = stage;
        const breaker = breakerOf(stage);
        listen('breaker', breaker);
        follow('a', breaker.execute(down));
        follow('b', breaker.execute(down));
        await advance(1_020);
        follow('probe', breaker.execute(probe));
        for (const name of ['c', 'd']) {
          follow(
            name,
            breaker.execute(() => {
              log(`${name} runs`);
              return name;
            }),
          );
        }
        await advance(20);
      });
    }
  });

  test('closes after the sampled calls, however many of them may fail', async () => {
    for (const fails of [
      [0, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [0, 0, 1, 1],
      [0, 1, 0, 1],
    ]) {
      await sameInBoth(async (stage) => {
        const { advance, follow, listen, log } = stage;
        const breaker = breakerOf(stage, { halfOpenSampling: { calls: 4, threshold: 0.25 } });
        listen('breaker', breaker);
        follow('a', breaker.execute(down));
        follow('b', breaker.execute(down));
        await advance(1_020);
        for (const [i, isBad] of fails.entries()) {
          follow(`probe ${i}`, breaker.execute(isBad ? down : failing(0)));
          await advance(20);
          log('state', breaker.state);
        }
      });
    }
  });

  test('asks a back-off for its breaks', async () => {
    await sameInBoth(async (stage) => {
      const { lib, advance, follow, listen, log } = stage;
      const halfOpenAfter = new lib.DelegateBackoff<{
        attempt: number;
        result: unknown;
        signal: AbortSignal;
      }>(({ attempt, result, signal }) => {
        log('asked', { attempt, result, aborted: signal.aborted });
        return attempt * 100;
      });
      const breaker = breakerOf(stage, { halfOpenAfter });
      listen('breaker', breaker);
      for (let i = 0; i < 12; i++) {
        follow(`call ${i}`, breaker.execute(i === 9 ? () => 'up' : down));
        await advance(90);
      }
    });
  });

  test('begins its back-off anew once it has closed', async () => {
    const lines = await sameInBoth(async (stage) => {
      const { lib, advance, follow, listen } = stage;
      const halfOpenAfter = new lib.IterableBackoff([100, 500]);
      const breaker = breakerOf(stage, { halfOpenAfter, breaker: new lib.ConsecutiveBreaker(1) });
      listen('breaker', breaker);
      for (const operation of [down, down, down, failing(0), down, failing(0), failing(0)]) {
        follow('call', breaker.execute(operation));
        await advance(300);
      }
    });
    expect(lines.filter((line) => line.includes('BrokenCircuitError'))).toHaveLength(1);
  });

  test('is isolated as long as anybody holds it', async () => {
    await sameInBoth(async (stage) => {
      const { advance, follow, listen, log } = stage;
      const breaker = breakerOf(stage);
      listen('breaker', breaker);
      follow('a', breaker.execute(down));
      await advance(20);
      const handles = [breaker.isolate(), breaker.isolate()];
      follow('isolated', breaker.execute(down));
      await advance(1);
      handles[0]?.dispose();
      handles[0]?.dispose();
      log('state', breaker.state);
      log('json', breaker.toJSON());
      handles[1]?.dispose();
      log('state', breaker.state);
      // What had been counted before the isolation still is.
      follow('b', breaker.execute(down));
      await advance(20);
      log('state', breaker.state);
    });
  });

  test('calls a breaker of somebody else with the states', async () => {
    await sameInBoth(async (stage) => {
      const { advance, follow, listen, log } = stage;
      let failures = 0;
      const foreign = {
        get state(): unknown {
          return { failures };
        },
        set state(value: unknown) {
          log('state is set', value);
        },
        success: (state: number) => log('success in', state),
        failure: (state: number) => {
          log('failure in', state);
          failures++;
          return failures >= 2;
        },
      };
      const breaker = breakerOf(stage, { breaker: foreign });
      listen('breaker', breaker);
      for (const operation of [failing(0), down, down]) {
        follow('call', breaker.execute(operation));
        await advance(20);
      }
      log('json', breaker.toJSON());
      await advance(1_000);
      follow('probe', breaker.execute(down));
      await advance(5);
      log('json', breaker.toJSON());
      await advance(1_015);
      follow('probe', breaker.execute(failing(0)));
      await advance(20);
      log('json', breaker.toJSON());
    });
  });

  test('is written and restored in the same form', async () => {
    await sameInBoth(async (stage) => {
      const { lib, advance, follow, listen, log } = stage;
      const halfOpenAfter = new lib.IterableBackoff([1_000, 2_000, 4_000]);
      const breaker = breakerOf(stage, { halfOpenAfter });
      follow('a', breaker.execute(down));
      follow('b', breaker.execute(down));
      await advance(1_020);
      follow('probe', breaker.execute(down));
      await advance(20);
      const json: unknown = JSON.parse(JSON.stringify(breaker.toJSON()));
      log('json', json);
      const other = breakerOf(stage, { halfOpenAfter, initialState: json });
      listen('other', other);
      log('state', [other.state, other.lastFailure]);
      log(
        'json',
        JSON.parse(
          JSON.stringify(other.toJSON(), [
            'ownState',
            'value',
            'openedAt',
            'attemptNo',
            'breakerState',
          ]),
        ),
      );
      await advance(1_950);
      follow('rejected', other.execute(down));
      await advance(30);
      follow('probe', other.execute(down));
      await advance(20);
      log('state', other.state);
      await advance(3_970);
      follow('rejected', other.execute(down));
      await advance(30);
      follow('probe', other.execute(failing(0)));
      await advance(20);
      log('state', other.state);
    });
  });

  test('counts by the ratio of the last calls, and tells what it has counted', async () => {
    await sameInBoth(async (stage) => {
      const { lib, advance, follow, log } = stage;
      const counted = new lib.CountBreaker({ threshold: 0.5, size: 4, minimumNumberOfCalls: 3 });
      const breaker = breakerOf(stage, { breaker: counted });
      for (const operation of [down, failing(0), failing(0), down, down, down]) {
        follow('call', breaker.execute(operation));
        await advance(20);
        log('counted', [breaker.state, counted.state]);
      }
    });
  });

  test('counts by the ratio of a time, and tells what it has counted', async () => {
    await sameInBoth(async (stage) => {
      const { lib, advance, follow, log } = stage;
      const counted = new lib.SamplingBreaker({ threshold: 0.5, duration: 500, minimumRps: 8 });
      const breaker = breakerOf(stage, { breaker: counted });
      for (const operation of [failing(0), down, down, failing(0), down, down, down, down]) {
        follow('call', breaker.execute(operation));
        await advance(50);
        log('counted', [breaker.state, counted.state]);
      }
    });
  });

  test('lets through what it does not handle while it is closed', async () => {
    await sameInBoth(async (stage) => {
      const breaker = breakerOf(stage);
      stage.listen('breaker', breaker);
      for (let i = 0; i < 5; i++) {
        stage.follow(
          'call',
          breaker.execute(() => Promise.reject(new Unhandled('mine'))),
        );
        await stage.advance(1);
      }
      stage.log('state', breaker.state);
    });
  });
});

describe('a timeout does as in cockatiel', () => {
  for (const strategy of ['Cooperative', 'Aggressive'] as const) {
    test(`${strategy}: ends what takes too long, and leaves alone what does not`, async () => {
      await sameInBoth(async ({ lib, log, advance, follow, listen }) => {
        const policy = lib.timeout(100, lib.TimeoutStrategy[strategy]);
        listen('timeout', policy);
        const run = (name: string, ms: number, error?: Error): void => {
          follow(
            name,
            policy.execute(async ({ signal }, second) => {
              log(`${name} signals are one`, signal === second);
              signal.addEventListener('abort', () => log(`${name} aborted`));
              await sleep(ms);
              if (error) throw error;
              return name;
            }),
          );
        };
        for (const ms of [50, 200]) {
          run(`call of ${ms} ms`, ms);
          await advance(5);
          run(`failure of ${ms} ms`, ms + 10, new Handled('down'));
          await advance(500);
        }
      });
    });
  }

  test('leaves the signal alone after the return if it is told so', async () => {
    await sameInBoth(async ({ lib, log, follow }) => {
      for (const abortOnReturn of [true, false]) {
        const policy = lib.timeout(100, {
          strategy: lib.TimeoutStrategy.Cooperative,
          abortOnReturn,
        });
        follow(
          'call',
          policy.execute(({ signal }) => {
            signal.addEventListener('abort', () => log(`aborted ${abortOnReturn}`));
            return 'done';
          }),
        );
      }
    });
  });
});

describe('a bulkhead does as in cockatiel', () => {
  test('lets some run, some wait, and rejects the others', async () => {
    await sameInBoth(async ({ lib, log, advance, follow }) => {
      const policy = lib.bulkhead(2, 1);
      policy.onReject(() => log('rejected'));
      for (const name of ['a', 'b', 'c', 'd']) {
        log('slots', [policy.executionSlots, policy.queueSlots]);
        follow(
          name,
          policy.execute(async () => {
            log(`${name} runs`);
            await sleep(name === 'b' ? 20 : 10);
            return name;
          }),
        );
      }
      await advance(15);
      log('slots', [policy.executionSlots, policy.queueSlots]);
      await advance(50);
      log('slots', [policy.executionSlots, policy.queueSlots]);
    });
  });

  test('does not call the function of a caller who has given up', async () => {
    await sameInBoth(({ lib, follow }) => {
      follow(
        'call',
        lib.bulkhead(1).execute(() => 'never', AbortSignal.abort()),
      );
    });
  });
});

describe('a fallback does as in cockatiel', () => {
  test('answers what it handles with a value or a function', async () => {
    await sameInBoth(async ({ lib, advance, follow, listen }) => {
      const handled = lib.handleType(Handled).orResultType(Date);
      const values = [1, () => 2, () => Promise.resolve(3), Promise.resolve(4)];
      for (const [i, value] of values.entries()) {
        const policy = lib.fallback(handled, value);
        listen(`fallback ${i}`, policy);
        const operations = [
          down,
          () => new Date(0),
          () => Promise.reject(new Unhandled('mine')),
          () => 'good',
        ];
        for (const operation of operations) {
          follow(`call ${i}`, policy.execute<unknown>(operation));
          await advance(20);
        }
      }
      const bad = lib.fallback(handled, () => Promise.reject(new Error('no way out')));
      follow('bad', bad.execute(down));
    });
  });

  test('answers also a caller who gave up meanwhile', async () => {
    await sameInBoth(async ({ lib, advance, follow }) => {
      const caller = new AbortController();
      follow('call', lib.fallback(lib.handleAll, 'instead').execute(down, caller.signal));
      await advance(5);
      caller.abort();
    });
  });
});

describe('policies together do as in cockatiel', () => {
  test('wrap merges the contexts and has the events of the outermost', async () => {
    await sameInBoth(async ({ lib, log, advance, follow, listen }) => {
      const retry = lib.retry(lib.handleAll, { maxAttempts: 3 });
      const timeout = lib.timeout(50, lib.TimeoutStrategy.Aggressive);
      const all = lib.wrap(retry, timeout, lib.noop);
      log('wrapped', [all.wrapped.length, '_altReturn' in all]);
      listen('all', all);
      follow(
        'call',
        all.execute(async ({ attempt, signal }) => {
          log('called', { attempt, aborted: signal.aborted });
          await sleep(attempt < 2 ? 100 : 10);
          return 'done';
        }),
      );
      await advance(1_000);
    });
  });

  test('a fallback around a breaker around a bulkhead', async () => {
    await sameInBoth(async ({ lib, advance, follow, listen }) => {
      const breaker = lib.circuitBreaker(lib.handleType(Handled), {
        halfOpenAfter: 100,
        breaker: new lib.ConsecutiveBreaker(2),
      });
      const bulkhead = lib.bulkhead(1, 1);
      const fallback = lib.fallback(
        lib.handleWhen(
          (error) => lib.isBrokenCircuitError(error) || lib.isBulkheadRejectedError(error),
        ),
        'instead',
      );
      listen('breaker', breaker);
      listen('fallback', fallback);
      const all = lib.wrap(fallback, breaker, bulkhead);
      for (let i = 0; i < 6; i++) follow(`call ${i}`, all.execute(down));
      await advance(50);
      follow('open', all.execute(down));
      await advance(100);
      follow('probe', all.execute(failing(0)));
    });
  });

  test('usePolicy runs a method, with its `this`, its arguments and the context', async () => {
    await sameInBoth(({ lib, log, follow }) => {
      class Database {
        private readonly name = 'db';

        read(this: Database, ...args: unknown[]): string {
          log('read', [this.name, args.length]);
          return `${this.name} ${String(args[0])}`;
        }
      }
      const descriptor = Object.getOwnPropertyDescriptor(
        Database.prototype,
        'read',
      ) as PropertyDescriptor;
      lib.usePolicy(lib.retry(lib.handleAll, { maxAttempts: 1 }))(
        Database.prototype,
        'read',
        descriptor,
      );
      Object.defineProperty(Database.prototype, 'read', descriptor);
      const db = new Database();
      follow('call', Promise.resolve(db.read('sku')));
      follow('with a signal', Promise.resolve(db.read('sku', new AbortController().signal)));
    });
  });
});

describe('generators of delays do as in cockatiel', () => {
  const names = [
    'noJitterGenerator',
    'fullJitterGenerator',
    'halfJitterGenerator',
    'decorrelatedJitterGenerator',
  ] as const;
  const options = [
    {},
    { initialDelay: 10, maxDelay: 200 },
    { initialDelay: 0 },
    { exponent: 2, maxDelay: Number.MAX_VALUE },
  ];

  test.each(names)('%s, by the same chance', async (name) => {
    await sameInBoth(({ lib, log }) => {
      const chance = vi.spyOn(Math, 'random').mockImplementation(seededRandom(7));
      // Only the decorrelated one of cockatiel heeds the exponent.
      const further =
        name === 'decorrelatedJitterGenerator' ? [{ exponent: 0.5 }, { exponent: 3 }] : [];
      for (const each of [...options, ...further]) {
        const generator = lib[name] as GeneratorFn<unknown>;
        let delay = new lib.ExponentialBackoff({ ...each, generator }).next();
        for (let i = 0; i < 1_100; i++) {
          if (i < 20 || i > 1_080) log('delay', delay.duration);
          delay = delay.next(undefined);
        }
      }
      chance.mockRestore();
    });
  });
});

describe('events do as in cockatiel', () => {
  test('once and toPromise', async () => {
    await sameInBoth(async ({ lib, log, advance, follow }) => {
      const emitter = new lib.EventEmitter<number>();
      lib.Event.once(emitter.addListener, (value) => log('once', value));
      const caller = new AbortController();
      follow('promise', lib.Event.toPromise(emitter.addListener));
      follow(
        'with a signal',
        lib.Event.toPromise(emitter.addListener, new AbortController().signal),
      );
      follow('aborted', lib.Event.toPromise(emitter.addListener, AbortSignal.abort()));
      log('size', emitter.size);
      const heard = new AbortController();
      follow('heard', lib.Event.toPromise(emitter.addListener, heard.signal));
      emitter.emit(1);
      emitter.emit(2);
      await advance(0);
      log('size', emitter.size);
      log('listeners', getEventListeners(heard.signal, 'abort').length);
      follow('aborted later', lib.Event.toPromise(emitter.addListener, caller.signal));
      caller.abort();
      await advance(0);
      log('size', emitter.size);
    });
  });

  test('a listener that throws stops the emitter of the user', async () => {
    await sameInBoth(({ lib, log }) => {
      const emitter = new lib.EventEmitter<number>();
      const first = emitter.addListener(() => log('first'));
      emitter.addListener(() => {
        throw new Handled('a bad listener');
      });
      emitter.addListener(() => log('never'));
      try {
        emitter.emit(1);
      } catch (error) {
        log('thrown', error);
      }
      first.dispose();
      first.dispose();
      log('size', emitter.size);
    });
  });
});
