import { fallback, lastKnownGood } from '@holdfast/fallback';
import { compose, contextKey, type Outcome } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/**
 * A second description of what is remembered, as plain as it can be: it looks at all calls in the order
 * in which their operations end. No two end at the same instant, since each ends a millisecond of its
 * own after a full second.
 */
interface Call {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly key: string;
  readonly ends: 'value' | 'error' | 'bad';
}

interface Scenario {
  readonly calls: readonly Call[];
  readonly maxAgeMs: number;
  readonly maxKeys: number;
}

const afterMs = 4_500.5;
const second = fc.integer({ min: 0, max: 8 }).map((n) => n * 1_000);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  calls: fc
    .array(
      fc.record({
        startsAt: fc.integer({ min: 0, max: 30 }).map((n) => n * 1_000),
        takesMs: second,
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        ends: fc.constantFrom<Call['ends'][]>('value', 'error', 'error', 'bad'),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((list) =>
      list.map(({ takesMs, ...call }, i) => ({
        ...call,
        endsAt: call.startsAt + takesMs + i + 1,
      })),
    ),
  maxAgeMs: fc.integer({ min: 1, max: 20 }).map((n) => n * 1_000 + 500),
  maxKeys: fc.integer({ min: 1, max: 4 }),
});

interface Entry {
  readonly key: string;
  readonly since: number;
  readonly value: string;
}

/** The answer of each call, by its number. */
function expected({ calls, maxAgeMs, maxKeys }: Scenario): string[] {
  const answers: string[] = [];
  // The one that was used last is the last.
  let known: Entry[] = [];
  const inOrder = calls.map((call, i) => ({ ...call, i })).toSorted((a, b) => a.endsAt - b.endsAt);
  for (const { key, ends, startsAt, endsAt, i } of inOrder) {
    const entry = known.find((each) => each.key === key);
    const others = known.filter((each) => each.key !== key);
    const isLate = endsAt - startsAt > afterMs;
    answers[i] = isLate ? 'timeout' : `${ends} ${i}`;
    if (ends === 'value') {
      if (entry !== undefined && entry.since > startsAt) continue;
      known = [...others, { key, since: startsAt, value: `value ${i}` }];
      // Each new value drives out the one that was used the longest ago, if it is one too many or old.
      if (known.length > maxKeys || startsAt - (known[0] as Entry).since > maxAgeMs) known.shift();
    } else if (!isLate && entry !== undefined) {
      const isOld = endsAt - entry.since > maxAgeMs;
      if (!isOld) answers[i] = entry.value;
      known = isOld ? others : [...others, entry];
    }
  }
  return answers;
}

async function actual({ calls, maxAgeMs, maxKeys }: Scenario): Promise<string[]> {
  const clock = virtualClock();
  const name = contextKey<string>('name');
  const memory = lastKnownGood<string>({ maxAgeMs, maxKeys, key: (context) => context.get(name) });
  const policy = compose(
    timeout({ afterMs, clock }),
    fallback({
      when: (outcome: Outcome<string>) => !outcome.ok || outcome.value.startsWith('bad'),
      use: memory,
      clock,
    }),
  );
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.setTimeout(resolve, ms));
  const answers = calls.map(async ({ key, ends, startsAt, endsAt }, i) => {
    await sleep(startsAt);
    const outcome = await policy.outcome(
      async () => {
        await sleep(endsAt - startsAt);
        if (ends === 'error') throw new Error(`error ${i}`);
        return `${ends} ${i}`;
      },
      { properties: [name(key)] },
    );
    expect(memory.size).toBeLessThanOrEqual(maxKeys);
    if (outcome.ok) return outcome.value;
    const { message } = outcome.error as Error;
    return message.startsWith('error') ? message : 'timeout';
  });
  await clock.runUntilIdle();
  return Promise.all(answers);
}

test('whatever calls there are, each gets what it gets on paper', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      expect(await actual(scenario)).toEqual(expected(scenario));
    }),
    { numRuns: 500 },
  );
});
