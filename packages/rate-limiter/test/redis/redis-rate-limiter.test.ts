import { contextKey } from '@holdfast/policy';
import {
  byPriority,
  gcra,
  isRateLimitedError,
  perKey,
  rateLimitHeaders,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import {
  prefetch,
  type RedisRateLimiter,
  redisRateLimiter,
  type RedisRateLimiterOptions,
} from '@holdfast/rate-limiter/redis';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';
import { FakeRedis, type FakeRedisOptions } from './fake-redis.ts';

const tenPerSecond = tokenBucket({ replenishRate: 10, burstCapacity: 10 });

interface Trial {
  readonly clock: VirtualClock;
  readonly redis: FakeRedis;
  readonly make: (options?: Partial<RedisRateLimiterOptions>) => RedisRateLimiter;
}

function trial(fake: FakeRedisOptions = {}): Trial {
  const clock = virtualClock();
  const redis = new FakeRedis(clock, fake);
  const make = (options: Partial<RedisRateLimiterOptions> = {}): RedisRateLimiter =>
    redisRateLimiter({ client: redis, algorithm: tenPerSecond, clock, ...options });
  return { clock, redis, make };
}

/** Makes that many calls at once; returns when each of them began. */
function calls(limiter: RedisRateLimiter, count: number, clock: VirtualClock): number[] {
  const began: number[] = [];
  for (let i = 0; i < count; i++) void limiter.outcome(() => began.push(clock.now()));
  return began;
}

describe('a limit in Redis', () => {
  test('lets as many go as it has room for, and refuses the others with what they want to know', async () => {
    const { make } = trial();
    const limiter = make();
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => limiter.outcome(() => 1)));
    expect(outcomes.map(({ ok }) => ok)).toEqual([...Array(10).fill(true), false, false]);
    const [last] = outcomes.slice(-1);
    const error = last?.ok === false ? last.error : undefined;
    expect(isRateLimitedError(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      reason: 'limit',
      limit: 10,
      windowMs: 1_000,
      remaining: 0,
      retryAfterMs: 100,
      resetAfterMs: 1_000,
    });
  });

  test('is one for all limiters with its name', async () => {
    const { make, clock } = trial();
    const [one, other, third] = [make(), make(), make({ name: 'third' })];
    const began = [calls(one, 7, clock), calls(other, 7, clock), calls(third, 7, clock)];
    await clock.flush();
    expect(began.map(({ length }) => length)).toEqual([7, 3, 7]);
  });

  test('decides about all who ask in one turn with one question', async () => {
    const { make, redis, clock } = trial({ latencyMs: 1 });
    const limiter = make({ share: 'none' });
    await clock.runUntil(limiter.peek());
    const { runs } = redis;
    const began = calls(limiter, 10, clock);
    void Promise.resolve().then(() => calls(limiter, 1, clock));
    await clock.advance(2);
    expect(began).toHaveLength(10);
    expect(redis.runs - runs).toBe(1);
  });

  test('sends the script again when Redis has forgotten it', async () => {
    const { make, redis, clock } = trial();
    const limiter = make({ share: 'none' });
    expect(await limiter.execute(() => 1)).toBe(1);
    redis.flushScripts();
    expect(await limiter.execute(() => 2)).toBe(2);
    expect(redis.commands.map(([name]) => name)).toEqual(['EVALSHA', 'EVAL', 'EVALSHA', 'EVAL']);
    await clock.flush();
    expect(limiter.isAway).toBe(false);
  });

  test('names its keys by prefix, name and key, with braces, and by the kind of limit', async () => {
    const { make, redis } = trial();
    await make({ name: 'mail', prefix: 'shop/', keys: perKey() }).tryAcquire({ key: 'acme' });
    await make().tryAcquire();
    await make({ algorithm: slidingWindow({ limit: 1, windowMs: 100 }) }).tryAcquire();
    expect([...redis.limits.keys()]).toEqual([
      'shop/mail:{acme}',
      'holdfast:{rate-limiter}',
      'holdfast:{rate-limiter}:window',
    ]);
  });

  test('counts what a call weighs', async () => {
    const { make } = trial();
    const rows = contextKey<number>('rows');
    const limiter = make({ weight: (context) => context.get(rows) ?? 1 });
    const call = (weight: number): Promise<{ ok: boolean }> =>
      limiter.outcome(() => 1, { properties: [rows(weight)] });
    const outcomes = await Promise.all([call(8), call(3), call(2)]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
    await expect(limiter.execute(() => 1, { properties: [rows(11)] })).rejects.toThrow(RangeError);
  });

  test('has a limit of its own for each key', async () => {
    const { make } = trial();
    const limiter = make({ keys: perKey() });
    const asked = ['a', 'b'].flatMap((key) => Array.from({ length: 11 }, () => ({ key })));
    const decisions = await Promise.all(asked.map((each) => limiter.tryAcquire(each)));
    expect(decisions.filter(({ allowed }) => !allowed)).toHaveLength(2);
    expect(limiter.size).toBe(2);
    expect((await limiter.peek({ key: 'c' })).remaining).toBe(10);
    expect(limiter.size).toBe(2);
  });

  test('answers by hand with all that headers need', async () => {
    const { make } = trial();
    const limiter = make();
    const decision = await limiter.tryAcquire({ weight: 10 });
    expect(decision).toEqual({
      allowed: true,
      limit: 10,
      windowMs: 1_000,
      remaining: 0,
      retryAfterMs: 0,
      resetAfterMs: 1_000,
    });
    const refused = await limiter.tryAcquire();
    expect(rateLimitHeaders(refused)).toMatchObject({ 'Retry-After': '1' });
    expect(await limiter.peek()).toEqual({ ...refused, allowed: false });
  });

  test('remembers for how long there is no room, and does not ask meanwhile', async () => {
    const { make, redis, clock } = trial();
    const limiter = make();
    await limiter.tryAcquire({ weight: 10 });
    await limiter.tryAcquire();
    const { runs } = redis;
    for (let i = 0; i < 50; i++) expect((await limiter.tryAcquire()).allowed).toBe(false);
    expect(redis.runs).toBe(runs);
    await clock.advance(101);
    expect((await limiter.tryAcquire()).allowed).toBe(true);
  });

  test('refuses calls by what it remembers, and tells of it', async () => {
    const { make, redis, clock } = trial();
    const limiter = make({ share: 'none', keys: perKey({ key: () => 'a' }), weight: () => 2 });
    const told: unknown[] = [];
    limiter.on('refused', ({ key, reason, weight, retryAfterMs }) =>
      told.push([key, reason, weight, retryAfterMs]),
    );
    await limiter.tryAcquire({ key: 'a', weight: 10 });
    await limiter.outcome(() => 1);
    const { runs } = redis;
    await clock.advance(50);
    const outcome = await limiter.outcome(() => 1);
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'RATE_LIMITED', reason: 'limit', key: 'a', retryAfterMs: 150 },
    });
    await limiter.tryAcquire({ key: 'a', weight: 2 });
    expect(told).toEqual([
      ['a', 'limit', 2, 200],
      ['a', 'limit', 2, 150],
      ['a', 'limit', 2, 150],
    ]);
    expect(redis.runs).toBe(runs);
    expect((await limiter.tryAcquire({ key: 'a' })).allowed).toBe(false);
    expect(redis.runs).toBe(runs + 1);
  });

  test('looks again within a second, since somebody may have deleted the key', async () => {
    const { make, redis, clock } = trial();
    const limiter = make({ algorithm: slidingWindow({ limit: 1, windowMs: 3_600_000 }) });
    await limiter.tryAcquire();
    expect((await limiter.tryAcquire()).retryAfterMs).toBeGreaterThan(3_599_000);
    redis.limits.clear();
    await clock.advance(1_000);
    expect((await limiter.tryAcquire()).allowed).toBe(true);
  });
});

describe('waiting', () => {
  test('lets calls go one after the other as there is room', async () => {
    const { make, clock } = trial();
    const began = calls(make({ maxQueued: 10 }), 13, clock);
    await clock.advance(1_000);
    expect(began.slice(9).map(Math.round)).toEqual([0, 100, 200, 300]);
  });

  test('lets a whole window go at once', async () => {
    const { make, clock } = trial();
    const algorithm = slidingWindow({ limit: 3, windowMs: 1_000 });
    const began = calls(make({ algorithm, maxQueued: 10, share: 'none' }), 7, clock);
    await clock.advance(3_000);
    const seconds = began.map((ms) => Math.floor(ms / 1_000));
    expect(seconds).toEqual([0, 0, 0, 1, 1, 1, 2]);
  });

  test('refuses who finds the line full, or would wait for too long, or until too late', async () => {
    const { make, clock } = trial();
    const limiter = make({ maxQueued: 2, maxWaitMs: 150 });
    calls(limiter, 10, clock);
    const reasons: unknown[] = [];
    limiter.on('refused', ({ reason }) => reasons.push(reason));
    await clock.flush();
    void limiter.outcome(() => 1, { deadline: clock.now() + 50 });
    await clock.flush();
    calls(limiter, 2, clock);
    await clock.flush();
    expect(limiter.queued).toBe(1);
    expect(reasons).toEqual(['deadline', 'wait']);
    const patient = make({ maxQueued: 1 });
    patient.on('refused', ({ reason }) => reasons.push(reason));
    calls(patient, 2, clock);
    await clock.flush();
    expect(reasons.slice(2)).toEqual(['full']);
    await clock.advance(1_000);
  });

  test('lets calls go by priority', async () => {
    const { make, clock } = trial();
    const urgency = contextKey<number>('urgency');
    const queue = byPriority({ priority: (context) => context.get(urgency) });
    const limiter = make({ maxQueued: 10, queue });
    await limiter.tryAcquire({ weight: 10 });
    const order: number[] = [];
    for (const rank of [7, 3, 0]) {
      void limiter.execute(() => order.push(rank), { properties: [urgency(rank)] });
      await clock.flush();
    }
    await clock.advance(1_000);
    expect(order).toEqual([0, 3, 7]);
  });

  test('a caller that gives up takes nothing, whatever it waits for', async () => {
    const { make, redis, clock } = trial({ latencyMs: 5 });
    const limiter = make({ maxQueued: 5, share: 'none' });
    const caller = new AbortController();
    const began: number[] = [];
    const asking = limiter.outcome(() => began.push(1), { signal: caller.signal });
    await clock.advance(2);
    caller.abort('enough');
    expect(await asking).toEqual({ ok: false, error: 'enough' });
    await clock.advance(200);
    expect(began).toEqual([]);
    const { remaining } = await clock.runUntil(limiter.peek());
    expect(remaining).toBe(10);
    expect([...redis.limits.values()].map(({ granted }) => granted)).toEqual([0]);
  });

  test('what was reserved for one who gave up goes to the next', async () => {
    const { make, clock } = trial();
    const limiter = make({ maxQueued: 5 });
    await limiter.tryAcquire({ weight: 10 });
    const caller = new AbortController();
    const first = limiter.outcome(() => 1, { signal: caller.signal });
    const began = calls(limiter, 1, clock);
    await clock.advance(50);
    expect(limiter.queued).toBe(2);
    caller.abort();
    await first;
    expect(limiter.queued).toBe(1);
    await clock.advance(60);
    expect(began.map(Math.round)).toEqual([100]);
  });

  test('tells who waits, and for how long', async () => {
    const { make, clock } = trial();
    const limiter = make({ maxQueued: 5 });
    const told: unknown[] = [];
    limiter.on('queued', ({ event, queued, waitMs }) =>
      told.push([event, queued, Math.round(waitMs)]),
    );
    limiter.on('dequeued', ({ event, waitedMs }) => told.push([event, Math.round(waitedMs)]));
    limiter.on('abandoned', ({ event }) => told.push([event]));
    await limiter.tryAcquire({ weight: 10 });
    calls(limiter, 2, clock);
    const caller = new AbortController();
    const third = limiter.outcome(() => 1, { signal: caller.signal });
    await clock.advance(150);
    caller.abort();
    await third;
    await clock.advance(100);
    expect(told).toEqual([
      ['queued', 1, 100],
      ['queued', 2, 200],
      ['queued', 3, 300],
      ['dequeued', 100],
      ['abandoned'],
      ['dequeued', 200],
    ]);
  });
});

describe('what is taken ahead', () => {
  const thousand = tokenBucket({ replenishRate: 1_000, burstCapacity: 1_000 });

  /** Calls at a steady rate; returns how many began without waiting for anything. */
  async function steadily(
    limiter: RedisRateLimiter,
    { clock, perMs, ms }: { clock: VirtualClock; perMs: number; ms: number },
  ): Promise<number> {
    let atOnce = 0;
    for (let passed = 0; passed < ms; passed++) {
      for (let i = 0; i < perMs; i++) {
        let ran = false;
        void limiter.outcome(() => {
          ran = true;
        });
        if (ran) atOnce++;
      }
      await clock.advance(1);
    }
    return atOnce;
  }

  test('lets most calls go at once, with few questions', async () => {
    const { make, redis, clock } = trial({ latencyMs: 1 });
    const limiter = make({ algorithm: thousand });
    const atOnce = await steadily(limiter, { clock, perMs: 1, ms: 500 });
    expect(atOnce).toBeGreaterThan(450);
    expect(redis.runs).toBeLessThan(40);
  });

  test('is nothing with `none`: there are questions as long as there are calls', async () => {
    const { make, redis, clock } = trial();
    const limiter = make({ algorithm: thousand, share: 'none' });
    expect(await steadily(limiter, { clock, perMs: 1, ms: 100 })).toBe(0);
    expect(redis.runs).toBe(100);
  });

  test('is nothing for who calls rarely, and where the limit is small', async () => {
    const { make, redis, clock } = trial();
    const rare = make({ algorithm: thousand });
    for (let i = 0; i < 10; i++) {
      await rare.execute(() => 1);
      await clock.advance(100);
    }
    expect(redis.runs).toBe(10);
    const small = make({
      algorithm: gcra({ limit: 1_000, windowMs: 1_000, burst: 5 }),
      name: 'small',
    });
    expect(await steadily(small, { clock, perMs: 1, ms: 50 })).toBe(0);
  });

  test('goes back when it has been kept for too long', async () => {
    const { make, redis, clock } = trial({ latencyMs: 1 });
    const limiter = make({ algorithm: thousand });
    await steadily(limiter, { clock, perMs: 1, ms: 300 });
    const [limit] = redis.limits.values();
    expect(limit?.granted).toBeGreaterThan(300);
    await clock.advance(500);
    expect(limit?.granted).toBe(300);
  });

  test('goes back at once by `giveBack`, and nothing keeps running', async () => {
    const { make, redis, clock } = trial();
    const limiter = make({ algorithm: thousand });
    await steadily(limiter, { clock, perMs: 1, ms: 300 });
    await limiter.giveBack();
    await clock.flush();
    const [limit] = redis.limits.values();
    expect(limit?.granted).toBe(300);
    await clock.runUntilIdle();
  });

  test('is never more than its part of the limit', async () => {
    const { make, redis, clock } = trial({ latencyMs: 1 });
    const limiter = make({ algorithm: thousand, share: prefetch({ maxRatio: 0.02 }) });
    let most = 0;
    let begun = 0;
    for (let i = 0; i < 300; i++) {
      for (let j = 0; j < 2; j++) void limiter.outcome(() => begun++);
      await clock.advance(1);
      const [limit] = redis.limits.values();
      most = Math.max(most, (limit?.granted ?? 0) - begun);
    }
    // Beside what is in hand there is what was asked for and is on its way to calls that wait for it.
    expect(most).toBeLessThanOrEqual(20 + 8);
  });

  test('takes nothing while answers take too long for it to be kept', async () => {
    const { make, redis, clock } = trial({ latencyMs: 40 });
    const limiter = make({ algorithm: thousand });
    await steadily(limiter, { clock, perMs: 1, ms: 1_000 });
    await clock.advance(200);
    const [limit] = redis.limits.values();
    expect(limit?.granted).toBe(1_000);
  });
});
