import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures, countWindow } from '@holdfast/circuit-breaker';
import { retry } from '@holdfast/retry';
import { Bulkhead, SlidingCountBreaker } from 'mollitia';
import CircuitBreaker from 'opossum';
import pLimit from 'p-limit';
import PQueue from 'p-queue';
import { succeed } from '../batch.ts';
import type { Weighed, Weighing } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';

function used<P extends { execute(operation: () => Promise<number>): Promise<unknown> }>(
  make: () => P,
): () => P {
  return () => {
    const policy = make();
    void policy.execute(succeed);
    return policy;
  };
}

const breakers: readonly Weighed[] = [
  {
    name: 'holdfast, consecutive',
    make: used(() => circuitBreaker({ trip: consecutiveFailures(5) })),
    goal: 500,
  },
  {
    name: 'holdfast, last 100 calls',
    make: used(() => circuitBreaker({ trip: countWindow({ failures: 50, size: 100 }) })),
    goal: 650,
  },
  { name: 'holdfast, time window', make: used(() => circuitBreaker()) },
  { name: 'cockatiel, consecutive', make: used(() => cockatiel.consecutive(5)) },
  { name: 'cockatiel, last 100 calls', make: used(cockatiel.count) },
  { name: 'cockatiel, time window', make: used(cockatiel.sampling) },
  { name: 'opossum', make: () => new CircuitBreaker(succeed), most: 10_000 },
  { name: 'mollitia, last 100 calls', make: () => new SlidingCountBreaker(), most: 10_000 },
];

const others: readonly Weighed[] = [
  { name: 'holdfast, bulkhead', make: used(() => bulkhead()) },
  { name: 'holdfast, retry', make: used(() => retry()) },
  { name: 'cockatiel, bulkhead', make: used(() => cockatiel.bulkhead()) },
  { name: 'cockatiel, retry', make: used(cockatiel.retry) },
  { name: 'p-limit', make: () => pLimit(10) },
  { name: 'p-queue', make: () => new PQueue({ concurrency: 10 }) },
  { name: 'mollitia, bulkhead', make: () => new Bulkhead(), most: 10_000 },
];

const hang = (): Promise<never> => new Promise(() => {});

/** What waits behind a call that never ends, for as long as the limiter lives. */
function queued(
  name: string,
  start: () => (operation: typeof succeed) => Promise<unknown>,
  goal?: number,
): Weighed {
  let call: ((operation: typeof succeed) => Promise<unknown>) | undefined;
  return {
    name,
    make: () => {
      if (call === undefined) {
        call = start();
        void call(hang);
      }
      return call(succeed);
    },
    drop: () => {
      call = undefined;
    },
    goal,
  };
}

const waiting: readonly Weighed[] = [
  queued(
    'holdfast',
    () => {
      const policy = bulkhead({ maxConcurrent: 1, maxQueued: 1_000_000 });
      return (operation) => policy.execute(operation);
    },
    950,
  ),
  queued('cockatiel', () => {
    const policy = cockatiel.bulkhead(1, 1_000_000);
    return (operation) => policy.execute(operation);
  }),
  queued('p-limit', () => pLimit(1)),
  queued('p-queue', () => {
    const queue = new PQueue({ concurrency: 1 });
    return (operation) => queue.add(operation);
  }),
];

/** What is kept in memory, and what of it stays when it has been dropped. */
export const weighings: readonly Weighing[] = [
  { name: 'circuit breakers in memory', contenders: breakers },
  { name: 'other policies in memory', contenders: others },
  { name: 'queued tasks in memory', contenders: waiting },
];
