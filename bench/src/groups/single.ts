import { bulkhead } from '@holdfast/bulkhead';
import { circuitBreaker, consecutiveFailures, countWindow } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { noop } from '@holdfast/policy';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import Bottleneck from 'bottleneck';
import pLimit from 'p-limit';
import PQueue from 'p-queue';
import pRetry from 'p-retry';
import pTimeout from 'p-timeout';
import { type Call, succeeding } from '../batch.ts';
import { floors } from '../floors.ts';
import type { Contender, Group } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';
import { effect } from '../peers/effect.ts';
import { mollitia } from '../peers/mollitia.ts';
import { opossum } from '../peers/opossum.ts';

/** Any library's policy, as far as a benchmark is concerned. */
interface Executes {
  execute(operation: () => Promise<number>): Promise<unknown>;
}

/** A contender whose policy has `execute`. */
export function executing(name: string, make: () => Executes, goal?: number): Contender {
  const batch = () => {
    const policy = make();
    return succeeding((operation) => policy.execute(operation));
  };
  return { name, make: batch, goal };
}

/** A contender that is a function. */
export function calling(name: string, make: () => Call): Contender {
  return { name, make: () => succeeding(make()) };
}

/** A group of successful calls, one after the other. */
export function group(name: string, ...contenders: readonly Contender[]): Group {
  return { name, baseName: 'await operation()', base: () => succeeding((f) => f()), contenders };
}

const one = 2.5;

/** One policy alone, around calls that succeed. */
export const singleGroups: readonly Group[] = [
  group(
    'bare call',
    calling('bare', () => (operation) => operation()),
    floors.call,
    executing('holdfast, noop', () => noop),
  ),
  group(
    'retry',
    executing('holdfast', retry, one),
    executing('cockatiel', cockatiel.retry),
    calling('p-retry', () => (operation) => pRetry(operation, { retries: 2 })),
    calling('mollitia', mollitia.retry),
    calling('effect', effect.retry),
  ),
  group(
    'circuit breaker, time window',
    executing('holdfast', circuitBreaker, one),
    executing('cockatiel', cockatiel.sampling),
    calling('opossum', () => opossum({ timeout: false })),
    calling('mollitia', mollitia.breaker),
  ),
  group(
    'circuit breaker, consecutive',
    executing('holdfast', () => circuitBreaker({ trip: consecutiveFailures(5) }), one),
    executing('cockatiel', () => cockatiel.consecutive(5)),
  ),
  group(
    'circuit breaker, last 100 calls',
    executing(
      'holdfast',
      () => circuitBreaker({ trip: countWindow({ failures: 50, size: 100 }) }),
      one,
    ),
    executing('cockatiel', cockatiel.count),
  ),
  group(
    'bulkhead',
    executing('holdfast', bulkhead, one),
    executing('cockatiel', cockatiel.bulkhead),
    calling('p-limit', () => pLimit(25)),
    calling('p-queue', () => {
      const queue = new PQueue({ concurrency: 25 });
      return (operation) => queue.add(operation);
    }),
    calling('bottleneck', () => {
      const limiter = new Bottleneck({ maxConcurrent: 25 });
      return (operation) => limiter.schedule(operation);
    }),
    calling('mollitia', mollitia.bulkhead),
    calling('effect', effect.bulkhead),
  ),
  group(
    'fallback',
    executing('holdfast', () => fallback({ value: 0 }), one),
    executing('cockatiel', cockatiel.fallback),
  ),
  group(
    'timeout',
    executing('holdfast', timeout, 4.5),
    executing('cockatiel', cockatiel.timeout),
    calling('opossum', () => opossum({ timeout: 30_000 })),
    calling('p-timeout', () => (operation) => pTimeout(operation(), { milliseconds: 30_000 })),
    calling('mollitia', mollitia.timeout),
    calling('effect', effect.timeout),
  ),
];
