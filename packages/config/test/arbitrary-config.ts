import fc from 'fast-check';

type Arbitrary = fc.Arbitrary<unknown>;

const ms = fc.integer({ min: 1, max: 100_000 });
const few = fc.integer({ min: 1, max: 20 });
const share = fc.double({ min: 0.01, max: 1, noNaN: true });
const jitter = fc.constantFrom('none', 'full', 'equal');

/** An object of which each property may be missing. */
function some(model: Readonly<Record<string, Arbitrary>>): fc.Arbitrary<object> {
  return fc.record(model, { requiredKeys: [] });
}

/** An object with some fixed properties, and others that may be missing. */
function given(fixed: object, model: Readonly<Record<string, Arbitrary>> = {}): Arbitrary {
  return some(model).map((rest) => ({ ...fixed, ...rest }));
}

const backoff = fc.oneof(
  fc.array(ms, { minLength: 1, maxLength: 4 }),
  given({ kind: 'exponential', maxMs: 100_000 }, { initialMs: ms, factor: few, jitter }),
  given({ kind: 'linear', maxMs: 100_000 }, { initialMs: ms, stepMs: ms, jitter }),
  given({ kind: 'constant', delayMs: 5 }, { jitter }),
);
const budget = fc.oneof(
  given({ kind: 'retryBudget' }, { ratio: share, windowMs: ms }),
  given({ kind: 'concurrentRetryBudget' }, { ratio: share, minConcurrent: few }),
);
const trip = fc.oneof(
  few.map((failures) => ({ kind: 'consecutiveFailures', failures })),
  few.map((failures) => ({ kind: 'countWindow', failures, size: failures + 5 })),
  given({ kind: 'failureRatio' }, { failureRatio: share, windowMs: ms, minimumCalls: few }),
  fc.record({ kind: fc.constant('failuresWithin'), failures: few, windowMs: ms }),
  given({ kind: 'slowCalls', slowCallMs: 50 }, { slowCallRatio: share, windowMs: ms }),
);
const circuit = {
  halfOpenAfterMs: fc.oneof(ms, given({ kind: 'growing', maxMs: 100_000 }, { initialMs: ms })),
  halfOpenCalls: few,
  mode: fc.constantFrom('enforce', 'shadow', 'disabled'),
  ramp: some({ durationMs: ms, initialShare: share }),
};
const algorithm = fc.oneof(
  fc.record({ kind: fc.constant('gcra'), limit: few, windowMs: ms, burst: few }),
  fc.record({ kind: fc.constant('tokenBucket'), replenishRate: few, burstCapacity: few }),
  fc.record({ kind: fc.constant('slidingWindow'), limit: few, windowMs: ms }),
);

const breaker = fc.oneof(
  given(
    { type: 'circuitBreaker' },
    { ...circuit, failureRatio: share, windowMs: ms, minimumCalls: few },
  ),
  given(
    { type: 'circuitBreaker' },
    { ...circuit, trip: fc.oneof(trip, fc.array(trip, { minLength: 1, maxLength: 3 })) },
  ),
);
const places = given({ type: 'bulkhead' }, { maxConcurrent: few, maxQueued: few, maxQueueMs: ms });
const limiter = algorithm.chain((each) =>
  given({ type: 'rateLimiter', algorithm: each }, { maxQueued: few, maxWaitMs: ms }),
);
const throttle = given({ type: 'adaptiveThrottle' }, { k: few, windowMs: ms });

/** A pipeline of those layers that are changed in place, each there in most cases. */
export const stateful: fc.Arbitrary<readonly unknown[]> = fc
  .tuple(...[breaker, places, limiter, throttle].map((each) => fc.option(each, { freq: 6 })))
  .map((all) => all.filter((each) => each !== null));

/** A layer that builds, of any type. */
const layer: Arbitrary = fc.oneof(
  breaker,
  places,
  limiter,
  throttle,
  given(
    { type: 'retry' },
    { maxAttempts: few, maxElapsedMs: ms, backoff, fastFirst: fc.boolean(), budget },
  ),
  given({ type: 'timeout' }, { afterMs: ms, mode: fc.constantFrom('aggressive', 'cooperative') }),
  given({ type: 'bulkhead', limit: { kind: 'aimd' } }, { maxQueued: few }),
  fc.jsonValue().map((value) => ({ type: 'fallback', value })),
  given({ type: 'hedge', safe: true, afterMs: 5 }, { maxHedges: few, budget }),
  given(
    { type: 'chaos', inject: { kind: 'latency', delayMs: 1 }, when: { kind: 'everyNth', n: 3 } },
    { enabled: fc.boolean() },
  ),
);

const layers = fc.array(layer, { maxLength: 5 });

/** A configuration that builds. */
export const config: fc.Arbitrary<{
  readonly policies: Readonly<Record<string, readonly unknown[]>>;
}> = fc.record(
  {
    policies: fc.record({
      a: layers,
      b: fc.array(fc.oneof(layer, fc.constant('shared')), { maxLength: 4 }),
    }),
    layers: fc.record({ shared: layer }),
    defaults: some({ retry: some({ maxAttempts: few }), timeout: some({ afterMs: ms }) }),
  },
  { requiredKeys: ['policies', 'layers'] },
);
