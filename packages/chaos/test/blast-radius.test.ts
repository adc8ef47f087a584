import {
  after,
  blastRadius,
  type BlastRadiusOptions,
  chaos,
  everyNth,
  fault,
  latency,
  type SparedEvent,
} from '@holdfast/chaos';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lasting } from './work.ts';

const runs = { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 300) };
const always = (): boolean => true;

describe('a blast radius', () => {
  test('spares calls while enough of them are under way', async () => {
    const clock = virtualClock();
    const radius = blastRadius({ maxConcurrent: 2 });
    const inject = [latency({ delayMs: 100 }), fault()];
    const policy = chaos({ inject, when: always, blastRadius: radius, clock });
    const spared: SparedEvent[] = [];
    policy.on('spared', (event) => spared.push(event));
    const calls = [1, 2, 3].map((each) => policy.outcome(() => each));
    expect(await calls[2]).toEqual({ ok: true, value: 3 });
    expect(spared).toMatchObject([
      { reason: 'concurrent', call: 3, attempt: 1, injections: ['latency', 'fault'] },
    ]);
    await clock.runUntil(Promise.all(calls));
    expect((await clock.runUntil(policy.outcome(() => 4))).ok).toBe(false);
    expect([radius.active, radius.total, policy.injected]).toEqual([0, 3, 3]);
  });

  test('counts a call until its injections are over, also those after its operation', async () => {
    const clock = virtualClock();
    const radius = blastRadius({ maxConcurrent: 1 });
    const inject = after(latency({ delayMs: 100 }));
    const policy = chaos({ inject, when: always, blastRadius: radius, clock });
    const call = policy.execute(lasting(clock, 50, 1));
    await clock.advance(149);
    expect(radius.active).toBe(1);
    await clock.advance(1);
    expect([await call, radius.active]).toEqual([1, 0]);
  });

  test('ends after so many calls', async () => {
    const radius = blastRadius({ maxTotal: 2 });
    const policy = chaos({ inject: fault(), when: everyNth(2), blastRadius: radius });
    const oks: boolean[] = [];
    for (let i = 0; i < 8; i++) oks.push((await policy.outcome(() => 1)).ok);
    expect(oks).toEqual([true, false, true, false, true, true, true, true]);
  });

  test('allows a burst of ten at most of what a share has saved', async () => {
    let strikes = false;
    const radius = blastRadius({ maxShare: 0.1 });
    const policy = chaos({ inject: fault(), when: () => strikes, blastRadius: radius });
    for (let i = 0; i < 1_000; i++) await policy.execute(() => 1);
    strikes = true;
    for (let i = 0; i < 100; i++) await policy.outcome(() => 1);
    // 10 were saved, with the first of the 100 calls, and the 99 others allow 9.9 more.
    expect(radius.total).toBe(19);
  });

  test('allows the very call that completes a share', async () => {
    const radius = blastRadius({ maxShare: 0.1 });
    const policy = chaos({ inject: fault(), when: always, blastRadius: radius });
    for (let i = 0; i < 9; i++) await policy.execute(() => 1);
    expect((await policy.outcome(() => 1)).ok).toBe(false);
  });

  test('bounds all the policies that share it', async () => {
    const radius = blastRadius({ maxTotal: 3 });
    const policies = [1, 2].map(() =>
      chaos({ inject: fault(), when: always, blastRadius: radius }),
    );
    for (let i = 0; i < 5; i++) {
      for (const policy of policies) await policy.outcome(() => 1);
    }
    expect(policies.map(({ injected }) => injected)).toEqual([2, 1]);
  });

  test('forgets what is out of the window to the millisecond', async () => {
    const clock = virtualClock();
    const radius = blastRadius({ maxPerWindow: 2, windowMs: 100 });
    const policy = chaos({ inject: fault(), when: always, blastRadius: radius, clock });
    const isStruck = async (): Promise<boolean> => !(await policy.outcome(() => 1)).ok;
    expect(await isStruck()).toBe(true);
    await clock.advance(60);
    expect([await isStruck(), await isStruck()]).toEqual([true, false]);
    await clock.advance(39);
    expect(await isStruck()).toBe(false);
    await clock.advance(1);
    expect([await isStruck(), await isStruck()]).toEqual([true, false]);
  });
});

interface Arrival {
  /** After the one before it. */
  readonly afterMs: number;
  readonly delayMs: number;
  /** When its caller gives up. */
  readonly abortMs: number | undefined;
}

const arrivals: fc.Arbitrary<readonly Arrival[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 0, 1, 5, 30),
    delayMs: fc.constantFrom(0, 1, 20, 100),
    abortMs: fc.option(fc.constantFrom(0, 10, 50), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 80 },
);

const limits: fc.Arbitrary<BlastRadiusOptions> = fc
  .record(
    {
      maxConcurrent: fc.integer({ min: 1, max: 5 }),
      maxPerWindow: fc.integer({ min: 1, max: 6 }),
      windowMs: fc.constantFrom(1, 10, 50, 200),
      maxShare: fc.constantFrom(0.1, 0.25, 0.5, 1),
      maxTotal: fc.integer({ min: 1, max: 30 }),
    },
    { requiredKeys: [] },
  )
  .filter((some) => Object.keys(some).some((name) => name !== 'windowMs'));

interface Told {
  readonly call: number;
  readonly at: number;
  readonly struck: boolean;
}

/** Whether striking `call` now would exceed a limit: told in the plainest way. */
function isAllowed(
  options: BlastRadiusOptions,
  before: readonly Told[],
  now: Omit<Told, 'struck'> & { active: number },
): boolean {
  const { maxConcurrent, maxPerWindow, windowMs = 60_000, maxShare, maxTotal } = options;
  const struck = before.filter((each) => each.struck);
  if (maxTotal !== undefined && struck.length >= maxTotal) return false;
  if (maxConcurrent !== undefined && now.active >= maxConcurrent) return false;
  const recent = struck.filter(({ at }) => now.at - at < windowMs);
  if (maxPerWindow !== undefined && recent.length >= maxPerWindow) return false;
  if (maxShare === undefined) return true;
  let saved = 0;
  for (let call = 1; call <= now.call; call++) {
    saved = Math.min(10, saved + maxShare);
    if (struck.some((each) => each.call === call)) saved--;
  }
  return saved >= 1 - 1e-9;
}

async function check(options: BlastRadiusOptions, plan: readonly Arrival[]): Promise<void> {
  const clock: VirtualClock = virtualClock();
  const radius = blastRadius(options);
  const policy = chaos({
    inject: latency({ delayMs: () => (plan[number - 1] as Arrival).delayMs }),
    when: always,
    blastRadius: radius,
    clock,
  });
  let number = 0;
  const told: Told[] = [];
  let active = 0;
  const hear = (struck: boolean) => (event: { readonly call: number }) => {
    const now = { call: event.call, at: clock.now(), active };
    expect(struck).toBe(isAllowed(options, told, now));
    told.push({ ...now, struck });
    if (struck) active++;
  };
  policy.on('injected', hear(true));
  policy.on('spared', hear(false));
  const calls: Promise<unknown>[] = [];
  for (const { afterMs, abortMs } of plan) {
    await clock.advance(afterMs);
    number++;
    active = radius.active;
    const caller = new AbortController();
    if (abortMs !== undefined) clock.setTimeout(() => caller.abort('enough'), abortMs);
    calls.push(policy.outcome(() => 1, { signal: caller.signal }));
    expect(radius.active).toBe(active);
    expect(radius.active).toBe(policy.active);
    expect(radius.active).toBeLessThanOrEqual(options.maxConcurrent ?? Infinity);
  }
  await clock.runUntilIdle();
  await Promise.all(calls);
  expect(told.length).toBe(plan.length);
  expect([radius.active, policy.active]).toEqual([0, 0]);
  const struck = told.filter((each) => each.struck);
  expect(radius.total).toBe(struck.length);
  for (const from of struck) {
    const { windowMs = 60_000, maxPerWindow = Infinity, maxShare = 1 } = options;
    const inWindow = struck.filter(({ at }) => at >= from.at && at < from.at + windowMs);
    expect(inWindow.length).toBeLessThanOrEqual(maxPerWindow);
    const sofar = struck.filter(({ call }) => call <= from.call).length;
    expect(sofar).toBeLessThanOrEqual(maxShare * from.call + 1e-6);
  }
}

test('no limit is ever exceeded, and no call spared without need', async () => {
  await fc.assert(fc.asyncProperty(limits, arrivals, check), runs);
});
