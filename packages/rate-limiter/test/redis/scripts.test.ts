import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeBucket, type FakeLimit, FakeWindow } from './fake-limits.ts';
import { argsOf, type Asked, questions, toldBy } from './questions.ts';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 3_000) };
const rounding = 1e-2;

interface Went {
  readonly at: number;
  readonly units: number;
}

interface Rule {
  readonly make: () => FakeLimit;
  readonly args: readonly [string, string];
  readonly capacity: number;
  /** Whether that many may go within a time of that length. */
  readonly fits: (units: number, ms: number) => boolean;
}

const bucket: Rule = {
  make: () => new FakeBucket(),
  args: ['10000', '500000'],
  capacity: 50,
  fits: (units, ms) => units <= 50 + ms / 10 + rounding,
};

const window: Rule = {
  make: () => new FakeWindow(),
  args: ['50', '400000'],
  capacity: 50,
  fits: (units, ms) => ms >= 400 - rounding || units <= 50,
};

/** What goes, and when, when processes use what they are granted as they like, within its time. */
function whatGoes({ make, args }: Rule, all: readonly Asked[]): Went[] {
  const limit = make();
  const went: Went[] = [];
  const returns: (readonly [number, string])[][] = all.map(() => []);
  let now = 1_000_000;
  for (const [i, asked] of all.entries()) {
    now += asked.pauseMs;
    const text = limit.run(now, [...args, ...argsOf(asked, returns[i] ?? [])]);
    const { granted, waitMs, mark, extra, extraMark } = toldBy(text);
    const use = (units: number, itsMark: string, from: number, until: number): void => {
      const used = Math.floor(units * asked.usedPart);
      if (used > 0) went.push({ at: asked.goesLate ? until : from, units: used });
      if (used < units) returns[i + asked.returnsAfter]?.push([units - used, itsMark]);
    };
    const lateMs = waitMs > 0 ? asked.lateMs : 0;
    use(granted, mark, now + waitMs, now + waitMs + lateMs);
    use(extra, extraMark, now, now + asked.holdMs);
  }
  return went.toSorted((one, other) => one.at - other.at);
}

describe.each([
  ['a bucket', bucket],
  ['a window', window],
])('whatever is granted, held, used late, reserved and given back: %s', (_, rule) => {
  test('never lets more go than it may', () => {
    fc.assert(
      fc.property(questions(rule.capacity), (all) => {
        const went = whatGoes(rule, all);
        for (const [i, first] of went.entries()) {
          let units = 0;
          for (const each of went.slice(i)) {
            const ms = each.at - first.at;
            units += each.units;
            if (!rule.fits(units, ms)) expect.fail(`${units} units in ${ms} ms`);
          }
        }
      }),
      runs,
    );
  });
});
