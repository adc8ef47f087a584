import { hedge, hedgeNumber } from '@holdfast/hedge';
import type { Outcome } from '@holdfast/policy';
import { virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 300) };

interface Plan {
  /** How long an attempt takes. */
  readonly tookMs: number;
  readonly ok: boolean;
}

interface Scenario {
  readonly attempts: readonly Plan[];
  readonly afterMs: number;
  readonly maxHedges: number;
  /** When the caller gives up. */
  readonly abortAtMs: number | undefined;
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  attempts: fc.array(fc.record({ tookMs: fc.integer({ min: 1, max: 400 }), ok: fc.boolean() }), {
    minLength: 6,
    maxLength: 6,
  }),
  afterMs: fc.constantFrom(1, 50, 150, 1_000, Number.POSITIVE_INFINITY),
  maxHedges: fc.integer({ min: 1, max: 5 }),
  abortAtMs: fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
});

/** No two things happen at the same moment: each attempt has a fraction of its own. */
const fraction = (attempt: number): number => (attempt + 1) / 100;

interface Expected {
  readonly starts: readonly number[];
  readonly answeredAt: number;
  readonly winner: number;
  readonly ok: boolean;
}

/** What has to happen, told in the plainest way. */
function expected({ attempts, afterMs, maxHedges }: Scenario): Expected {
  const starts = [0];
  const ended = new Set<number>();
  const endOf = (i: number): number =>
    (starts[i] as number) + (attempts[i] as Plan).tookMs + fraction(i);
  let nextHedgeAt = afterMs;
  for (;;) {
    const open = starts.map((_, i) => i).filter((i) => !ended.has(i));
    const first = open.toSorted((a, b) => endOf(a) - endOf(b))[0];
    const mayHedge = starts.length <= maxHedges;
    if (mayHedge && (first === undefined || nextHedgeAt < endOf(first))) {
      starts.push(nextHedgeAt);
      nextHedgeAt += afterMs;
      continue;
    }
    if (first === undefined) throw new Error('there is always an attempt');
    ended.add(first);
    const { ok } = attempts[first] as Plan;
    const isLast = open.length === 1 && !mayHedge;
    if (ok || isLast) return { starts, answeredAt: endOf(first), winner: first, ok };
    if (!mayHedge) continue;
    starts.push(endOf(first));
    nextHedgeAt = endOf(first) + afterMs;
  }
}

async function check(scenario: Scenario): Promise<void> {
  const { attempts, afterMs, maxHedges, abortAtMs } = scenario;
  const clock = virtualClock();
  const begin = clock.now();
  const policy = hedge({ safe: true, afterMs, maxHedges, clock });
  const starts: number[] = [];
  const aborts = new Map<number, number>();
  const controller = new AbortController();
  let open = 0;
  let answers = 0;
  let answeredAt = Number.NaN;
  const call = policy.outcome(
    (context) => {
      const number = hedgeNumber(context);
      const { tookMs, ok } = attempts[number] as Plan;
      starts.push(clock.now() - begin);
      open++;
      return new Promise<number>((resolve, reject) => {
        const timer = clock.setTimeout(() => {
          open--;
          if (ok) resolve(number);
          else reject(number);
        }, tookMs + fraction(number));
        context.signal.addEventListener('abort', () => {
          aborts.set(number, (aborts.get(number) ?? 0) + 1);
          timer.cancel();
          open--;
          reject(context.signal.reason);
        });
      });
    },
    { signal: controller.signal },
  );
  void call.then(() => {
    answers++;
    answeredAt = clock.now() - begin;
  });
  if (abortAtMs !== undefined) clock.setTimeout(() => controller.abort('enough'), abortAtMs + 0.5);
  await clock.advance(5_000);
  const outcome: Outcome<number> = await call;

  const model = expected(scenario);
  expect(answers).toBe(1);
  expect(open).toBe(0);
  for (const times of aborts.values()) expect(times).toBe(1);
  if (abortAtMs !== undefined && abortAtMs + 0.5 < model.answeredAt) {
    expect(outcome).toEqual({ ok: false, error: 'enough' });
    expect(answeredAt).toBeCloseTo(abortAtMs + 0.5, 6);
    expect(starts.length).toBeLessThanOrEqual(1 + maxHedges);
    expect(starts.every((at) => at <= abortAtMs + 0.5)).toBe(true);
    return;
  }
  const { winner, ok } = model;
  expect(outcome).toEqual(ok ? { ok, value: winner } : { ok, error: winner });
  expect(answeredAt).toBeCloseTo(model.answeredAt, 6);
  expect(starts).toHaveLength(model.starts.length);
  for (const [i, at] of starts.entries()) expect(at).toBeCloseTo(model.starts[i] as number, 6);
  // Whatever was still on its way has been aborted, and nothing else.
  const lost = model.starts.flatMap((at, i) => {
    const { tookMs } = attempts[i] as Plan;
    return at + tookMs + fraction(i) > model.answeredAt + 1e-6 ? [i] : [];
  });
  expect([...aborts.keys()].toSorted((a, b) => a - b)).toEqual(lost);
}

test('the first good answer wins, whatever comes when', async () => {
  await fc.assert(fc.asyncProperty(scenarios, check), runs);
});
