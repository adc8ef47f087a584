import { compose, type Outcome } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/**
 * A second description of what a retry does, as plain as it can be: it plays one call on paper. Times
 * are made so that no two things happen at the same instant, where either order would be right: attempts
 * and back-offs take multiples of 8 ms, limits end 1, 2 or 4 ms apart from these.
 */
interface Attempt {
  readonly takesMs: number;
  readonly ends: 'value' | 'error' | 'fatal';
}

interface Scenario {
  readonly attempts: readonly Attempt[];
  readonly maxAttempts: number;
  readonly delays: readonly number[];
  readonly fastFirst: boolean;
  readonly maxElapsedMs: number | undefined;
  readonly deadline: number | undefined;
  readonly abortAt: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly isAsync: boolean;
}

interface Course {
  readonly startedAt: readonly number[];
  readonly answer: string;
  readonly answeredAt: number;
}

const eights = fc.integer({ min: 0, max: 12 }).map((n) => 8 * n);
const limit = (offset: number): fc.Arbitrary<number | undefined> =>
  fc.option(
    fc.integer({ min: 0, max: 30 }).map((n) => 8 * n + offset),
    { nil: undefined },
  );

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  attempts: fc.array(
    fc.record({
      takesMs: eights,
      ends: fc.constantFrom('value', 'error', 'error', 'error', 'fatal'),
    }),
    { minLength: 6, maxLength: 6 },
  ),
  maxAttempts: fc.integer({ min: 1, max: 6 }),
  delays: fc.array(eights, { minLength: 1, maxLength: 5 }),
  fastFirst: fc.boolean(),
  maxElapsedMs: limit(1),
  deadline: limit(2),
  abortAt: limit(4),
  timeoutMs: limit(6),
  isAsync: fc.boolean(),
});

/** What stops the waiting from outside: the caller's abort, or a timeout, whichever is first. */
function stopOf({ abortAt, timeoutMs, deadline }: Scenario): { at: number; answer: string } {
  // The caller's deadline alone cuts nobody; a timeout keeps to it.
  const timeoutAt = timeoutMs === undefined ? Infinity : Math.min(timeoutMs, deadline ?? Infinity);
  const aborted = abortAt ?? Infinity;
  return aborted < timeoutAt
    ? { at: aborted, answer: 'aborted' }
    : { at: timeoutAt, answer: 'timeout' };
}

function expected(scenario: Scenario): Course {
  const { attempts, maxAttempts, delays, fastFirst, maxElapsedMs = Infinity } = scenario;
  const stop = stopOf(scenario);
  const deadline = Math.min(scenario.deadline ?? Infinity, scenario.timeoutMs ?? Infinity);
  const startedAt: number[] = [];
  let now = 0;
  for (let n = 1; ; n++) {
    const { takesMs, ends } = attempts[n - 1] as Attempt;
    startedAt.push(now);
    now += takesMs;
    // Without a timeout nobody cuts a running attempt: an abort waits for its end.
    const isCut = scenario.timeoutMs !== undefined && now > stop.at;
    if (isCut) return { startedAt, answer: stop.answer, answeredAt: stop.at };
    const answer = { startedAt, answer: `${ends} ${n}`, answeredAt: now };
    if (ends !== 'error' || n === maxAttempts || now > stop.at) return answer;
    const step = fastFirst ? n - 1 : n;
    const delayMs = step === 0 ? 0 : (delays[Math.min(step, delays.length) - 1] as number);
    if (now + delayMs >= deadline || now + delayMs >= maxElapsedMs) return answer;
    if (now + delayMs > stop.at) return { startedAt, answer: stop.answer, answeredAt: stop.at };
    now += delayMs;
  }
}

function label(outcome: Outcome<unknown>): string {
  if (outcome.ok) return String(outcome.value);
  const { error } = outcome;
  return error instanceof Error && 'code' in error ? 'timeout' : String(error);
}

async function actual(scenario: Scenario): Promise<Course> {
  const { attempts, abortAt, timeoutMs, delays: backoff, isAsync, ...options } = scenario;
  const clock = virtualClock();
  const caller = new AbortController();
  if (abortAt !== undefined) clock.setTimeout(() => caller.abort('aborted'), abortAt).unref();
  const isWanted = (outcome: Outcome<unknown>): boolean =>
    !outcome.ok && String(outcome.error).startsWith('error');
  const retrying = retry({
    maxAttempts: options.maxAttempts,
    maxElapsedMs: options.maxElapsedMs,
    fastFirst: options.fastFirst,
    backoff,
    shouldRetry: isAsync ? async (outcome) => isWanted(outcome) : isWanted,
    clock,
  });
  const policy =
    timeoutMs === undefined ? retrying : compose(timeout({ afterMs: timeoutMs, clock }), retrying);
  const startedAt: number[] = [];
  const operation = async (): Promise<string> => {
    const n = startedAt.push(clock.now());
    const { takesMs, ends } = attempts[n - 1] as Attempt;
    if (takesMs > 0) {
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, takesMs);
      });
    }
    // What an operation throws is its own affair: here it is no Error.
    // oxlint-disable-next-line typescript/only-throw-error
    if (ends !== 'value') throw `${ends} ${n}`;
    return `value ${n}`;
  };
  const { deadline } = options;
  const call = policy.outcome(operation, { signal: caller.signal, deadline });
  const outcome = await clock.runUntil(call);
  const answeredAt = clock.now();
  // Attempts that began after the answer would show.
  await clock.runUntilIdle();
  return { startedAt, answer: label(outcome), answeredAt };
}

test('any call takes the course that it takes on paper', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { abortAt, deadline, timeoutMs } = scenario;
      fc.pre(abortAt !== 0 && deadline !== 0 && timeoutMs !== 0);
      expect(await actual(scenario)).toEqual(expected(scenario));
    }),
    { numRuns: 1_000 },
  );
});

test('the bounds hold whatever the course', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { startedAt } = await actual(scenario);
      const {
        maxAttempts,
        maxElapsedMs = Infinity,
        deadline = Infinity,
        abortAt = Infinity,
      } = scenario;
      expect(startedAt.length).toBeLessThanOrEqual(maxAttempts);
      for (const later of startedAt.slice(1)) {
        expect(later).toBeLessThan(Math.min(maxElapsedMs, deadline, abortAt));
      }
    }),
    { numRuns: 300 },
  );
});
