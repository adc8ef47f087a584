import { cache, coalesce } from '@holdfast/cache';
import { chaos, fault, rate } from '@holdfast/chaos';
import { adaptiveThrottle, circuitBreaker } from '@holdfast/circuit-breaker';
import { aimd, bulkhead, gradient2, vegas } from '@holdfast/bulkhead';
import { hedge } from '@holdfast/hedge';
import { compose } from '@holdfast/policy';
import { gcra, rateLimiter, slidingWindow, tokenBucket } from '@holdfast/rate-limiter';
import { RateLimiter } from 'limiter';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Contender, Group } from '../group.ts';
import { opossum } from '../peers/opossum.ts';
import { calling, executing, group } from './single.ts';

/** A limit that is never reached: what is measured is to find that out. */
const plenty = 1e9;

const limiters: Group = group(
  'rate limiter',
  executing(
    'holdfast, smooth',
    () => rateLimiter({ algorithm: gcra({ limit: plenty, windowMs: 1_000, burst: plenty }) }),
    2.5,
  ),
  executing(
    'holdfast, token bucket',
    () => rateLimiter({ algorithm: tokenBucket({ replenishRate: plenty }) }),
    2.5,
  ),
  executing('holdfast, exact window', () =>
    rateLimiter({ algorithm: slidingWindow({ limit: 1_000_000, windowMs: 1 }) }),
  ),
  calling('limiter', () => {
    const limiter = new RateLimiter({ tokensPerInterval: plenty, interval: 'second' });
    return async (operation) => {
      await limiter.removeTokens(1);
      return operation();
    };
  }),
  calling('rate-limiter-flexible', () => {
    const limiter = new RateLimiterMemory({ points: plenty, duration: 1 });
    return async (operation) => {
      await limiter.consume('all');
      return operation();
    };
  }),
);

const hedges: Group = group(
  'hedge',
  executing('holdfast', () => hedge({ safe: true, afterMs: 1_000 })),
  executing('holdfast, with a breaker and a bulkhead inside', () =>
    compose(hedge({ safe: true, afterMs: 1_000 }), circuitBreaker(), bulkhead()),
  ),
);

function oneKey(): string {
  return 'key';
}

const caches: Group = group(
  'cache, every call a hit',
  executing('holdfast', () => cache<number>({ key: oneKey, ttlMs: 3_600_000 })),
  calling('opossum', () => opossum({ timeout: false, cache: true, cacheTTL: 3_600_000 })),
);

const flights: Group = group(
  'single flight, every call the first',
  executing('holdfast', () => coalesce({ key: oneKey })),
);

const adaptive: Group = group(
  'adaptive limits',
  executing('holdfast, AIMD', () => bulkhead({ limit: aimd() })),
  executing('holdfast, Gradient2', () => bulkhead({ limit: gradient2() })),
  executing('holdfast, Vegas', () => bulkhead({ limit: vegas() })),
  executing('holdfast, adaptive throttle', () => adaptiveThrottle()),
);

function idle(name: string, enabled: boolean): Contender {
  return executing(name, () => chaos({ inject: fault(), when: rate(0), enabled }));
}

const chaotic: Group = group(
  'chaos that strikes nobody',
  idle('holdfast, switched off', false),
  idle('holdfast, at a rate of 0', true),
);

/** The policies beside the first five, each alone, around calls that succeed. */
export const furtherGroups: readonly Group[] = [
  limiters,
  hedges,
  caches,
  flights,
  adaptive,
  chaotic,
];
