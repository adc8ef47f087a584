import { type Clock, contextKey } from '@holdfast/policy';
import {
  byPriority,
  gcra,
  isRateLimitedError,
  perKey,
  rateLimiter,
  type RateLimiterOptions,
  slidingWindow,
  tokenBucket,
} from '@holdfast/rate-limiter';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.useRealTimers();
});

const onePerSecond = gcra({ limit: 1, windowMs: 1_000 });

function limiterWith(options: Partial<RateLimiterOptions>): {
  clock: VirtualClock;
  limiter: ReturnType<typeof rateLimiter>;
} {
  const clock = virtualClock();
  return { clock, limiter: rateLimiter({ algorithm: onePerSecond, clock, ...options }) };
}

describe('a limiter without a line', () => {
  test('refuses what is too much, and says when there is room', async () => {
    const { clock, limiter } = limiterWith({});
    await limiter.execute(() => 1);
    await clock.advance(250);

    const outcome = await limiter.outcome(() => 2);

    const error = outcome.ok ? undefined : outcome.error;
    expect(isRateLimitedError(error) && error).toMatchObject({
      code: 'RATE_LIMITED',
      reason: 'limit',
      retryAfterMs: 750,
      limit: 1,
      remaining: 0,
      policy: 'rate-limiter',
    });
  });

  test('lets as many go at once as the burst allows, then evenly spaced', async () => {
    const algorithm = gcra({ limit: 10, windowMs: 1_000, burst: 3 });
    const { clock, limiter } = limiterWith({ algorithm });
    const allowed = (): boolean => limiter.tryAcquire().allowed;

    expect([allowed(), allowed(), allowed(), allowed()]).toEqual([true, true, true, false]);
    await clock.advance(100);
    expect([allowed(), allowed()]).toEqual([true, false]);
  });

  test('gives tokens as a gateway does', async () => {
    const algorithm = tokenBucket({ replenishRate: 2, burstCapacity: 4 });
    const { clock, limiter } = limiterWith({ algorithm });

    expect(limiter.tryAcquire({ weight: 4 }).allowed).toBe(true);
    expect(limiter.tryAcquire()).toMatchObject({ allowed: false, retryAfterMs: 500 });
    await clock.advance(1_000);
    expect(limiter.tryAcquire({ weight: 2 })).toMatchObject({ allowed: true, remaining: 0 });
  });

  test('has no burst at the border of two windows', async () => {
    const { clock, limiter } = limiterWith({
      algorithm: slidingWindow({ limit: 2, windowMs: 1_000 }),
    });
    await clock.advance(990);
    expect(limiter.tryAcquire({ weight: 2 }).allowed).toBe(true);
    await clock.advance(20);

    expect(limiter.tryAcquire()).toMatchObject({ allowed: false, retryAfterMs: 980 });
  });

  test('is not confused by a clock that goes back', () => {
    let now = 10_000;
    const clock = { now: () => now, setTimeout: () => ({ cancel() {}, ref() {}, unref() {} }) };
    const limiter = rateLimiter({ algorithm: onePerSecond, clock });
    expect(limiter.tryAcquire().allowed).toBe(true);
    now = 5_000;

    expect(limiter.tryAcquire()).toMatchObject({ allowed: false, retryAfterMs: 6_000 });
  });
});

describe('a limiter with a line', () => {
  test('lets calls wait for their turn, in the order in which they came', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 10 });
    const started: [number, number][] = [];
    const calls = [1, 2, 3].map((n) => limiter.execute(() => started.push([n, clock.now()])));
    const begin = clock.now();

    await clock.advance(2_000);
    await Promise.all(calls);

    expect(started).toEqual([
      [1, begin],
      [2, begin + 1_000],
      [3, begin + 2_000],
    ]);
  });

  test('refuses a call at once when the line is full or the wait too long', async () => {
    const { limiter } = limiterWith({ maxQueued: 2, maxWaitMs: 1_500 });
    limiter.tryAcquire();
    void limiter.execute(() => 1);

    const tooLong = await limiter.outcome(() => 2);

    expect(tooLong).toMatchObject({ ok: false, error: { reason: 'wait', retryAfterMs: 2_000 } });
    const { limiter: narrow } = limiterWith({ maxQueued: 1 });
    narrow.tryAcquire();
    void narrow.execute(() => 1);
    expect(await narrow.outcome(() => 2)).toMatchObject({ ok: false, error: { reason: 'full' } });
  });

  test('refuses a call at once whose turn would come after its deadline', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 2 });
    limiter.tryAcquire();

    const outcome = await limiter.outcome(() => 1, { deadline: clock.now() + 999 });

    expect(outcome).toMatchObject({ ok: false, error: { reason: 'deadline' } });
    expect(limiter.queued).toBe(0);
  });

  test('an abort frees the place at once and takes no token', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 1 });
    limiter.tryAcquire();
    const controller = new AbortController();
    const aborted = limiter.execute(() => 1, { signal: controller.signal });
    await clock.flush();
    const reason = new Error('enough');
    controller.abort(reason);

    await expect(aborted).rejects.toBe(reason);
    expect(limiter.queued).toBe(0);
    const then = clock.now();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(then);
    const next = limiter.execute(() => clock.now());
    await clock.advance(1_000);
    await expect(next).resolves.toBe(clock.now());
  });

  test('an abort between the turn and the start gives the token back', async () => {
    const algorithm = slidingWindow({ limit: 1, windowMs: 1_000 });
    const { clock, limiter } = limiterWith({ algorithm, maxQueued: 2 });
    const reserved = limiter.reserve();
    const controller = new AbortController();
    const first = limiter.outcome(() => 'first', { signal: controller.signal });
    const second = limiter.execute(() => 'second');
    await clock.flush();

    // The first call has its turn, but the engine has not got to it.
    reserved?.cancel();
    controller.abort('late');

    expect(await first).toEqual({ ok: false, error: 'late' });
    await expect(second).resolves.toBe('second');
    expect(limiter.queued).toBe(0);
  });

  test('a newcomer never goes before those who wait', async () => {
    const { clock, limiter } = limiterWith({
      algorithm: slidingWindow({ limit: 3, windowMs: 1_000 }),
      maxQueued: 10,
      weight: (context) => context.get(heavy) ?? 1,
    });
    limiter.tryAcquire({ weight: 2 });
    const order: string[] = [];
    const call = (name: string, units: number): Promise<number> =>
      limiter.execute(() => order.push(name), { properties: [heavy(units)] });

    const calls = [call('heavy', 3), call('light', 1)];
    await clock.advance(2_000);
    await Promise.all(calls);

    expect(order).toEqual(['heavy', 'light']);
  });

  test('lets the urgent go first, and nobody starve', async () => {
    const { clock, limiter } = limiterWith({
      maxQueued: 100,
      queue: byPriority({ priority: (context) => context.get(urgency) }),
    });
    limiter.tryAcquire();
    const order: string[] = [];
    const call = (name: string, level: number): void => {
      void limiter.execute(() => order.push(name), { properties: [urgency(level)] });
    };
    call('patient', 4);
    call('urgent', 0);

    for (let i = 0; i < 6; i++) {
      await clock.advance(1_000);
      call(`new ${i}`, 1);
    }

    expect(order[0]).toBe('urgent');
    expect(order.indexOf('patient')).toBeGreaterThan(0);
    expect(order.indexOf('patient')).toBeLessThan(5);
  });

  test('does not keep the process alive, or a timer, when nobody waits', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 5, maxWaitMs: 10_000 });
    const calls = [1, 2, 3].map(() => limiter.execute(() => 1));

    await clock.advance(2_000);
    await Promise.all(calls);

    expect(limiter.queued).toBe(0);
    const then = clock.now();
    await clock.runUntilIdle();
    expect(clock.now()).toBe(then);
  });
});

describe('a call that waits', () => {
  test('tells of the end of its wait, whatever that is', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 5, maxWaitMs: 2_500 });
    const events: unknown[] = [];
    limiter.on('queued', ({ waitMs, queued }) => events.push(['queued', waitMs, queued]));
    limiter.on('dequeued', ({ waitedMs }) => events.push(['dequeued', waitedMs]));
    limiter.on('abandoned', ({ waitedMs }) => events.push(['abandoned', waitedMs]));
    limiter.tryAcquire();
    const controller = new AbortController();
    void limiter.execute(() => 1);
    const gone = limiter.outcome(() => 2, { signal: controller.signal });
    await clock.advance(1_000);
    controller.abort();
    await gone;

    expect(events).toEqual([
      ['queued', 1_000, 1],
      ['queued', 2_000, 2],
      ['dequeued', 1_000],
      ['abandoned', 1_000],
    ]);
  });

  test('is refused when its time is over, since others went before it', async () => {
    const { clock, limiter } = limiterWith({
      maxQueued: 5,
      maxWaitMs: 1_500,
      queue: byPriority({ priority: (context) => context.get(urgency), ageAfterMs: Infinity }),
    });
    const refused: unknown[] = [];
    limiter.on('refused', ({ reason, weight }) => refused.push([reason, weight]));
    limiter.tryAcquire();
    const last = limiter.outcome(() => 'last', { properties: [urgency(7)] });
    const first = limiter.execute(() => 'first', { properties: [urgency(0)] });
    await clock.advance(1_500);

    await expect(first).resolves.toBe('first');
    expect(await last).toMatchObject({ ok: false, error: { reason: 'wait', retryAfterMs: 500 } });
    expect(refused).toEqual([['wait', 1]]);
    expect(limiter.queued).toBe(0);
  });

  test('lets those behind it go as soon as it is refused', async () => {
    const { clock, limiter } = limiterWith({
      algorithm: tokenBucket({ replenishRate: 10, burstCapacity: 10 }),
      maxQueued: 5,
      maxWaitMs: 800,
      weight: (context) => context.get(heavy) ?? 1,
      queue: byPriority({ priority: (context) => context.get(urgency) }),
    });
    limiter.tryAcquire({ weight: 7 });
    const whole = limiter.outcome(() => 1, { properties: [heavy(10), urgency(7)] });
    await clock.advance(100);
    const light = limiter.execute(() => clock.now(), { properties: [urgency(7)] });
    await clock.advance(500);
    await limiter.execute(() => 1, { properties: [heavy(5), urgency(0)] });
    await clock.advance(1_000);

    expect(await whole).toMatchObject({ ok: false, error: { reason: 'wait' } });
    expect(await light).toBe(800);
  });

  test('goes when fake timers say so, although they do not govern the clock', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const limiter = rateLimiter({
      algorithm: gcra({ limit: 1, windowMs: 3_600_000 }),
      maxQueued: 5,
    });
    limiter.tryAcquire();
    const call = limiter.execute(() => 'done');
    await vi.advanceTimersByTimeAsync(3_600_001);

    await expect(call).resolves.toBe('done');
  });

  test('goes on where the clock is so far that the rounding of its times is coarse', async () => {
    const clock = virtualClock({ startMs: 1.7e12 });
    const algorithm = gcra({ limit: 30, windowMs: 1_000.000_007, burst: 3 });
    const limiter = rateLimiter({ algorithm, maxQueued: 100, clock });
    const calls = Array.from({ length: 90 }, () => limiter.execute(() => clock.now()));
    await clock.advance(3_000);

    expect((await Promise.all(calls)).at(-1)).toBeCloseTo(1.7e12 + 2_900, 0);
  });

  test('may still go at the very end of its time', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 1, maxWaitMs: 1_000 });
    limiter.tryAcquire();
    const call = limiter.execute(() => clock.now());
    await clock.advance(1_000);

    await expect(call).resolves.toBe(1_000);
  });

  test('does not begin after its deadline, and gives back what it had taken', async () => {
    let now = 0;
    const due: (() => void)[] = [];
    const clock: Clock = {
      now: () => now,
      setTimeout: (callback) => {
        due.push(callback);
        return { cancel() {}, ref() {}, unref() {} };
      },
    };
    const limiter = rateLimiter({ algorithm: onePerSecond, maxQueued: 2, clock });
    limiter.tryAcquire();
    const late = limiter.outcome(() => 'late', { deadline: 1_500 });
    // The event loop was busy for long: the timer of the turn fires when the deadline is over, too.
    now = 1_600;
    for (const fire of due.splice(0)) fire();

    expect(await late).toMatchObject({ ok: false, error: { reason: 'deadline' } });
    expect(limiter.tryAcquire().allowed).toBe(true);
    expect(limiter.queued).toBe(0);
  });

  test('is not left behind by fake timers that have gone', async () => {
    vi.useFakeTimers();
    const limiter = rateLimiter({
      algorithm: slidingWindow({ limit: 1, windowMs: 30 }),
      maxQueued: 5,
    });
    limiter.tryAcquire();
    void limiter.execute(() => 'fake');
    vi.useRealTimers();
    const next = limiter.execute(() => 'real');

    await expect(next).resolves.toBe('real');
  });

  test('a newcomer costs no timer while the time passes, either', () => {
    let now = 0;
    const cancel = vi.fn();
    const arm = vi.fn(() => ({ cancel, ref() {}, unref() {} }));
    const clock: Clock = { now: () => (now += 0.1), setTimeout: arm };
    const algorithm = gcra({ limit: 3, windowMs: 100_000 });
    const limiter = rateLimiter({ algorithm, maxQueued: Infinity, clock });
    for (let i = 0; i < 1_000; i++) void limiter.execute(() => i);

    expect(arm).toHaveBeenCalledOnce();
  });

  test('a newcomer costs no timer as long as it is not the next to go', async () => {
    const clock = virtualClock();
    const arm = vi.spyOn(clock, 'setTimeout');
    const limiter = rateLimiter({ algorithm: onePerSecond, maxQueued: Infinity, clock });
    for (let i = 0; i < 1_000; i++) void limiter.execute(() => i);

    expect(arm).toHaveBeenCalledOnce();
    await clock.runUntilIdle();
    expect(limiter.queued).toBe(0);
  });
});

const heavy = contextKey<number>('heavy');
const urgency = contextKey<number>('urgency');
const tenant = contextKey<string>('tenant');

describe('a limiter with keys', () => {
  const as = (name: string): { properties: ReturnType<typeof tenant>[] } => ({
    properties: [tenant(name)],
  });

  test('gives each key its own limit, and tells the key', async () => {
    const { limiter } = limiterWith({ keys: perKey({ key: (context) => context.get(tenant) }) });
    const keys: unknown[] = [];
    limiter.on('refused', ({ key }) => keys.push(key));

    await limiter.execute(() => 1, as('a'));
    await limiter.execute(() => 1, as('b'));
    const outcome = await limiter.outcome(() => 1, as('a'));

    expect(outcome).toMatchObject({ ok: false, error: { key: 'a' } });
    expect(keys).toEqual(['a']);
  });

  test('remembers a bounded number of keys, and rather those that count', async () => {
    const { clock, limiter } = limiterWith({ keys: perKey({ maxKeys: 3 }) });
    limiter.tryAcquire({ key: 'idle' });
    await clock.advance(2_000);
    for (const key of ['a', 'b', 'c', 'd']) limiter.tryAcquire({ key });

    expect(limiter.size).toBe(3);
    expect(limiter.tryAcquire({ key: 'd' }).allowed).toBe(false);
    expect(limiter.tryAcquire({ key: 'c' }).allowed).toBe(false);
  });

  test('forgets a key with all of its limit left before one that counts', async () => {
    const { clock, limiter } = limiterWith({
      algorithm: tokenBucket({ replenishRate: 1, burstCapacity: 5 }),
      keys: perKey({ maxKeys: 2 }),
    });
    limiter.tryAcquire({ key: 'busy', weight: 5 });
    limiter.tryAcquire({ key: 'calm' });
    await clock.advance(1_000);
    limiter.tryAcquire({ key: 'new' });

    expect(limiter.forget('calm')).toBe(false);
    expect(limiter.tryAcquire({ key: 'busy', weight: 2 }).allowed).toBe(false);
  });

  test('a look does not remember a key, nor push out another', () => {
    const { limiter } = limiterWith({ keys: perKey({ maxKeys: 1 }) });
    limiter.tryAcquire({ key: 'a' });

    expect(limiter.peek({ key: 'b' })).toMatchObject({ allowed: true, remaining: 1 });
    expect(limiter.peek({ key: 'a' })).toMatchObject({ allowed: false, retryAfterMs: 1_000 });
    expect(limiter.size).toBe(1);
  });

  test('has no more keys than it may once nobody waits for them', async () => {
    const { clock, limiter } = limiterWith({
      keys: perKey({ key: (context) => context.get(tenant), maxKeys: 2 }),
      maxQueued: 1,
    });
    for (const name of ['a', 'b', 'c', 'd']) {
      void limiter.execute(() => 1, as(name));
      void limiter.execute(() => 1, as(name));
    }
    expect(limiter.size).toBe(4);
    await clock.advance(2_000);
    limiter.tryAcquire({ key: 'e' });

    expect(limiter.size).toBe(2);
  });

  test('forgets a key by hand, which begins anew', () => {
    const { limiter } = limiterWith({ keys: perKey() });
    limiter.tryAcquire({ key: 'a' });

    expect(limiter.forget('a')).toBe(true);
    expect(limiter.forget('a')).toBe(false);
    expect(limiter.tryAcquire({ key: 'a' }).allowed).toBe(true);
  });

  test('calls without a key have one limit together', async () => {
    const { limiter } = limiterWith({ keys: perKey({ key: () => undefined }) });
    await limiter.execute(() => 1);

    expect(limiter.tryAcquire().allowed).toBe(false);
    expect(limiter.tryAcquire({ key: 'a' }).allowed).toBe(true);
  });

  test('does not forget a key for which calls wait', async () => {
    const { clock, limiter } = limiterWith({
      keys: perKey({ key: (context) => context.get(tenant), maxKeys: 1 }),
      maxQueued: 1,
    });
    await limiter.execute(() => 1, as('a'));
    const waiting = limiter.execute(() => 'served', as('a'));
    limiter.tryAcquire({ key: 'b' });

    expect(limiter.forget('a')).toBe(false);
    await clock.advance(1_000);
    await expect(waiting).resolves.toBe('served');
  });
});

describe('what a user gives', () => {
  const mistake = new Error('mistake');
  const wrong = (): never => {
    throw mistake;
  };

  test.each([
    ['key', { keys: perKey({ key: wrong }) }],
    ['weight', { weight: wrong }],
    ['priority', { maxQueued: 1, queue: byPriority({ priority: wrong }) }],
  ])('an error in %s rejects the call with that very error', async (name, options) => {
    const { limiter } = limiterWith(options);
    if (name === 'priority') limiter.tryAcquire();

    await expect(limiter.execute(() => 1)).rejects.toBe(mistake);
    expect(limiter.queued).toBe(0);
  });

  test.each([
    ['key', { keys: perKey({ key: () => 5 as never }) }],
    ['weight', { weight: () => '2' as never }],
    ['priority', { maxQueued: 1, queue: byPriority({ priority: () => 8 }) }],
  ])('nonsense from %s rejects the call', async (name, options) => {
    const { limiter } = limiterWith(options);
    if (name === 'priority') limiter.tryAcquire();

    await expect(limiter.execute(() => 1)).rejects.toThrow(new RegExp(`\`${name}\``, 'u'));
  });

  test('a call that weighs more than may ever go at once is a mistake', async () => {
    const { limiter } = limiterWith({ weight: () => 2 });

    await expect(limiter.execute(() => 1)).rejects.toThrow(
      new RangeError(
        'Expected `weight` to be an integer from 1 to 1, which is what may go at one moment, got 2.',
      ),
    );
    expect(() => limiter.tryAcquire({ weight: 0 })).toThrow(RangeError);
    expect(() => limiter.peek({ key: 'a' })).toThrow(/`key`/u);
    expect(() => limiter.tryAcquire({ key: 'a' })).toThrow(TypeError);
  });

  test.each([
    [{}, 'algorithm'],
    [{ algorithm: onePerSecond, maxQueued: -1 }, 'maxQueued'],
    [{ algorithm: onePerSecond, maxWaitMs: Number.NaN }, 'maxWaitMs'],
    [{ algorithm: onePerSecond, keys: {} }, 'keys'],
    [{ algorithm: onePerSecond, queue: { order: 'priority' } }, 'queue'],
    [{ algorithm: onePerSecond, weight: 2 }, 'weight'],
    [{ algorithm: onePerSecond, adaptive: {} }, 'adaptive'],
    [{ algorithm: onePerSecond, burst: 1 }, 'burst'],
  ])('names the option that cannot be used: %j', (options, name) => {
    expect(() => rateLimiter(options as never)).toThrow(new RegExp(`\`${name}\``, 'u'));
  });

  test.each([
    [() => perKey({ maxKeys: 0 }), 'maxKeys'],
    [() => perKey({ key: 'x' as never }), 'key'],
    [() => byPriority({ priority: () => 1, ageAfterMs: 0 }), 'ageAfterMs'],
    [() => byPriority({} as never), 'priority'],
  ])('names the option of a part that cannot be used: %s', (make, name) => {
    expect(make).toThrow(new RegExp(`\`${name}\``, 'u'));
  });

  test.each([
    () => gcra({ limit: 0, windowMs: 1 }),
    () => gcra({ limit: 1, windowMs: 0 }),
    () => gcra({ limit: 1, windowMs: 1, burst: 1.5 }),
    () => tokenBucket({ replenishRate: 0 }),
    () => tokenBucket({ replenishRate: Number.POSITIVE_INFINITY }),
    () => tokenBucket({ replenishRate: 1, burstCapacity: -1 }),
    () => slidingWindow({ limit: Number.NaN, windowMs: 1 }),
  ])('refuses limits that are none: %s', (make) => {
    expect(make).toThrow(RangeError);
  });
});

describe('a reservation', () => {
  test('says when, and gives back what it does not need', async () => {
    const { clock, limiter } = limiterWith({});
    expect(limiter.reserve()?.delayMs).toBe(0);
    const second = limiter.reserve();
    expect(second?.delayMs).toBe(1_000);
    expect(limiter.reserve({ maxDelayMs: 1_500 })).toBeUndefined();

    second?.cancel();
    second?.cancel();

    expect(limiter.reserve()?.delayMs).toBe(1_000);
    await clock.advance(3_000);
    expect(limiter.reserve()?.delayMs).toBe(0);
  });

  test('keeps its time when an earlier one is cancelled', () => {
    const { limiter } = limiterWith({});
    limiter.reserve();
    const second = limiter.reserve();
    expect(limiter.reserve()?.delayMs).toBe(2_000);

    second?.cancel();

    expect(limiter.reserve()?.delayMs).toBe(3_000);
  });

  test('a cancelled one lets those go who wait', async () => {
    const { clock, limiter } = limiterWith({ maxQueued: 1 });
    limiter.reserve();
    const reserved = limiter.reserve();
    const waiting = limiter.execute(() => clock.now());
    const begin = clock.now();
    reserved?.cancel();

    await clock.advance(1_000);

    await expect(waiting).resolves.toBe(begin + 1_000);
  });
});
