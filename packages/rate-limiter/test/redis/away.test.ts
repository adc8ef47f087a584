import { isRateLimitedError, perKey, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import {
  isRateLimiterAwayError,
  localShare,
  type RedisRateLimiter,
  redisRateLimiter,
  type RedisRateLimiterOptions,
} from '@holdfast/rate-limiter/redis';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { FakeRedis } from './fake-redis.ts';

const tenPerSecond = tokenBucket({ replenishRate: 10, burstCapacity: 10 });

interface Trial {
  readonly clock: VirtualClock;
  readonly redis: FakeRedis;
  readonly limiter: RedisRateLimiter;
  readonly told: unknown[];
}

function trial(options: Partial<RedisRateLimiterOptions> = {}): Trial {
  const clock = virtualClock();
  const redis = new FakeRedis(clock, { latencyMs: 1 });
  const limiter = redisRateLimiter({
    client: redis,
    algorithm: tenPerSecond,
    share: 'none',
    clock,
    ...options,
  });
  const told: unknown[] = [];
  limiter.on('away', ({ cause }) => told.push(['away', clock.now(), (cause as Error).message]));
  limiter.on('back', ({ awayMs }) => told.push(['back', clock.now(), awayMs]));
  return { clock, redis, limiter, told };
}

/** How many of that many calls go, without waiting for more than a moment. */
async function going(
  limiter: RedisRateLimiter,
  count: number,
  clock: VirtualClock,
): Promise<number> {
  let began = 0;
  for (let i = 0; i < count; i++) void limiter.outcome(() => began++);
  await clock.advance(3);
  return began;
}

describe('while Redis is away', () => {
  test('nothing goes by default, and the error says so and why', async () => {
    const { clock, redis, limiter } = trial();
    redis.mode = 'is-cut';
    const outcome = await clock.runUntil(limiter.outcome(() => 1));
    const error = outcome.ok ? undefined : outcome.error;
    expect(isRateLimiterAwayError(error)).toBe(true);
    expect(isRateLimitedError(error)).toBe(false);
    expect(error).toMatchObject({
      code: 'RATE_LIMITER_AWAY',
      retryAfterMs: 50,
      cause: new Error('Socket closed unexpectedly'),
    });
    expect((await limiter.tryAcquire()).allowed).toBe(false);
    expect((await limiter.peek()).allowed).toBe(false);
    expect(limiter.isAway).toBe(true);
  });

  test('all goes if it is to be open, at once', async () => {
    const { clock, redis, limiter } = trial({ whenAway: 'open' });
    redis.mode = 'fails';
    expect(await going(limiter, 30, clock)).toBe(30);
    let ran = false;
    void limiter.execute(() => {
      ran = true;
    });
    expect(ran).toBe(true);
    expect(await limiter.tryAcquire()).toMatchObject({ allowed: true });
    expect(await limiter.peek()).toMatchObject({ allowed: true });
  });

  test('goes on with its share of the limit, which begins with nothing', async () => {
    const { clock, redis, limiter } = trial({ whenAway: localShare({ processes: 2 }) });
    redis.mode = 'is-cut';
    expect(await going(limiter, 10, clock)).toBe(0);
    await clock.advance(197);
    expect(await going(limiter, 10, clock)).toBe(1);
    await clock.advance(10_000);
    expect(await going(limiter, 10, clock)).toBe(5);
    const decision = await limiter.tryAcquire();
    expect(decision).toMatchObject({ allowed: false, remaining: 0 });
    expect(decision.retryAfterMs).toBeGreaterThan(0);
    expect(await limiter.peek()).toMatchObject({ allowed: false });
  });

  test('a share of a window fills by and by, as if it had been used evenly', async () => {
    const algorithm = slidingWindow({ limit: 100, windowMs: 1_000 });
    const { clock, redis, limiter } = trial({ algorithm, whenAway: localShare({ fraction: 0.4 }) });
    redis.mode = 'is-cut';
    expect(await going(limiter, 100, clock)).toBe(0);
    await clock.advance(494);
    const half = await going(limiter, 100, clock);
    expect(half).toBeGreaterThan(15);
    expect(half).toBeLessThan(25);
    await clock.advance(500);
    expect(half + (await going(limiter, 100, clock))).toBeLessThanOrEqual(40);
  });

  test.each([
    ['a bucket', tokenBucket({ replenishRate: 1_000, burstCapacity: 50 })],
    ['a window', slidingWindow({ limit: 100, windowMs: 100 })],
  ])(
    'what its share lets go counts when Redis is back, so a Redis that comes and goes lets no more go: %s',
    async (_, algorithm) => {
      const options = { algorithm, whenAway: localShare({ processes: 2 }), share: undefined };
      const { clock, redis, limiter } = trial({ ...options, probeMs: 50 });
      const other = redisRateLimiter({ ...options, client: redis, clock, probeMs: 50 });
      let began = 0;
      let changes = 0;
      limiter.on('away', () => changes++);
      for (let ms = 0; ms < 10_000; ms++) {
        redis.mode = ms % 200 < 100 ? 'answers' : 'is-cut';
        for (const each of [limiter, other])
          for (let i = 0; i < 2; i++) void each.outcome(() => began++);
        await clock.advance(1);
      }
      expect(changes).toBeGreaterThan(30);
      expect(began).toBeLessThanOrEqual(10_000 + algorithm.capacity * 2);
    },
  );

  test('what its share has let go long ago counts no more, and is not remembered', async () => {
    const keys = perKey();
    const { clock, redis, limiter } = trial({ whenAway: localShare({ processes: 2 }), keys });
    redis.mode = 'is-cut';
    await clock.runUntil(limiter.tryAcquire({ key: 'a' }));
    await clock.advance(5_000);
    const asked = Array.from({ length: 5 }, () => limiter.tryAcquire({ key: 'a' }));
    expect((await clock.runUntil(Promise.all(asked))).every(({ allowed }) => allowed)).toBe(true);
    await clock.advance(5_000);
    redis.mode = 'answers';
    await clock.advance(2_000);
    expect(limiter.isAway).toBe(false);
    expect(redis.limits.has('holdfast:rate-limiter:{a}')).toBe(false);
  });

  test('those who wait go on waiting, by their share', async () => {
    const { clock, redis, limiter } = trial({
      whenAway: localShare({ processes: 2 }),
      maxQueued: 9,
    });
    expect(await going(limiter, 12, clock)).toBe(10);
    expect(limiter.queued).toBe(2);
    redis.mode = 'is-cut';
    redis.isReady = false;
    let began = 0;
    void limiter.outcome(() => began++);
    await clock.advance(300);
    expect(limiter.isAway).toBe(true);
    await clock.advance(1_000);
    expect(began).toBe(1);
    expect(limiter.queued).toBe(0);
  });

  test('those who wait are refused when nothing may go', async () => {
    const { clock, redis, limiter } = trial({ maxQueued: 9 });
    expect(await going(limiter, 10, clock)).toBe(10);
    const waiting = Promise.all([limiter.outcome(() => 1), limiter.outcome(() => 1)]);
    await clock.advance(10);
    redis.mode = 'is-cut';
    const outcomes = await clock.runUntil(waiting);
    const errors = outcomes.map((outcome) => !outcome.ok && isRateLimiterAwayError(outcome.error));
    expect(errors).toEqual([false, true]);
    expect(limiter.queued).toBe(0);
  });

  test('a call that weighs more than the share is refused', async () => {
    const { clock, redis, limiter } = trial({
      whenAway: localShare({ processes: 5 }),
      maxQueued: 5,
    });
    redis.mode = 'is-cut';
    await going(limiter, 1, clock);
    await clock.advance(10_000);
    expect(await limiter.tryAcquire({ weight: 3 })).toMatchObject({ allowed: false });
    expect(await limiter.tryAcquire({ weight: 2 })).toMatchObject({ allowed: true });
  });

  test('events tell when it went and when it came back', async () => {
    const { clock, redis, limiter, told } = trial();
    await going(limiter, 1, clock);
    redis.mode = 'fails';
    await going(limiter, 1, clock);
    await clock.advance(94);
    redis.mode = 'answers';
    await clock.advance(1_000);
    expect(told).toEqual([
      ['away', 4, 'LOADING Redis is loading the dataset in memory'],
      ['back', 156, 152],
    ]);
    expect(await going(limiter, 1, clock)).toBe(1);
  });
});

describe('a Redis that does not answer', () => {
  test('is away after `timeoutMs`, and calls are decided then', async () => {
    const { clock, redis, limiter, told } = trial({ timeoutMs: 100 });
    redis.mode = 'hangs';
    const call = limiter.outcome(() => 1);
    await clock.advance(99);
    expect(limiter.isAway).toBe(false);
    await clock.advance(1);
    expect(told).toEqual([['away', 100, 'Redis has not answered within 100 ms.']]);
    expect(await call).toMatchObject({ ok: false, error: { code: 'RATE_LIMITER_AWAY' } });
  });

  test('gets one command at a time, however long it takes', async () => {
    const { clock, redis, limiter } = trial();
    redis.mode = 'hangs';
    for (let i = 0; i < 200; i++) {
      await going(limiter, 10, clock);
      await clock.advance(100);
    }
    // The question, and one look.
    expect(redis.commands).toHaveLength(2);
  });

  test('gets no command while the client has no connection', async () => {
    const { clock, redis, limiter, told } = trial();
    await going(limiter, 1, clock);
    const sent = redis.commands.length;
    redis.isReady = false;
    for (let i = 0; i < 50; i++) {
      await going(limiter, 10, clock);
      await clock.advance(100);
    }
    expect(redis.commands).toHaveLength(sent);
    redis.isReady = true;
    await clock.advance(1_100);
    expect(told.map((each) => (each as unknown[])[0])).toEqual(['away', 'back']);
    expect(await going(limiter, 1, clock)).toBe(1);
  });

  test('may be connecting at first: the first calls wait for it', async () => {
    const { clock, redis, limiter } = trial();
    redis.isReady = false;
    expect(await going(limiter, 1, clock)).toBe(1);
    expect(limiter.isAway).toBe(false);
  });

  test('is looked for on the node of the key that failed', async () => {
    const slotOf = (key: string): string | undefined =>
      /\{(?<tag>[^}]+)\}/u.exec(key)?.groups?.['tag'];
    for (const keys of [undefined, perKey()]) {
      const sent: string[] = [];
      const client = async (_: readonly string[], key: string): Promise<never> => {
        sent.push(key);
        throw new Error('CLUSTERDOWN The cluster is down');
      };
      const { clock, limiter } = trial({ client, keys });
      void limiter.tryAcquire(keys === undefined ? {} : { key: 'a' });
      await clock.advance(60);
      const [failed = '', looked = ''] = sent;
      expect(looked).not.toBe(failed);
      expect(slotOf(looked)).toBe(slotOf(failed));
      expect(slotOf(looked)).toBe(keys === undefined ? 'rate-limiter' : 'a');
    }
  });

  test('is looked for less and less often, but at least every `probeMs`', async () => {
    const { clock, redis, limiter } = trial({ probeMs: 400 });
    redis.mode = 'fails';
    await going(limiter, 1, clock);
    const at: number[] = [];
    for (let i = 0, seen = redis.runs; i < 2_000; i++) {
      await clock.advance(1);
      if (redis.runs > seen) at.push(clock.now());
      seen = redis.runs;
    }
    const gaps = at.map((ms, i) => ms - (at[i - 1] ?? 1));
    expect(gaps.slice(0, 6)).toEqual([50, 100, 200, 400, 400, 400]);
  });

  test('gets back what it grants too late', async () => {
    const clock = virtualClock();
    let latencyMs = 200;
    const redis = new FakeRedis(clock, { latencyMs: () => latencyMs });
    const limiter = redisRateLimiter({
      client: redis,
      algorithm: tenPerSecond,
      clock,
      timeoutMs: 300,
      prefix: '',
      name: 'x',
    });
    const outcome = await clock.runUntil(limiter.outcome(() => 1));
    expect(outcome.ok).toBe(false);
    await clock.advance(600);
    expect(redis.limits.get('{x}')?.granted).toBe(1);
    latencyMs = 1;
    await clock.advance(2_000);
    expect(limiter.isAway).toBe(false);
    expect(redis.limits.get('{x}')?.granted).toBe(0);
  });

  test('does not hang anybody who gives up', async () => {
    const { clock, redis, limiter } = trial();
    redis.mode = 'hangs';
    const caller = new AbortController();
    const call = limiter.outcome(() => 1, { signal: caller.signal });
    await clock.advance(10);
    caller.abort('enough');
    expect(await call).toEqual({ ok: false, error: 'enough' });
    await clock.advance(1_000);
    expect(limiter.isAway).toBe(true);
    const late = limiter.outcome(() => 1, { deadline: clock.now() + 10 });
    await clock.advance(10);
    expect(await late).toMatchObject({ ok: false, error: { code: 'RATE_LIMITER_AWAY' } });
  });

  test('does not keep a call until after its deadline', async () => {
    const { clock, redis, limiter } = trial();
    redis.mode = 'hangs';
    const late = limiter.outcome(() => 1, { deadline: 20 });
    await clock.advance(20);
    expect(await late).toMatchObject({ ok: false, error: { reason: 'deadline' } });
  });

  test('leaves no timer that would keep the process alive', async () => {
    const { clock, redis, limiter } = trial();
    await going(limiter, 1, clock);
    redis.mode = 'hangs';
    await going(limiter, 1, clock);
    await clock.advance(5_000);
    await clock.runUntilIdle();
    expect(clock.now()).toBeLessThan(5_100);
  });

  test('is looked for no more once the limiter is disposed of', async () => {
    const { clock, redis, limiter } = trial();
    redis.mode = 'fails';
    await going(limiter, 1, clock);
    expect(clock.pending).toBeGreaterThan(0);
    await limiter[Symbol.asyncDispose]();
    await clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  test('that answers nonsense is away', async () => {
    const { clock, limiter, told } = trial({ client: async () => 'OK' });
    expect(await going(limiter, 1, clock)).toBe(0);
    expect(told).toEqual([['away', 0, expect.stringContaining('none to this script')]]);
  });
});
