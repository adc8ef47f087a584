import { timeout } from '@holdfast/timeout';
import { policyContract } from '@holdfast/testing';
import type { MakePolicy } from '@holdfast/testing';
import { compose, definePolicy, noop, type Policy } from '@holdfast/policy';
import { describe, test } from 'vitest';

const plain = (): Policy => definePolicy('plain', (next) => next());
const timed = (): Policy =>
  definePolicy('timed', async (next) => {
    try {
      return await next();
    } finally {
      await Promise.resolve();
    }
  });

const subjects: Readonly<Record<string, MakePolicy>> = {
  noop: () => noop,
  'an empty pipeline': () => compose(),
  'a defined policy': plain,
  'a defined policy that waits': timed,
  'two defined policies': () => compose(plain(), timed()),
  'a timeout outside a defined policy': ({ clock }) => compose(timeout({ clock }), plain()),
  'a timeout inside a defined policy': ({ clock }) => compose(timed(), timeout({ clock })),
  'timeouts on both sides of a defined policy': ({ clock }) =>
    compose(timeout({ afterMs: 2_000, clock }), plain(), timeout({ afterMs: 1_000, clock })),
  'timeouts by function': ({ clock }) =>
    compose(timeout({ afterMs: () => 2_000, clock }), timeout({ afterMs: () => undefined, clock })),
  'cooperative inside aggressive': ({ clock }) =>
    compose(
      timeout({ afterMs: 2_000, clock }),
      timeout({ afterMs: 1_000, mode: 'cooperative', clock }),
    ),
};

for (const [subject, make] of Object.entries(subjects)) {
  describe(`the contract of ${subject}`, () => {
    for (const { name, run } of policyContract(make)) test(name, run);
  });
}
