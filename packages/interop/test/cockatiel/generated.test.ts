import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Handled,
  libraries,
  type Library,
  play,
  type Scenario,
  sleep,
  type Stage,
  Unhandled,
} from './side-by-side.ts';

/** How a call goes: after how many milliseconds it ends, and how. */
interface Call {
  readonly pauseMs: number;
  readonly ms: number;
  readonly ends: 'value' | 'bad value' | 'handled' | 'unhandled';
}

const timeoutMs = 23;
const runs = { numRuns: 150, seed: 4 };

const callOf = (longestMs: number, ends: readonly Call['ends'][]): fc.Arbitrary<Call> =>
  fc.record({
    // Nothing begins or ends at the moment of a timeout, but some calls a millisecond before or after it.
    pauseMs: fc.integer({ min: 1, max: 4 }).map((tens) => tens * 10),
    ms: fc.oneof(
      fc.integer({ min: 0, max: longestMs / 10 }).map((tens) => tens * 10),
      fc.constantFrom(timeoutMs - 1, timeoutMs + 1),
    ),
    ends: fc.constantFrom(...ends),
  });

async function perform({ ms, ends }: Call, name: string): Promise<string> {
  await sleep(ms);
  if (ends === 'handled') throw new Handled(name);
  if (ends === 'unhandled') throw new Unhandled(name);
  return ends === 'bad value' ? `bad ${name}` : name;
}

const handles = (lib: Library): InstanceType<Library['Policy']> =>
  lib.handleType(Handled).orWhenResult((value) => String(value).startsWith('bad'));

/** Lines of one moment in any order: calls that end in the same millisecond owe each other nothing. */
function byMoment(lines: readonly string[]): readonly string[] {
  return lines.toSorted((a, b) => {
    const order = Number.parseInt(a, 10) - Number.parseInt(b, 10);
    if (order !== 0) return order;
    return a < b ? -1 : 1;
  });
}

interface Comparison {
  readonly policy: (lib: Library) => { execute: (fn: () => Promise<string>) => Promise<unknown> };
  readonly state?: (policy: object) => unknown;
}

/** One call after another: the lines have to be the same one by one. */
function sequential({ policy: make, state }: Comparison, calls: readonly Call[]): Scenario {
  return async (stage: Stage) => {
    const policy = make(stage.lib);
    stage.listen('policy', policy);
    for (const [i, call] of calls.entries()) {
      stage.follow(
        `call ${i}`,
        policy.execute(() => perform(call, `${i}`)),
      );
      await stage.advance(1_000);
      await stage.advance(call.pauseMs);
      if (state !== undefined) stage.log('state', state(policy));
    }
  };
}

/** Calls that overlap. */
function concurrent({ policy: make, state }: Comparison, calls: readonly Call[]): Scenario {
  return async (stage: Stage) => {
    const policy = make(stage.lib);
    stage.listen('policy', policy);
    for (const [i, call] of calls.entries()) {
      stage.follow(
        `call ${i}`,
        policy.execute(() => perform(call, `${i}`)),
      );
      await stage.advance(call.pauseMs);
      if (state !== undefined) stage.log('state', state(policy));
    }
  };
}

async function compare(
  scenario: Scenario,
  order: (lines: readonly string[]) => unknown,
): Promise<void> {
  const expected = await play(libraries.theirs, scenario);
  expect(order(await play(libraries.ours, scenario))).toEqual(order(expected));
}

const everyEnd = ['value', 'bad value', 'handled', 'unhandled'] as const;
const stateOf = (policy: object): unknown => (policy as { state: unknown }).state;

const alike: Readonly<
  Record<string, Comparison & { ends?: readonly Call['ends'][]; longestMs?: number }>
> = {
  'a retry': {
    policy: (lib) =>
      lib.retry(handles(lib), { maxAttempts: 3, backoff: new lib.IterableBackoff([0, 7, 15]) }),
  },
  'a cooperative timeout': {
    policy: (lib) => lib.timeout(timeoutMs, lib.TimeoutStrategy.Cooperative),
  },
  'an aggressive timeout': {
    policy: (lib) => lib.timeout(timeoutMs, lib.TimeoutStrategy.Aggressive),
  },
  'a fallback': { policy: (lib) => lib.fallback(handles(lib), () => 'instead') },
  noop: { policy: (lib) => new lib.NoopPolicy() },
  'a breaker of failures in a row': {
    policy: (lib) =>
      lib.circuitBreaker(handles(lib), {
        halfOpenAfter: 60,
        breaker: new lib.ConsecutiveBreaker(2),
      }),
    state: stateOf,
    ends: ['value', 'bad value', 'handled'],
    longestMs: 50,
  },
  'a breaker of counted calls, with growing breaks and sampled probes': {
    policy: (lib) =>
      lib.circuitBreaker(handles(lib), {
        halfOpenAfter: new lib.IterableBackoff([60, 120]),
        breaker: new lib.CountBreaker({ threshold: 0.4, size: 6, minimumNumberOfCalls: 3 }),
        halfOpenSampling: { calls: 3, threshold: 0.4 },
      }),
    state: stateOf,
    ends: ['value', 'bad value', 'handled'],
    longestMs: 50,
  },
  'all in one': {
    policy: (lib) =>
      lib.wrap(
        lib.fallback(lib.handleType(lib.BrokenCircuitError), 'open'),
        lib.retry(handles(lib), { maxAttempts: 2, backoff: new lib.ConstantBackoff(20) }),
        lib.circuitBreaker(handles(lib).orType(lib.TaskCancelledError), {
          halfOpenAfter: 200,
          breaker: new lib.ConsecutiveBreaker(3),
        }),
        lib.timeout(43, lib.TimeoutStrategy.Aggressive),
      ),
    ends: ['value', 'bad value', 'handled'],
  },
};

for (const [name, comparison] of Object.entries(alike)) {
  const { ends = everyEnd, longestMs = 50 } = comparison;
  const calls = fc.array(callOf(longestMs, ends), { maxLength: 14 });
  describe(`${name} does as in cockatiel`, () => {
    test('with any calls, one after another', async () => {
      const property = fc.asyncProperty(calls, (some) =>
        compare(sequential(comparison, some), (lines) => lines),
      );
      await fc.assert(property, runs);
    });

    test('with any calls at a time', async () => {
      const property = fc.asyncProperty(calls, (some) =>
        compare(concurrent(comparison, some), byMoment),
      );
      await fc.assert(property, runs);
    });
  });
}

describe('a bulkhead does as in cockatiel', () => {
  // Each call has a millisecond of its own in every hundred: no two begin or end at a time.
  const calls = fc.array(
    fc.record({
      pauseMs: fc.integer({ min: 0, max: 3 }).map((hundreds) => hundreds * 100 + 1),
      ms: fc.integer({ min: 1, max: 6 }).map((hundreds) => hundreds * 100),
      ends: fc.constantFrom(...everyEnd),
    }),
    { maxLength: 14 },
  );

  test('with any calls at a time', async () => {
    const property = fc.asyncProperty(calls, (some) => {
      const scenario: Scenario = async ({ lib, log, follow, advance }) => {
        const policy = lib.bulkhead(2, 2);
        policy.onReject(() => log('rejected'));
        for (const [i, call] of some.entries()) {
          const work = policy.execute(() => {
            log(`call ${i} runs`);
            return perform(call, `${i}`);
          });
          follow(`call ${i}`, work);
          await advance(call.pauseMs);
          log('slots', [policy.executionSlots, policy.queueSlots]);
        }
      };
      return compare(scenario, byMoment);
    });
    await fc.assert(property, runs);
  });
});

describe('a caller who gives up while the function runs is treated as in cockatiel', () => {
  // An abort comes between the multiples of 10 at which all else happens.
  const calls = fc.array(
    fc.record({ call: callOf(50, everyEnd), abortMs: fc.constantFrom(5, 15, 25, 105) }),
    { maxLength: 10 },
  );
  const makers: readonly ((lib: Library) => ReturnType<Comparison['policy']>)[] = [
    (lib) => lib.fallback(handles(lib), 'instead'),
    (lib) => new lib.NoopPolicy(),
    (lib) => lib.retry(handles(lib), { maxAttempts: 2, backoff: new lib.ConstantBackoff(0) }),
  ];

  test('by a fallback, noop and a retry, with functions that go on and that do not', async () => {
    const options = [calls, fc.constantFrom(...makers), fc.boolean()] as const;
    const property = fc.asyncProperty(...options, (some, make, obeys) => {
      const scenario: Scenario = async (stage) => {
        const policy = make(stage.lib) as ReturnType<Library['retry']>;
        stage.listen('policy', policy);
        for (const [i, { call, abortMs }] of some.entries()) {
          const caller = new AbortController();
          const fn = (context: { signal: AbortSignal }): Promise<string> => {
            const work = perform(call, `${i}`);
            return obeys ? Promise.race([work, abortOf(context.signal)]) : work;
          };
          stage.follow(`call ${i}`, policy.execute(fn, caller.signal));
          await stage.advance(abortMs);
          caller.abort(new Handled(`gone ${i}`));
          await stage.advance(1_000 - abortMs);
        }
      };
      return compare(scenario, (lines) => lines);
    });
    await fc.assert(property, runs);
  });
});

function abortOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason));
  return promise;
}
