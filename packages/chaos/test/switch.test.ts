import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  abort,
  after,
  behavior,
  blastRadius,
  type Chaos,
  chaos,
  chaosSwitch,
  fault,
  hang,
  type Injections,
  latency,
  rate,
  result,
  type SparedEvent,
} from '@holdfast/chaos';
import { type VirtualClock, virtualClock } from '@holdfast/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { lasting } from './work.ts';

afterEach(() => {
  chaosSwitch.on();
});

const always = (): boolean => true;

/** Two ways to switch off: all policies, or this one. */
const ways = {
  'the switch of all': (_policy: { disable(): void }) => chaosSwitch.off(),
  'its own switch': (policy: { disable(): void }) => policy.disable(),
};

function make(clock: VirtualClock, inject: Injections): Chaos & { spared: SparedEvent[] } {
  const policy = chaos({ inject, when: always, clock }) as Chaos;
  const spared: SparedEvent[] = [];
  policy.on('spared', (event) => spared.push(event));
  return Object.assign(policy, { spared });
}

describe.each(Object.entries(ways))('a policy switched off by %s', (_, off) => {
  test('strikes no call, asks nobody, and counts nothing', async () => {
    const when = vi.fn(() => true);
    const policy = chaos({ inject: fault(), when });
    off(policy);
    expect(await policy.execute(() => 'fine')).toBe('fine');
    expect(when).not.toHaveBeenCalled();
    chaosSwitch.on();
    policy.enable();
    expect((await policy.outcome(() => 1)).ok).toBe(false);
    expect(policy.injected).toBe(1);
  });

  test.each([
    ['a latency', latency({ delayMs: 1_000 })],
    ['a hang', hang()],
    ['an endless hang', hang({ maxMs: Infinity })],
    ['a behavior', behavior(() => new Promise(() => undefined))],
    ['a latency before a fault', [latency({ delayMs: 1_000 }), fault()]],
    ['an abort with a latency', [abort({ afterMs: 500 }), latency({ delayMs: 1_000 })]],
    ['a latency after the operation', after([latency({ delayMs: 1_000 }), fault()])],
  ] as const)('lets a call in %s go on at once, and nothing more comes', async (_name, inject) => {
    const clock = virtualClock();
    const policy = make(clock, inject);
    const call = policy.outcome(({ signal }) => [signal.aborted, clock.now()]);
    await clock.advance(100);
    const startedAt = 'place' in inject && inject.place === 'after' ? 0 : 100;
    off(policy);
    expect(policy.spared).toMatchObject([{ call: 1, attempt: 1, reason: 'switched-off' }]);
    await clock.flush();
    expect([policy.active, clock.pending]).toEqual([0, 0]);
    expect(await call).toEqual({ ok: true, value: [false, startedAt] });
  });

  test('does not abort any more, nor come after an operation that runs', async () => {
    const clock = virtualClock();
    const policy = make(clock, [abort({ afterMs: 50 }), after(fault())]);
    const call = policy.outcome(lasting(clock, 100, 'done'));
    await clock.advance(40);
    off(policy);
    expect([policy.active, clock.pending, policy.spared.length]).toEqual([0, 1, 1]);
    expect(await clock.runUntil(call)).toEqual({ ok: true, value: 'done' });
  });

  test('switched off by one of its own functions, leaves out the rest', async () => {
    const clock = virtualClock();
    const policy = make(clock, [behavior(() => off(policy)), latency({ delayMs: 50 }), fault()]);
    expect(await policy.execute(() => 'fine')).toBe('fine');
    expect([policy.active, clock.now(), policy.spared.length]).toEqual([0, 0, 1]);
  });

  test('switched off by a listener, leaves out all', async () => {
    const clock = virtualClock();
    const policy = make(clock, [latency({ delayMs: 50 }), fault()]);
    policy.on('injected', () => off(policy));
    expect(await policy.execute(() => 'fine')).toBe('fine');
    expect([policy.active, clock.now()]).toEqual([0, 0]);
  });
});

describe('the switch', () => {
  test('is shared with another copy of the package', async () => {
    vi.resetModules();
    const copy = await import('@holdfast/chaos');
    expect(copy.chaosSwitch).not.toBe(chaosSwitch);
    const clock = virtualClock();
    const mine = chaos({ inject: hang(), when: always, clock }).execute(() => 1);
    const others = copy.chaos({ inject: copy.hang(), when: always, clock }).execute(() => 2);
    copy.chaosSwitch.off();
    expect(await Promise.all([mine, others])).toEqual([1, 2]);
    expect(chaosSwitch.isOn).toBe(false);
    chaosSwitch.on();
    expect(copy.chaosSwitch.isOn).toBe(true);
  });

  test('does not enable a policy that is disabled itself', async () => {
    const policy = chaos({ inject: fault(), when: always, enabled: false });
    expect(policy.isEnabled).toBe(false);
    chaosSwitch.on();
    expect(await policy.execute(() => 1)).toBe(1);
    policy.enable();
    expect(policy.isEnabled).toBe(true);
    expect((await policy.outcome(() => 1)).ok).toBe(false);
  });

  test('keeps no policy alive that has nothing under way', async () => {
    const clock = virtualClock();
    const policy = chaos({ inject: latency({ delayMs: 10 }), when: always, clock });
    const state = Reflect.get(globalThis, Symbol.for('holdfast.chaos.switch.1')) as {
      disturbers: Set<unknown>;
    };
    const calls = [policy.execute(() => 1), policy.execute(() => 2)];
    expect(state.disturbers.size).toBe(1);
    await clock.runUntil(Promise.all(calls));
    expect(state.disturbers.size).toBe(0);
  });

  test('reaches a call that is under way after others have ended', async () => {
    const clock = virtualClock();
    let delayMs = 10;
    const inject = latency({ delayMs: () => delayMs++ * 10 });
    const policy = chaos({ inject, when: always, clock });
    const calls = [policy.execute(() => 1), policy.execute(() => 2)];
    await clock.runUntil(calls[0] as Promise<number>);
    chaosSwitch.off();
    await clock.flush();
    expect([await calls[1], clock.now()]).toEqual([2, 100]);
  });

  test('comes before an answer that is ready at the same moment', async () => {
    const clock = virtualClock();
    const work = Promise.withResolvers<string>();
    const policy = chaos({ inject: result(() => work.promise), when: always, clock });
    const call = policy.execute(() => 'own');
    chaosSwitch.off();
    work.resolve('late');
    expect(await call).toBe('own');
  });

  test('gives the places of the blast radius back', async () => {
    const clock = virtualClock();
    const radius = blastRadius({ maxConcurrent: 2 });
    const policy = chaos({ inject: hang(), when: rate(1), blastRadius: radius, clock });
    const calls = [policy.execute(() => 1), policy.execute(() => 2), policy.execute(() => 3)];
    expect([radius.active, radius.total, policy.active]).toEqual([2, 2, 2]);
    chaosSwitch.off();
    await Promise.all(calls);
    expect([radius.active, radius.total]).toEqual([0, 2]);
  });

  test.each([
    ['off', false],
    ['OFF', false],
    ['0', false],
    ['false', false],
    ['on', true],
    ['', true],
    [undefined, true],
  ])('is, with HOLDFAST_CHAOS=%s, on at first: %s', (value, expected) => {
    const flags = [
      '--conditions=@holdfast/source',
      '--input-type=module-typescript',
      '--no-warnings',
    ];
    const program = `
      import { chaosSwitch } from '@holdfast/chaos';
      console.log(chaosSwitch.isOn);
    `;
    const output = execFileSync(process.execPath, [...flags, '--eval', program], {
      cwd: fileURLToPath(new URL('../../../', import.meta.url)),
      env: { ...process.env, HOLDFAST_CHAOS: value },
      encoding: 'utf8',
    });
    expect(output.trim()).toBe(String(expected));
  });
});
