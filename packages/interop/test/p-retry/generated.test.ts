import * as ours from '@holdfast/interop/p-retry';
import fc from 'fast-check';
import * as theirs from 'p-retry';
import { expect, test } from 'vitest';
import { play, type Scenario, type Step } from './scenario.ts';

const afterMs = fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined });
const aborts = fc.oneof(
  { weight: 20, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);

function steps(does: readonly Step['does'][]): fc.Arbitrary<readonly Step[]> {
  const step = fc.record({ does: fc.constantFrom(...does), afterMs, aborts });
  return fc.array(step, { maxLength: 7 });
}

function sometimes(does: readonly Step['does'][]): fc.Arbitrary<readonly Step[] | undefined> {
  return fc.option(steps(does), { nil: undefined });
}

const attempts = steps([
  ...Array.from({ length: 12 }, () => 'error' as const),
  'network-error',
  'network-error',
  'value',
  'type-error',
  'stop',
  'stop-with-error',
  'nested-stop',
]);

const options = fc.record(
  {
    retries: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(Infinity, undefined)),
    factor: fc.constantFrom(0, 0.5, 1, 1.5, 2, 1e200),
    minTimeout: fc.constantFrom(0, 0.2, 1, 10, 25, 1_000),
    maxTimeout: fc.constantFrom(0, 0.5, 15, 40.2, Infinity),
    maxRetryTime: fc.constantFrom(0, 1, 50, 100, 300, Infinity),
    randomize: fc.boolean(),
    unref: fc.boolean(),
  },
  { requiredKeys: [] },
);

const mostly = (does: Step['does']): readonly Step['does'][] =>
  Array.from({ length: 8 }, () => does);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  attempts,
  options,
  onFailedAttempt: sometimes([...mostly('nothing'), 'yes', 'throw', 'throw-stop']),
  shouldRetry: sometimes([...mostly('yes'), 'no', 'nothing', 'throw', 'throw-stop']),
  shouldConsumeRetry: sometimes([...mostly('yes'), 'no', 'no', 'nothing', 'throw', 'throw-stop']),
  abortAtMs: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined, freq: 4 }),
});

test('does what p-retry does, at the same time, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      expect(await play(ours, scenario)).toEqual(await play(theirs, scenario));
    }),
    { numRuns: 500, seed: 20_261_130 },
  );
});
