import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Weights } from '../../src/queues/weights.ts';

test('the heaviest of some weights is told up to a factor of 2, and exactly while it comes alone', () => {
  const weight = fc.oneof(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc.integer({ min: 0, max: 52 }).map((power) => 2 ** power),
    fc.integer({ min: 2, max: 53 }).map((power) => 2 ** power - 1),
  );
  const steps = fc.array(fc.oneof(weight, fc.constant('remove' as const)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.nat(), (all, seed) => {
      const weights = new Weights();
      const present: number[] = [];
      for (const [i, step] of all.entries()) {
        if (step !== 'remove') {
          weights.add(step);
          present.push(step);
        } else if (present.length > 0) {
          weights.remove(present.splice((seed + i) % present.length, 1)[0] as number);
        }
        const heaviest = Math.max(1, ...present);
        expect(weights.heaviest).toBeGreaterThanOrEqual(heaviest);
        expect(weights.heaviest).toBeLessThan(2 * heaviest + (present.length === 0 ? 0 : 1));
        if (present.length <= 1 && step !== 'remove') expect(weights.heaviest).toBe(heaviest);
      }
    }),
    { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 200) },
  );
});
