import { contextKey } from '@holdfast/policy';
import {
  byPriority,
  gcra,
  isRateLimitedError,
  type RateAlgorithm,
  type RateLimiter,
  rateLimiter,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 200) };
/** Sums of floating numbers. */
const rounding = 1e-3;

const units = fc.integer({ min: 1, max: 3 });
const ms = fc.integer({ min: 0, max: 1_500 });
const maybe = (time: typeof ms): fc.Arbitrary<number | undefined> =>
  fc.option(time, { nil: undefined, freq: 2 });

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('call' as const),
      units,
      urgency: fc.nat({ max: 7 }),
      abortAfterMs: maybe(ms),
      deadlineMs: maybe(ms),
    }),
    fc.record({ do: fc.constant('acquire' as const), units }),
    fc.record({ do: fc.constant('reserve' as const), units, cancelAfterMs: maybe(ms) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.oneof(fc.constant(0), ms) }),
  ),
  { minLength: 1, maxLength: 40 },
);

type Step = (typeof steps extends fc.Arbitrary<infer A> ? A : never) extends (infer One)[]
  ? One
  : never;
type Call = Extract<Step, { readonly do: 'call' }>;

const weightOf = contextKey<number>('weight');
const urgencyOf = contextKey<number>('urgency');

interface Went {
  readonly at: number;
  readonly units: number;
}

/** What a limiter did, as seen from outside. */
class Trial {
  readonly went: Went[] = [];
  /** The calls that began, by number, in the order in which they did. */
  readonly begun: number[] = [];
  readonly settled: Promise<void>[] = [];
  /** The calls whose wait is over. */
  readonly waits: { told: number; waited: number }[] = [];
  private readonly told: number[] = [];
  private readonly clock: VirtualClock;
  private readonly limiter: RateLimiter;
  private readonly maxWaitMs: number;

  constructor(limiter: RateLimiter, clock: VirtualClock, maxWaitMs: number) {
    this.limiter = limiter;
    this.clock = clock;
    this.maxWaitMs = maxWaitMs;
    limiter.on('queued', ({ waitMs }) => this.told.push(waitMs));
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const [number, step] of all.entries()) {
      if (step.do === 'pass') await this.clock.advance(step.ms);
      else if (step.do === 'call') this.call(step, number);
      else if (step.do === 'acquire') this.acquire(step.units);
      else this.reserve(step.units, step.cancelAfterMs);
    }
    await this.clock.runUntilIdle();
    await Promise.all(this.settled);
  }

  private acquire(weight: number): void {
    const decision = this.limiter.tryAcquire({ weight });
    expect(decision.allowed).toBe(decision.retryAfterMs === 0 && this.limiter.queued === 0);
    if (decision.allowed) this.went.push({ at: this.clock.now(), units: weight });
  }

  private reserve(weight: number, cancelAfterMs: number | undefined): void {
    const reservation = this.limiter.reserve({ weight });
    if (reservation === undefined) return;
    const went = { at: this.clock.now() + reservation.delayMs, units: weight };
    if (cancelAfterMs === undefined) this.went.push(went);
    else this.clock.setTimeout(() => reservation.cancel(), cancelAfterMs);
  }

  private call({ units: weight, urgency, abortAfterMs, deadlineMs }: Call, number: number): void {
    const { clock, limiter } = this;
    const since = clock.now();
    const deadline = deadlineMs === undefined ? undefined : since + deadlineMs;
    const controller = new AbortController();
    const properties = [weightOf(weight), urgencyOf(urgency)];
    if (abortAfterMs !== undefined) {
      clock.setTimeout(() => controller.abort('enough'), abortAfterMs);
    }
    let ran = false;
    let isQueued = false;
    const toldBefore = this.told.length;
    const outcome = limiter.outcome(
      () => {
        ran = true;
        const now = clock.now();
        this.went.push({ at: now, units: weight });
        this.begun.push(number);
        expect(now - since).toBeLessThanOrEqual(this.maxWaitMs + rounding);
        if (deadline !== undefined) expect(now).toBeLessThan(deadline);
        if (abortAfterMs !== undefined) expect(now - since).toBeLessThanOrEqual(abortAfterMs);
        const told = this.told[toldBefore];
        if (isQueued) this.waits.push({ told: told as number, waited: now - since });
      },
      { properties, deadline, signal: controller.signal },
    );
    isQueued = this.told.length > toldBefore;
    this.settled.push(
      outcome.then((answer) => {
        expect(answer.ok).toBe(ran);
        if (answer.ok || answer.error === 'enough') return;
        if (deadlineMs === 0) expect(answer.error).toMatchObject({ code: 'TIMEOUT' });
        else expect(isRateLimitedError(answer.error)).toBe(true);
      }),
    );
  }
}

const algorithms: readonly (readonly [string, RateAlgorithm])[] = [
  ['smooth', gcra({ limit: 10, windowMs: 1_000, burst: 3 })],
  ['bucket', tokenBucket({ replenishRate: 4, burstCapacity: 5 })],
  ['window', slidingWindow({ limit: 4, windowMs: 1_000 })],
];

function isHeavy(step: Step): boolean {
  return step.do !== 'pass' && step.units > 1;
}

/** That no more went in any time than may. */
function expectWithin({ kind, limit, windowMs, capacity }: RateAlgorithm, went: Went[]): void {
  const sorted = went.toSorted((one, other) => one.at - other.at);
  for (const [i, first] of sorted.entries()) {
    let sum = 0;
    for (const { at, units: each } of sorted.slice(i)) {
      const passed = at - first.at;
      if (kind === 'sliding-window' && passed >= windowMs - rounding) break;
      sum += each;
      const most =
        kind === 'sliding-window' ? limit : capacity + (passed * limit) / windowMs + rounding;
      expect(sum).toBeLessThanOrEqual(most);
    }
  }
}

describe.each(algorithms)(
  '%s: whatever calls, aborts, deadlines and reservations come',
  (_, algorithm) => {
    test('no more goes than may, in order, and nothing is left over', async () => {
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.integer({ min: 0, max: 6 }),
          fc.constantFrom(400, 2_000, Infinity),
          async (all, maxQueued, maxWaitMs) => {
            const clock = virtualClock();
            const limiter = rateLimiter({
              algorithm,
              maxQueued,
              maxWaitMs,
              clock,
              weight: (context) => context.get(weightOf) ?? 1,
            });
            const trial = new Trial(limiter, clock, maxWaitMs);
            await trial.run(all);

            expectWithin(algorithm, trial.went);
            expect(trial.begun).toEqual(trial.begun.toSorted((a, b) => a - b));
            // Heavy calls leave gaps in a window: what is told then is the least.
            const isSure = algorithm.kind !== 'sliding-window' || !all.some(isHeavy);
            for (const { told, waited } of isSure ? trial.waits : []) {
              expect(waited).toBeLessThanOrEqual(told + rounding);
            }
            expect(limiter.queued).toBe(0);
            const { resetAfterMs } = limiter.peek();
            await clock.advance(resetAfterMs + 1);
            expect(limiter.peek().remaining).toBe(algorithm.capacity);
          },
        ),
        runs,
      );
    });

    test('by priority, no more goes than may, and nothing is left over', async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.integer({ min: 1, max: 9 }), async (all, maxQueued) => {
          const clock = virtualClock();
          const limiter = rateLimiter({
            algorithm,
            maxQueued,
            clock,
            weight: (context) => context.get(weightOf) ?? 1,
            queue: byPriority({ priority: (context) => context.get(urgencyOf), ageAfterMs: 300 }),
          });
          const trial = new Trial(limiter, clock, Number.POSITIVE_INFINITY);
          await trial.run(all);

          expectWithin(algorithm, trial.went);
          expect(limiter.queued).toBe(0);
        }),
        runs,
      );
    });
  },
);
