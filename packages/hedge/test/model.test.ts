import { hedge, hedgeNumber } from '@holdfast/hedge';
import { concurrentRetryBudget, type ExecutionContext, type Outcome } from '@holdfast/policy';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 300) };

interface Plan {
  /** How long an attempt takes; 0 for one that answers, or throws, at once. */
  readonly tookMs: number;
  readonly ok: boolean;
  /** Whether it ends when its signal is aborted. */
  readonly heeds: boolean;
}

interface Scenario {
  readonly attempts: readonly Plan[];
  readonly afterMs: number;
  /** The delay is told by a function: such calls wait elsewhere. */
  readonly asks: boolean;
  readonly maxHedges: number;
  /** When the caller gives up. */
  readonly abortAtMs: number | undefined;
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  attempts: fc.array(
    fc.record({
      tookMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 })),
      ok: fc.boolean(),
      heeds: fc.boolean(),
    }),
    { minLength: 6, maxLength: 6 },
  ),
  afterMs: fc.constantFrom(1, 50, 150, 1_000, Number.POSITIVE_INFINITY),
  asks: fc.boolean(),
  maxHedges: fc.integer({ min: 1, max: 5 }),
  abortAtMs: fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
});

/** No two things happen at the same moment: each attempt that takes time has a fraction of its own. */
const lasts = (tookMs: number, attempt: number): number =>
  tookMs === 0 ? 0 : tookMs + (attempt + 1) / 100;

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
    (starts[i] as number) + lasts((attempts[i] as Plan).tookMs, i);
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

/** What a hedge did, as seen from outside. */
class Trial {
  readonly starts: number[] = [];
  readonly aborts = new Map<number, number>();
  /** The values that attempts have brought, and those that were closed. */
  readonly brought: number[] = [];
  readonly closed: number[] = [];
  open = 0;
  answers = 0;
  answeredAt = Number.NaN;
  private readonly clock: VirtualClock = virtualClock();
  private readonly begin: number = this.clock.now();
  private readonly scenario: Scenario;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
  }

  async run(): Promise<Outcome<number>> {
    const { afterMs, asks, maxHedges, abortAtMs } = this.scenario;
    const { clock } = this;
    const budget = concurrentRetryBudget({ ratio: 0, minConcurrent: 5 });
    const policy = hedge<number>({
      safe: true,
      afterMs: asks ? () => afterMs : afterMs,
      maxHedges,
      budget,
      clock,
      dispose: (value) => this.closed.push(value),
    });
    const controller = new AbortController();
    const call = policy.outcome((context) => this.attempt(context), { signal: controller.signal });
    void call.then(() => {
      this.answers++;
      this.answeredAt = clock.now() - this.begin;
    });
    if (abortAtMs !== undefined) {
      clock.setTimeout(() => controller.abort('enough'), abortAtMs + 0.5);
    }
    await clock.advance(5_000);
    expect(budget.available).toBe(5);
    return call;
  }

  private attempt(context: ExecutionContext): number | Promise<number> {
    const { clock } = this;
    const { signal } = context;
    const number = hedgeNumber(context);
    const { tookMs, ok, heeds } = this.scenario.attempts[number] as Plan;
    this.starts.push(clock.now() - this.begin);
    if (tookMs === 0) return this.answerAtOnce(number, ok);
    this.open++;
    return new Promise<number>((resolve, reject) => {
      const timer = clock.setTimeout(
        () => {
          this.open--;
          if (!ok) reject(number);
          else {
            this.brought.push(number);
            resolve(number);
          }
        },
        lasts(tookMs, number),
      );
      signal.addEventListener('abort', () => {
        this.aborts.set(number, (this.aborts.get(number) ?? 0) + 1);
        if (!heeds) return;
        timer.cancel();
        this.open--;
        reject(signal.reason);
      });
    });
  }

  private answerAtOnce(number: number, ok: boolean): number {
    if (!ok) throw number;
    this.brought.push(number);
    return number;
  }
}

async function check(scenario: Scenario): Promise<void> {
  const { attempts, maxHedges, abortAtMs } = scenario;
  const trial = new Trial(scenario);
  const outcome = await trial.run();

  const model = expected(scenario);
  expect(trial.answers).toBe(1);
  expect(trial.open).toBe(0);
  for (const times of trial.aborts.values()) expect(times).toBe(1);
  // Whatever came and was not the answer has been closed, once.
  const unwanted = trial.brought.filter((value) => !outcome.ok || value !== outcome.value);
  expect(trial.closed.toSorted((a, b) => a - b)).toEqual(unwanted.toSorted((a, b) => a - b));
  if (abortAtMs !== undefined && abortAtMs + 0.5 < model.answeredAt) {
    expect(outcome).toEqual({ ok: false, error: 'enough' });
    expect(trial.answeredAt).toBeCloseTo(abortAtMs + 0.5, 6);
    expect(trial.starts.length).toBeLessThanOrEqual(1 + maxHedges);
    expect(trial.starts.every((at) => at <= abortAtMs + 0.5)).toBe(true);
    return;
  }
  const { winner, ok } = model;
  expect(outcome).toEqual(ok ? { ok, value: winner } : { ok, error: winner });
  expect(trial.answeredAt).toBeCloseTo(model.answeredAt, 6);
  expect(trial.starts).toHaveLength(model.starts.length);
  for (const [i, at] of trial.starts.entries()) {
    expect(at).toBeCloseTo(model.starts[i] as number, 6);
  }
  // Whatever was still on its way has been aborted, and nothing else.
  const lost = model.starts.flatMap((at, i) => {
    const { tookMs } = attempts[i] as Plan;
    return at + lasts(tookMs, i) > model.answeredAt + 1e-6 ? [i] : [];
  });
  expect([...trial.aborts.keys()].toSorted((a, b) => a - b)).toEqual(lost);
}

test('the first good answer wins, whatever comes when', async () => {
  await fc.assert(fc.asyncProperty(scenarios, check), runs);
});
