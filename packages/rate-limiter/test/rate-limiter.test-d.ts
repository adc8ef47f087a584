import { type AcceptsOf, type AlternativeOf, compose, type EventsOf, noop } from '@holdfast/policy';
import {
  type AdaptiveRate,
  adaptiveRate,
  byPriority,
  gcra,
  isRateLimitedError,
  type PerKey,
  perKey,
  type RateAlgorithm,
  type RateDecision,
  type RateLimiter,
  rateLimiter,
  type RateLimiterEvents,
  rateLimitHeaders,
  type RefusedReason,
  type Reservation,
  slidingWindow,
  tokenBucket,
  type WaitingOrder,
} from '@holdfast/rate-limiter';
import { expectTypeOf } from 'vitest';

const algorithm = gcra({ limit: 1, windowMs: 1_000, burst: undefined });
expectTypeOf(algorithm).toEqualTypeOf<RateAlgorithm>();
expectTypeOf(slidingWindow({ limit: 1, windowMs: 1 })).toEqualTypeOf<RateAlgorithm>();
// @ts-expect-error a rate has to be said
tokenBucket({ burstCapacity: 5 });

const limiter = rateLimiter({ algorithm, maxQueued: undefined });
expectTypeOf(limiter).toEqualTypeOf<RateLimiter>();
// @ts-expect-error there is no safe guess of a limit
rateLimiter({});

// It answers with nothing of its own, and takes every result.
expectTypeOf<AlternativeOf<typeof limiter>>().toEqualTypeOf<never>();
expectTypeOf<AcceptsOf<typeof limiter>>().toEqualTypeOf<unknown>();
expectTypeOf(limiter.execute(async () => 1)).toEqualTypeOf<Promise<number>>();

// By hand.
expectTypeOf(limiter.tryAcquire({ key: 'a', weight: 2 })).toEqualTypeOf<RateDecision>();
expectTypeOf(limiter.reserve()).toEqualTypeOf<Reservation | undefined>();
// @ts-expect-error a key is a string
limiter.peek({ key: 1 });

// Its parts.
expectTypeOf(perKey({ key: (context) => context.signal.reason })).toEqualTypeOf<PerKey>();
expectTypeOf(byPriority({ priority: () => undefined })).toEqualTypeOf<WaitingOrder>();
expectTypeOf(adaptiveRate()).toEqualTypeOf<AdaptiveRate>();
adaptiveRate<Response>({ isThrottled: (outcome) => outcome.ok && outcome.value.status === 429 });
rateLimiter({
  algorithm,
  keys: perKey(),
  queue: byPriority({ priority: ({ attempt }) => attempt }),
  adaptive: adaptiveRate(),
  weight: () => 2,
});
// @ts-expect-error not a function: what perKey made
rateLimiter({ algorithm, keys: () => 'a' });
// @ts-expect-error a class is a number
byPriority({ priority: () => 'high' });

// The guard tells the error, which is a decision.
const error: unknown = undefined;
if (isRateLimitedError(error)) {
  expectTypeOf(error.reason).toEqualTypeOf<RefusedReason>();
  expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
  expectTypeOf(rateLimitHeaders(error)).toEqualTypeOf<Record<string, string>>();
}

// Its events are typed, in a pipeline too.
expectTypeOf<keyof EventsOf<typeof limiter>>().toEqualTypeOf<keyof RateLimiterEvents>();
compose(noop, limiter).on('dequeued', (event) => {
  expectTypeOf(event.waitedMs).toEqualTypeOf<number>();
});
// @ts-expect-error there is no such event
limiter.on('opened', () => undefined);
