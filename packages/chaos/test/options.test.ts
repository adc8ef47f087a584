import {
  blastRadius,
  behavior,
  chaos,
  type ChaosOptions,
  fault,
  hang,
  abort,
  latency,
  oneOf,
  rate,
  tamper,
} from '@holdfast/chaos';
import { systemClock } from '@holdfast/policy';
import { describe, expect, test } from 'vitest';

const options: ChaosOptions = { inject: fault(), when: rate(0.5) };
const wrong: readonly (readonly [name: string, value: unknown, kind: typeof TypeError])[] = [
  ['inject', [], TypeError],
  ['inject', undefined, TypeError],
  ['inject', [fault(), 5], TypeError],
  ['inject', fault, TypeError],
  ['when', undefined, TypeError],
  ['when', [], TypeError],
  ['when', 0.5, TypeError],
  ['when', [rate(1), null], TypeError],
  ['blastRadius', { maxTotal: 1 }, TypeError],
  ['seed', '7', TypeError],
  ['seed', 0.5, RangeError],
  ['random', 5, TypeError],
  ['enabled', 1, TypeError],
  ['allowProduction', 'yes', TypeError],
  ['name', 5, TypeError],
  ['clock', {}, TypeError],
];

describe('an option that cannot be used', () => {
  test.each(wrong)('is named: %s', (name, value, kind) => {
    const make = (): unknown => chaos({ ...options, [name]: value });
    expect(make).toThrow(kind);
    expect(make).toThrow(`\`${name}\``);
  });

  test('is rejected, if it is unknown', () => {
    expect(() => chaos({ ...options, probability: 1 } as never)).toThrow('Unknown option');
    expect(() => hang({ forMs: 1 } as never)).toThrow('Unknown option');
    expect(() => abort({ delayMs: 1 } as never)).toThrow('Unknown option');
    expect(() => latency({ ms: 1 } as never)).toThrow('Unknown option');
    expect(() => blastRadius({ max: 1 } as never)).toThrow('Unknown option');
    expect(() => chaos(undefined as never)).toThrow(TypeError);
  });

  test('is named in an injection as well', () => {
    expect(() => latency({ delayMs: -1 })).toThrow('`delayMs`');
    expect(() => latency({ delayMs: '5' as never })).toThrow('`delayMs`');
    expect(() => latency({ minMs: 5, maxMs: 4 })).toThrow('`maxMs`');
    expect(() => latency({ minMs: 5 } as never)).toThrow('`maxMs`');
    expect(() => latency({} as never)).toThrow('`minMs`');
    expect(() => latency({ delayMs: 5, minMs: 5 } as never)).toThrow('either `delayMs`');
    expect(() => hang({ maxMs: 0 })).toThrow('`maxMs`');
    expect(() => abort({ afterMs: -1 })).toThrow('`afterMs`');
    expect(() => tamper(5 as never)).toThrow('`change`');
    expect(() => behavior(5 as never)).toThrow('`act`');
    expect(() => oneOf([])).toThrow('`choices`');
    expect(() => oneOf([5 as never])).toThrow('`choices[0]`');
    expect(() => oneOf([fault(), { weight: 0, inject: fault() }])).toThrow('`choices[1].weight`');
    expect(() => oneOf([{ weight: -1, inject: fault() }])).toThrow('`choices[0].weight`');
    expect(() => oneOf([{ weight: 1, inject: [] }])).toThrow('`choices[0].inject`');
  });

  test('is named in a blast radius', () => {
    expect(() => blastRadius({})).toThrow('at least one of');
    expect(() => blastRadius({ windowMs: 5 })).toThrow('at least one of');
    expect(() => blastRadius({ maxConcurrent: 0 })).toThrow('`maxConcurrent`');
    expect(() => blastRadius({ maxPerWindow: 0.5 })).toThrow('`maxPerWindow`');
    expect(() => blastRadius({ maxShare: 1.5 })).toThrow('`maxShare`');
    expect(() => blastRadius({ maxTotal: -1 })).toThrow('`maxTotal`');
    expect(() => blastRadius({ maxTotal: 1, windowMs: 0 })).toThrow('`windowMs`');
  });

  test('seed and random exclude one another', () => {
    expect(() => chaos({ ...options, seed: 1, random: Math.random })).toThrow('only one of');
  });
});

test('undefined is as good as leaving an option out', () => {
  const policy = chaos({
    ...options,
    blastRadius: undefined,
    seed: undefined,
    random: undefined,
    enabled: undefined,
    allowProduction: undefined,
    name: undefined,
    clock: undefined,
  });
  expect([policy.name, policy.isEnabled]).toEqual(['chaos', true]);
});

test('describe() tells what a policy does', () => {
  const policy = chaos({
    inject: [latency({ delayMs: 5 }), oneOf([fault(), [abort(), hang()]])],
    when: [() => true, rate(0.5)],
    blastRadius: blastRadius({ maxConcurrent: 2, maxPerWindow: 5 }),
    seed: 5,
    name: 'trouble',
    clock: systemClock,
  });
  expect(policy.describe()).toEqual({
    name: 'trouble',
    layers: [
      {
        kind: 'chaos',
        name: 'trouble',
        options: {
          inject: ['latency', 'one of fault, abort + hang'],
          when: 'predicate and rate',
          enabled: true,
          seed: 5,
          blastRadius: { maxConcurrent: 2, maxPerWindow: 5, windowMs: 60_000 },
        },
      },
    ],
  });
});
