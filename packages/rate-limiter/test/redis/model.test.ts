import { contextKey } from '@holdfast/policy';
import { gcra, type RateAlgorithm, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import { prefetch, type RedisRateLimiter, redisRateLimiter } from '@holdfast/rate-limiter/redis';
import { seededRandom, type VirtualClock, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeRedis } from './fake-redis.ts';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 40) };
const rounding = 1e-3;
const weightOf = contextKey<number>('weight');

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('call' as const),
      process: fc.nat({ max: 2 }),
      count: fc.integer({ min: 1, max: 12 }),
      units: fc.integer({ min: 1, max: 3 }),
      abortAfterMs: fc.option(fc.nat({ max: 60 }), { nil: undefined, freq: 3 }),
    }),
    fc.record({
      do: fc.constant('stream' as const),
      process: fc.nat({ max: 2 }),
      everyMs: fc.constantFrom(0.5, 1, 3),
      ms: fc.nat({ max: 80 }),
    }),
    fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 400 })),
    }),
    fc.record({ do: fc.constant('die' as const), process: fc.nat({ max: 2 }) }),
  ),
  { minLength: 1, maxLength: 30 },
);

type Step = (typeof steps extends fc.Arbitrary<infer A> ? A : never)[number];

interface Went {
  readonly at: number;
  readonly units: number;
}

interface Setting {
  readonly algorithm: RateAlgorithm;
  readonly maxQueued: number;
  readonly latencyMs: number;
  readonly seed: number;
}

/** Several processes that share a limit, one of which may die now and then and begin anew. */
class Trial {
  readonly went: Went[] = [];
  readonly pending: Promise<unknown>[] = [];
  private readonly clock: VirtualClock = virtualClock();
  private readonly redis: FakeRedis;
  private readonly processes: { limiter: RedisRateLimiter; lives: boolean }[];
  private readonly setting: Setting;

  constructor(setting: Setting) {
    this.setting = setting;
    const random = seededRandom(setting.seed);
    const latencyMs = (): number => random() * setting.latencyMs;
    this.redis = new FakeRedis(this.clock, { latencyMs });
    this.processes = [0, 1, 2].map(() => this.start());
  }

  private start(): { limiter: RedisRateLimiter; lives: boolean } {
    const { algorithm, maxQueued } = this.setting;
    const limiter = redisRateLimiter({
      client: this.redis,
      algorithm,
      maxQueued,
      clock: this.clock,
      share: prefetch({ maxRatio: 0.5 }),
      weight: (context) => context.get(weightOf) ?? 1,
    });
    return { limiter, lives: true };
  }

  private async stream({ process, everyMs, ms }: Extract<Step, { do: 'stream' }>): Promise<void> {
    for (let passed = 0; passed < ms; passed += everyMs) {
      this.call({ do: 'call', process, count: 1, units: 1, abortAfterMs: undefined });
      await this.clock.advance(everyMs);
    }
  }

  private call({ process, units, abortAfterMs }: Extract<Step, { do: 'call' }>): void {
    const caller = new AbortController();
    const one = this.processes[process] as (typeof this.processes)[0];
    if (abortAfterMs !== undefined) {
      this.clock.setTimeout(() => caller.abort('enough'), abortAfterMs);
    }
    const call = one.limiter.outcome(
      () => {
        if (one.lives) this.went.push({ at: this.clock.now(), units });
      },
      { signal: caller.signal, properties: [weightOf(units)] },
    );
    this.pending.push(call);
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const step of all) {
      if (step.do === 'pass') await this.clock.advance(step.ms);
      else if (step.do === 'stream') await this.stream(step);
      else if (step.do === 'call') for (let i = 0; i < step.count; i++) this.call(step);
      else {
        const one = this.processes[step.process];
        if (one !== undefined) one.lives = false;
        this.processes[step.process] = this.start();
      }
    }
    await this.clock.runUntil(Promise.all(this.pending));
    await this.clock.advance(1_000);
    for (const { limiter } of this.processes) {
      expect(limiter.queued).toBe(0);
      expect(limiter.isAway).toBe(false);
    }
  }
}

/** That no more went in any time than may, but for how long an answer was on its way. */
function expectWithin(
  { kind, limit, windowMs, capacity }: RateAlgorithm,
  went: Went[],
  lateMs: number,
): void {
  for (const [i, first] of went.entries()) {
    let sum = 0;
    for (const { at, units } of went.slice(i)) {
      const passed = at - first.at;
      if (kind === 'sliding-window' && passed >= windowMs - lateMs - rounding) break;
      sum += units;
      const most = capacity + ((passed + lateMs) * limit) / windowMs + rounding;
      expect(sum).toBeLessThanOrEqual(kind === 'sliding-window' ? limit : most);
    }
  }
}

const algorithms: readonly (readonly [string, RateAlgorithm])[] = [
  ['a smooth limit', gcra({ limit: 100, windowMs: 1_000, burst: 5 })],
  ['a bucket', tokenBucket({ replenishRate: 200, burstCapacity: 100 })],
  ['a window', slidingWindow({ limit: 60, windowMs: 400 })],
];

describe.each(algorithms)('%s that several processes share', (_, algorithm) => {
  test.each([0, 20])('is kept by all of them together, with %d in line', async (maxQueued) => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(0, 1, 8),
        fc.integer(),
        async (all, latencyMs, seed) => {
          const trial = new Trial({ algorithm, maxQueued, latencyMs, seed });
          await trial.run(all);
          expectWithin(algorithm, trial.went, latencyMs);
        },
      ),
      runs,
    );
  });
});
