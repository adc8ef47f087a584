import {
  abort,
  after,
  behavior,
  blastRadius,
  chaos,
  type ChaosOptions,
  fault,
  hang,
  latency,
  oneOf,
  rate,
  result,
  tamper,
} from '@holdfast/chaos';
import { compose, noop } from '@holdfast/policy';
import { policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const everything = [
  latency({ minMs: 10, maxMs: 20 }),
  abort(),
  behavior(() => undefined),
  tamper((value: unknown) => [value]),
  after(latency({ delayMs: 10 })),
  oneOf([fault(), result(1), hang()]),
] as const;

const variants: Readonly<Record<string, ChaosOptions>> = {
  'that strikes no call': { inject: everything, when: rate(0) },
  'that is disabled': { inject: everything, when: rate(1), enabled: false },
  'whose predicate says no': { inject: fault(), when: () => false },
  'that may strike no call': {
    inject: everything,
    when: [() => true, rate(1)],
    blastRadius: blastRadius({ maxShare: 0.000_001 }),
  },
  'that only looks': { inject: behavior(() => undefined), when: rate(1) },
  'that only looks at the outcome': {
    inject: [after(behavior(() => undefined)), tamper((value: unknown) => value)],
    when: rate(1),
    blastRadius: blastRadius({ maxConcurrent: 1_000_000 }),
  },
  'that may abort much later': { inject: abort({ afterMs: 90_000_000 }), when: rate(1) },
};

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a chaos ${variant}`, () => {
    for (const { name, run } of policyContract(({ clock, random }) =>
      chaos({ ...options, clock, random }),
    )) {
      test(name, run);
    }
  });
}

const waits: Readonly<Record<string, ChaosOptions['inject']>> = {
  'a latency': latency({ delayMs: 1_000 }),
  'two latencies': [latency({ delayMs: 400 }), latency({ minMs: 600, maxMs: 600 })],
  'a latency after the operation': after(latency({ delayMs: 1_000 })),
  'latencies and an abort that comes too late': [
    abort({ afterMs: 5_000 }),
    latency({ delayMs: 500 }),
    after(latency({ delayMs: 500 })),
  ],
  'a hang': hang({ maxMs: 1_000 }),
  'a hang after the operation': after(hang({ maxMs: 1_000 })),
  'an async behavior': behavior(() => new Promise(() => undefined)),
};

for (const [wait, inject] of Object.entries(waits)) {
  for (const outer of [noop, undefined]) {
    describe(`the contract of a call in ${wait}${outer === undefined ? ' inside a timeout' : ''}`, () => {
      for (const { name, run } of policyContract(
        ({ clock }) => chaos({ inject, when: rate(0), clock }),
        {
          waiting: ({ clock }) => {
            const policy = chaos({ inject, when: rate(1), clock });
            return {
              policy: compose(outer ?? timeout({ clock }), policy),
              release: async () => {
                if (!wait.includes('hang')) await clock.advance(1_000);
                policy.disable();
              },
            };
          },
        },
      )) {
        test(name, run);
      }
    });
  }
}

describe('the contract of the events of a chaos', () => {
  for (const { name, run } of policyContract(
    ({ clock }) => compose(timeout({ clock }), chaos({ inject: hang(), when: rate(0), clock })),
    {
      events: {
        injected: ({ clock }) => {
          const policy = chaos({ inject: fault('boom'), when: rate(1), clock });
          return { policy, provoke: () => policy.outcome(() => 1) };
        },
        spared: ({ clock }) => {
          const radius = blastRadius({ maxTotal: 1 });
          const policy = chaos({
            inject: fault('boom'),
            when: rate(1),
            blastRadius: radius,
            clock,
          });
          void policy.outcome(() => 1);
          return { policy, provoke: () => policy.outcome(() => 1) };
        },
      },
    },
  )) {
    test(name, run);
  }
});
