import { readFileSync } from 'node:fs';
import * as ours from '@holdfast/interop/cockatiel';
import * as theirs from 'cockatiel';
import { describe, expect, test } from 'vitest';

describe('the drop-in for cockatiel', () => {
  test('exports every name of cockatiel, of the same kind', () => {
    const missing = Object.entries(theirs).filter(
      ([name, value]) => typeof (ours as Record<string, unknown>)[name] !== typeof value,
    );
    // A namespace of theirs is an object as well; a class is a function.
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  test('has no values that cockatiel has not', () => {
    expect(Object.keys(ours).toSorted()).toEqual(Object.keys(theirs).toSorted());
  });

  test('has the values of the enums, both ways', () => {
    expect({ ...ours.CircuitState }).toEqual({ ...theirs.CircuitState });
    expect({ ...ours.TimeoutStrategy }).toEqual({ ...theirs.TimeoutStrategy });
  });

  test('classes have the members of those of cockatiel', () => {
    const missing = Object.entries(theirs).flatMap(([name, theirClass]) => {
      if (typeof theirClass !== 'function' || theirClass.prototype === undefined) return [];
      const ourClass = (ours as unknown as Record<string, { prototype: object }>)[name];
      const members = Object.getOwnPropertyNames(theirClass.prototype);
      return members
        .filter((member) => !privates.has(`${name}.${member}`))
        .filter((member) => !(member in (ourClass?.prototype ?? {})))
        .map((member) => `${name}.${member}`);
    });
    expect(missing).toEqual([]);
  });
});

/** What the declarations of cockatiel call private. */
const privates = new Set(
  [
    ['BulkheadPolicy', 'BulkheadPolicy'],
    ['CircuitBreakerPolicy', 'CircuitBreakerPolicy'],
    ['CountBreaker', 'breaker/CountBreaker'],
    ['SamplingBreaker', 'breaker/SamplingBreaker'],
    ['EventEmitter', 'common/Event'],
  ].flatMap(([name, file]) => {
    const url = new URL(`./${file}.d.ts`, import.meta.resolve('cockatiel'));
    const text = readFileSync(url, 'utf8');
    return [...text.matchAll(/^ {4}private (\w+)/gm)].map(([, member]) => `${name}.${member}`);
  }),
);

describe('the errors of either library', () => {
  const makers = {
    isBrokenCircuitError: (lib: typeof ours) => new lib.BrokenCircuitError(),
    isBulkheadRejectedError: (lib: typeof ours) => new lib.BulkheadRejectedError(1, 2),
    isIsolatedCircuitError: (lib: typeof ours) => new lib.IsolatedCircuitError(),
    isTaskCancelledError: (lib: typeof ours) => new lib.TaskCancelledError(),
    isHydratingCircuitError: (lib: typeof ours) => new lib.HydratingCircuitError(),
  } as const;
  const libraries = [ours, theirs as unknown as typeof ours];

  for (const [guard, make] of Object.entries(makers) as [
    keyof typeof makers,
    (lib: typeof ours) => Error,
  ][]) {
    test(`${guard} knows its own of both, and no other`, () => {
      for (const lib of libraries) {
        for (const other of libraries) {
          expect(lib[guard](make(other))).toBe(true);
          for (const [otherGuard, makeOther] of Object.entries(makers)) {
            const isParent =
              guard === 'isBrokenCircuitError' && otherGuard === 'isIsolatedCircuitError';
            const expected = guard === otherGuard || isParent;
            expect(lib[guard](makeOther(other))).toBe(expected);
          }
        }
        for (const value of [undefined, null, 0, 'text', {}, new Error('none')]) {
          expect(lib[guard](value)).toBe(false);
        }
      }
    });

    test(`${guard}: the errors are alike`, () => {
      const [mine, their] = libraries.map(make) as [Error, Error];
      expect(mine).toEqual(their);
      expect(String(mine)).toBe(String(their));
      expect(mine.constructor.name).toBe(their.constructor.name);
      expect(Object.keys(mine).toSorted()).toEqual(Object.keys(their).toSorted());
    });
  }
});
