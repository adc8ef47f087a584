import * as ours from '@holdfast/interop/p-limit';
import fc from 'fast-check';
import * as theirs from 'p-limit';
import { expect, test } from 'vitest';
import { type Action, play, type Scenario, type Task } from './scenario.ts';

const tasks: fc.Arbitrary<readonly Task[]> = fc.array(
  fc.record({
    ends: fc.constantFrom('value', 'value', 'value', 'error'),
    afterMs: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom('sync', 'reaction')),
    inside: fc.constantFrom(...Array.from({ length: 8 }, () => undefined), 'call', 'clear'),
  }),
  { maxLength: 6 },
);

const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ does: fc.constant('call'), tasks }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('map'), tasks, breaks: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant({ does: 'clear' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('resize'),
        to: fc.constantFrom(1, 2, 3, 7, Infinity),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant('wait'), ms: fc.integer({ min: 0, max: 20 }) }),
    },
  ),
  { maxLength: 12 },
);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  concurrency: fc.constantFrom(1, 1, 2, 3, Infinity),
  rejectOnClear: fc.boolean(),
  actions,
});

test('does what p-limit does, at the same time and in the same order, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      expect(await play(ours, scenario)).toEqual(await play(theirs, scenario));
    }),
    { numRuns: 500, seed: 20_261_130 },
  );
});
