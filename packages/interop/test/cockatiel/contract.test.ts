import { fromCockatiel } from '@holdfast/interop';
import * as ours from '@holdfast/interop/cockatiel';
import { compose } from '@holdfast/policy';
import { type MakePolicy, policyContract } from '@holdfast/testing';
import { timeout } from '@holdfast/timeout';
import * as theirs from 'cockatiel';
import { describe, test } from 'vitest';

/** The policies of either library, so that they change nothing. */
function subjects(lib: typeof ours): Readonly<Record<string, MakePolicy>> {
  const breaker = () =>
    lib.circuitBreaker(lib.handleAll, {
      halfOpenAfter: 1_000,
      breaker: new lib.ConsecutiveBreaker(1_000_000),
    });
  const never = lib.handleWhen(() => false);
  return {
    noop: () => fromCockatiel(lib.noop),
    'a retry that handles nothing': () => fromCockatiel(lib.retry(never, { maxAttempts: 3 })),
    'a circuit breaker': () => fromCockatiel(breaker()),
    'a bulkhead': () => fromCockatiel(lib.bulkhead(1_000, 1_000)),
    'a fallback that handles nothing': () => fromCockatiel(lib.fallback(never, 'instead')),
    'a cooperative timeout': () =>
      fromCockatiel(
        lib.timeout(1e6, { strategy: lib.TimeoutStrategy.Cooperative, abortOnReturn: false }),
      ),
    'several of them': () => fromCockatiel(lib.wrap(lib.noop, breaker(), lib.bulkhead(1_000))),
    'one of them inside our timeout': ({ clock }) =>
      compose(timeout({ afterMs: 1e6, clock }), fromCockatiel(breaker())),
  };
}

/** What cannot hold: a timeout of cockatiel, in either library, has the time of the process. */
const exceptions: ReadonlySet<string> = new Set([
  'a cooperative timeout: takes the time from its own clock, never from the process',
]);

const libraries = { 'cockatiel 4': theirs as unknown as typeof ours, 'the drop-in': ours };

for (const [library, lib] of Object.entries(libraries)) {
  for (const [subject, make] of Object.entries(subjects(lib))) {
    describe(`the contract of fromCockatiel with ${subject} of ${library}`, () => {
      for (const { name, run } of policyContract(make)) {
        if (!exceptions.has(`${subject}: ${name}`)) test(name, run);
      }
    });
  }
}
