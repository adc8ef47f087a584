import { retry } from '@holdfast/retry';
import { inWaves, succeeding, type Work, withFreshSignals } from '../batch.ts';
import type { Group } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';
import { four } from './pipelines.ts';

/** What anybody has to do who wants to hear of an abort. */
async function listening(operation: Work, signal: AbortSignal): Promise<number> {
  const listener = (): void => {};
  signal.addEventListener('abort', listener, { once: true });
  try {
    return await operation();
  } finally {
    signal.removeEventListener('abort', listener);
  }
}

const fresh: Group = {
  name: 'a signal of its own for each call',
  baseName: 'adding and removing a listener, and await operation()',
  base: () => withFreshSignals(listening),
  contenders: [
    {
      name: 'holdfast, retry',
      make: () => {
        const policy = retry();
        return withFreshSignals((f, signal) => policy.execute(f, { signal }));
      },
      goal: 1.5,
    },
    {
      name: 'holdfast, timeout + retry + breaker + bulkhead',
      make: () => {
        const policy = four();
        return withFreshSignals((f, signal) => policy.execute(f, { signal }));
      },
      goal: 1.5,
    },
    {
      name: 'cockatiel, retry',
      make: () => {
        const policy = cockatiel.retry();
        return withFreshSignals((f, signal) => policy.execute(f, signal));
      },
    },
    {
      name: 'cockatiel, timeout + retry + breaker + bulkhead',
      make: () => {
        const policy = cockatiel.four();
        return withFreshSignals((f, signal) => policy.execute(f, signal));
      },
    },
  ],
};

const shared: Group = {
  name: 'one signal for all calls',
  baseName: 'await operation()',
  base: () => succeeding((f) => f()),
  contenders: [
    {
      name: 'holdfast, timeout + retry + breaker + bulkhead',
      make: () => {
        const policy = four();
        const { signal } = new AbortController();
        return succeeding((f) => policy.execute(f, { signal }));
      },
    },
    {
      name: 'cockatiel, timeout + retry + breaker + bulkhead',
      make: () => {
        const policy = cockatiel.four();
        const { signal } = new AbortController();
        return succeeding((f) => policy.execute(f, signal));
      },
    },
  ],
};

const many = 100_000;

const sharedByMany: Group = {
  name: `one signal for ${many.toLocaleString('en')} calls in flight`,
  baseName: 'as many bare calls',
  base: () => inWaves(many, (f) => f()),
  contenders: [
    {
      name: 'holdfast, retry',
      make: () => {
        const policy = retry();
        const { signal } = new AbortController();
        return inWaves(many, (f) => policy.execute(f, { signal }));
      },
    },
  ],
  size: many,
};

/** Calls with a caller's signal. */
export const signalGroups: readonly Group[] = [fresh, shared, sharedByMany];
