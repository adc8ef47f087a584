import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { compose, noop, type Policy } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import { succeed, succeeding } from '../batch.ts';
import type { Group } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';
import { effect } from '../peers/effect.ts';
import { mollitia } from '../peers/mollitia.ts';
import { calling, executing, group } from './single.ts';

/** The canonical pipeline. */
export function four(): Policy {
  return compose(timeout(), retry(), circuitBreaker(), bulkhead());
}

function fourAndAnInnerTimeout(): Policy {
  const inner = timeout({ afterMs: 1_000 });
  return compose(timeout(), retry(), circuitBreaker(), bulkhead(), inner);
}

/** Runs six other pipelines first, as in a service that has more than one dependency. */
async function warmOthers(): Promise<void> {
  const others = [
    compose(retry(), bulkhead()),
    compose(fallback({ value: 0 }), timeout()),
    compose(circuitBreaker(), retry()),
    circuitBreaker({ trip: consecutiveFailures(3) }),
    compose(timeout(), timeout({ afterMs: 100 }), bulkhead()),
    noop,
  ];
  for (const other of others) await succeeding((f) => other.execute(f))(20_000);
}

/** Several policies around calls that succeed. */
export const pipelineGroups: readonly Group[] = [
  group(
    'retry + breaker + bulkhead',
    executing('holdfast', () => compose(retry(), circuitBreaker(), bulkhead())),
    executing('cockatiel', cockatiel.three),
    calling('mollitia', mollitia.three),
  ),
  group(
    'timeout + retry + breaker + bulkhead',
    executing('holdfast', four, 4.75),
    {
      name: 'holdfast, others warm',
      make: async () => {
        await warmOthers();
        const policy = four();
        return succeeding((f) => policy.execute(f));
      },
      goal: 6,
    },
    {
      name: 'holdfast, signal read',
      make: () => {
        const policy = four();
        return async (n) => {
          for (let i = 0; i < n; i++) {
            await policy.execute(({ signal }) => (signal.aborted ? Promise.reject() : succeed()));
          }
        };
      },
      goal: 5.95,
    },
    executing('cockatiel', cockatiel.four),
    calling('mollitia', mollitia.four),
    calling('effect, without a breaker', effect.three),
  ),
  group(
    'two timeouts + retry + breaker + bulkhead',
    executing('holdfast', fourAndAnInnerTimeout, 6),
    {
      name: 'holdfast, others warm',
      make: async () => {
        await warmOthers();
        const policy = fourAndAnInnerTimeout();
        return succeeding((f) => policy.execute(f));
      },
      goal: 8,
    },
    executing('cockatiel', () => cockatiel.fourAndAnInnerTimeout()),
  ),
  group(
    'fallback + timeout + retry + breaker + bulkhead',
    executing('holdfast', () => compose(fallback({ value: 0 }), four())),
    executing('cockatiel', cockatiel.five),
  ),
];
