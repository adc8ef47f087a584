import { policyContract } from '@holdfast/testing';
import { compose, noop } from '@holdfast/policy';
import { timeout, type TimeoutOptions } from '@holdfast/timeout';
import { describe, test } from 'vitest';

const variants: Readonly<Record<string, TimeoutOptions>> = {
  'on its defaults': {},
  'of a constant duration': { afterMs: 1_000 },
  'by a function': { afterMs: () => 1_000 },
  'without a limit': { afterMs: () => undefined },
  cooperative: { afterMs: 1_000, mode: 'cooperative' },
  'of thirty days': { afterMs: 30 * 24 * 3_600_000 },
};

for (const [variant, options] of Object.entries(variants)) {
  describe(`the contract of a timeout ${variant}`, () => {
    for (const { name, run } of policyContract(({ clock }) => timeout({ ...options, clock }))) {
      test(name, run);
    }
  });
}
describe('the contract of a timeout in a pipeline', () => {
  for (const { name, run } of policyContract(({ clock }) =>
    compose(noop, timeout({ clock }), noop),
  )) {
    test(name, run);
  }
});
