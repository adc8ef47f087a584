import { readFileSync } from 'node:fs';
import type { CircuitBreaker } from '@holdfast/circuit-breaker';
import { isConfigInvalidError, type Policies, policiesFrom } from '@holdfast/config';
import { virtualClock } from '@holdfast/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { config, stateful } from './arbitrary-config.ts';
import { validatorOf } from './schema-validator.ts';

const schema = JSON.parse(readFileSync('packages/config/schema.json', 'utf8')) as Record<
  string,
  unknown
>;
const isValid = validatorOf(schema);

/** Chaos draws its own seed, and tells it. */
function descriptions(policies: Policies): unknown {
  return policies.names.map((name) =>
    policies
      .get(name)
      .current.describe()
      .layers.map(({ kind, name: own, options: { seed: _seed, ...options } }) => ({
        kind,
        own,
        options,
      })),
  );
}

test('what the JSON Schema lets pass is built, and what is built passes it', () => {
  fc.assert(
    fc.property(config, (data) => {
      expect(isValid(data)).toBe(true);
      expect(policiesFrom(data).names).toEqual(['a', 'b']);
    }),
  );
});

test('what has one option too many is refused by both', () => {
  fc.assert(
    fc.property(config, fc.constantFrom('a', 'b'), (data, name) => {
      const [first] = data.policies[name] ?? [];
      fc.pre(typeof first === 'object');
      const wrong = { policies: { [name]: [{ ...first, unknownOption: 1 }] } };
      expect(isValid(wrong)).toBe(false);
      expect(() => policiesFrom(wrong)).toThrow(
        `policies.${name}[0].unknownOption: is not known here`,
      );
    }),
  );
});

const invalid = {
  policies: {
    a: [{ type: 'retry', backoff: { kind: 'exponential', initialMs: 9, maxMs: 1 } }],
    b: [],
  },
};

test('after any changes, the pipelines are those of the last good configuration', async () => {
  const change = fc.oneof(
    { weight: 3, arbitrary: config },
    { weight: 6, arbitrary: stateful.map((a) => ({ policies: { a, b: [] } })) },
    { weight: 1, arbitrary: fc.constant(invalid) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
      const clock = virtualClock();
      const policies: Policies = policiesFrom({ policies: { a: [], b: [] } }, { clock });
      const held = policies.get('a');
      const calls: Promise<unknown>[] = [];
      let good: unknown = policies.config;
      for (const data of changes) {
        calls.push(
          ...[1, 2].map((call) =>
            held.outcome(
              () => new Promise((resolve) => void clock.setTimeout(() => resolve(call), 30)),
            ),
          ),
        );
        try {
          policies.apply(data);
          good = policies.config;
          expect(data).not.toBe(invalid);
        } catch (error) {
          if (!isConfigInvalidError(error)) throw error;
          expect(data).toBe(invalid);
        }
        expect(policies.config).toBe(good);
        expect(descriptions(policies)).toEqual(descriptions(policiesFrom(good, { clock })));
        await clock.advance(20);
      }
      expect(policies.get('a')).toBe(held);
      await clock.advance(10_000_000);
      // Whatever the layers were, each call has come to an end.
      expect(await Promise.all(calls)).toHaveLength(2 * changes.length);
    }),
    { numRuns: 60 },
  );
});

test('after any changes, an open circuit is open as long as its layer is there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(config, { maxLength: 6 }), async (changes) => {
      const clock = virtualClock();
      const own = { type: 'circuitBreaker', name: 'own', halfOpenAfterMs: 1_000_000 };
      const first = { ...own, trip: { kind: 'consecutiveFailures', failures: 1 } };
      const policies = policiesFrom({ policies: { a: [first] } }, { clock });
      await policies.get('a').outcome(() => Promise.reject(new Error('down')));
      for (const [
        i,
        {
          policies: { a = [], b: _b },
          ...rest
        },
      ] of changes.entries()) {
        const breaker = i % 2 === 0 ? own : { ...own, failureRatio: 0.1 + i / 10, ramp: {} };
        policies.apply({ ...rest, policies: { a: [...a, breaker] } });
        expect(policies.layer<CircuitBreaker>('a', 'own').state).toBe('open');
      }
    }),
    { numRuns: 60 },
  );
});
