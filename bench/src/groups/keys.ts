import { circuitBreaker } from '@holdfast/circuit-breaker';
import { contextKey, type ExecuteOptions, keyed } from '@holdfast/policy';
import { gcra, perKey, rateLimiter } from '@holdfast/rate-limiter';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Batch, succeed, succeeding, type Work } from '../batch.ts';
import type { Contender, Group } from '../group.ts';
import { cockatiel } from '../peers/cockatiel.ts';

const host = contextKey<string>('host');

/** Calls that go to each of so many keys in turn. */
function inTurn(count: number, call: (operation: Work, at: number) => Promise<unknown>): Batch {
  let next = 0;
  return async (n) => {
    for (let i = 0; i < n; i++) {
      await call(succeed, next);
      next = next + 1 === count ? 0 : next + 1;
    }
  };
}

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `host-${i}.example`);
}

function callsOf(count: number): ExecuteOptions[] {
  return keysOf(count).map((key) => ({ properties: [host(key)] }));
}

const breakers = (count: number): readonly Contender[] => [
  {
    name: 'holdfast, keyed',
    make: () => {
      const options = callsOf(count);
      const policy = keyed((name) => circuitBreaker({ name }), {
        key: (context) => context.get(host),
        maxKeys: count,
      });
      return inTurn(count, (operation, at) => policy.execute(operation, options[at]));
    },
  },
  {
    name: 'cockatiel, from a map',
    make: () => {
      const keys = keysOf(count);
      const policies = new Map(keys.map((key) => [key, cockatiel.sampling()]));
      return inTurn(count, (operation, at) => {
        const policy = policies.get(keys[at] ?? '');
        return policy === undefined ? operation() : policy.execute(operation);
      });
    },
  },
];

const plenty = 1e9;

const limiters = (count: number): readonly Contender[] => [
  {
    name: 'holdfast, per key',
    make: () => {
      const options = callsOf(count);
      const policy = rateLimiter({
        algorithm: gcra({ limit: plenty, windowMs: 1_000, burst: plenty }),
        keys: perKey({ key: (context) => context.get(host), maxKeys: count }),
      });
      return inTurn(count, (operation, at) => policy.execute(operation, options[at]));
    },
  },
  {
    name: 'rate-limiter-flexible',
    make: () => {
      const keys = keysOf(count);
      const limiter = new RateLimiterMemory({ points: plenty, duration: 60 });
      return inTurn(count, async (operation, at) => {
        await limiter.consume(keys[at] ?? '');
        return operation();
      });
    },
  },
];

const many = 10_000;

function group(name: string, contenders: readonly Contender[]): Group {
  return {
    name,
    baseName: 'await operation()',
    base: () => succeeding((f) => f()),
    contenders,
  };
}

/** A policy, or a limit, for each host. */
export const keyGroups: readonly Group[] = [
  group('a breaker for one key', breakers(1)),
  group(`a breaker for each of ${many.toLocaleString('en')} keys`, breakers(many)),
  group(`a limit for each of ${many.toLocaleString('en')} keys`, limiters(many)),
];
