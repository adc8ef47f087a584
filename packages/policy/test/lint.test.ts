import { bulkhead } from '@holdfast/bulkhead';
import { cache, coalesce } from '@holdfast/cache';
import { chaos, fault, rate } from '@holdfast/chaos';
import { adaptiveThrottle, circuitBreaker } from '@holdfast/circuit-breaker';
import { fallback } from '@holdfast/fallback';
import { hedge } from '@holdfast/hedge';
import { type AnyPolicy, compose, definePolicy, keyed, lint } from '@holdfast/policy';
import { gcra, rateLimiter } from '@holdfast/rate-limiter';
import { retry } from '@holdfast/retry';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';

const oneKey = { key: () => 'a key' };
const algorithm = gcra({ limit: 10, windowMs: 1_000 });

const long = timeout({ afterMs: 500, name: 'long' });
const short = timeout({ afterMs: 100, name: 'short' });
const again = retry();
const breaker = circuitBreaker();
const places = bulkhead();
const limiter = rateLimiter({ algorithm });
const throttle = adaptiveThrottle();
const alternative = fallback({ value: 0 });
const hedged = hedge({ safe: true, afterMs: 50 });
const memory = cache({ ...oneKey, ttlMs: 1_000 });
const shared = coalesce(oneKey);
const trouble = chaos({ inject: fault(), when: rate(1) });
const logged = definePolicy('logged', (next) => next());

const findings: readonly [string, string, readonly AnyPolicy[]][] = [
  ['inner-timeout-not-shorter', 'error', [short, long]],
  ['inner-timeout-not-shorter', 'error', [short, again, short]],
  ['bulkhead-twice', 'error', [places, places]],
  ['breaker-twice', 'error', [breaker, breaker]],
  ['rate-limiter-twice', 'warning', [limiter, limiter]],
  ['hedge-after-timeout', 'warning', [short, hedge({ safe: true, afterMs: 100 })]],
  ['bulkhead-outside-retry', 'warning', [places, again]],
  ['bulkhead-outside-hedge', 'warning', [places, hedged]],
  ['rate-limiter-outside-retry', 'warning', [limiter, again]],
  ['rate-limiter-outside-hedge', 'warning', [limiter, hedged]],
  ['throttle-outside-retry', 'warning', [throttle, again]],
  ['hedge-outside-retry', 'warning', [hedged, again]],
  ['fallback-inside', 'warning', [again, alternative]],
  ['fallback-inside', 'warning', [breaker, alternative]],
  ['fallback-inside', 'warning', [throttle, alternative]],
  ['fallback-inside', 'warning', [hedged, alternative]],
  ['fallback-inside', 'warning', [memory, alternative]],
  ['cache-inside', 'warning', [again, memory]],
  ['cache-inside', 'warning', [breaker, memory]],
  ['cache-inside', 'warning', [hedged, shared]],
  ['chaos-not-innermost', 'warning', [trouble, short]],
  ['chaos-not-innermost', 'warning', [trouble, keyed(() => short, oneKey)]],
  ['breaker-outside-retry', 'info', [breaker, again]],
  ['breaker-outside-hedge', 'info', [breaker, hedged]],
];

describe('lint', () => {
  test.each(findings)('finds %s (%s)', (rule, severity, policies) => {
    const [finding, ...others] = lint(compose(...policies));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule, severity, layers: [0, policies.length - 1] });
    expect(finding?.message).toMatch(/^the .*[;:,]/);
  });

  test('names the timeouts and their times', () => {
    expect(lint(compose(short, long))[0]?.message).toBe(
      'the inner timeout "long" (500 ms) can never strike before the outer "short" (100 ms); make it shorter or take it out',
    );
  });

  test('names the layers, what comes of their order, and what to do', () => {
    const named = rateLimiter({ algorithm, name: 'per second' });
    expect(lint(compose(named, again))[0]?.message).toBe(
      'the rate limiter "per second" is outside the retry "retry", so that further attempts are not counted; put it inside',
    );
    expect(lint(compose(again, alternative))[0]?.message).toBe(
      'the fallback "fallback" is inside the retry "retry", and hides every failure from it; put it outside',
    );
    expect(lint(compose(trouble, short))[0]?.message).toBe(
      'the timeout "short" is inside chaos "chaos", and never meets its trouble; put chaos innermost',
    );
  });

  test('finds nothing in the order that the documentation recommends', () => {
    const perKey = keyed(() => compose(breaker, places), oneKey);
    perKey.get('a key');
    expect(
      lint(
        compose(
          alternative,
          memory,
          long,
          again,
          hedged,
          throttle,
          perKey,
          limiter,
          short,
          trouble,
        ),
      ),
    ).toEqual([]);
  });

  test('finds nothing in what is a wish', () => {
    expect(lint(compose(bulkhead(), bulkhead()))).toEqual([]);
    expect(lint(compose(short, timeout({ afterMs: () => 1_000 })))).toEqual([]);
    expect(lint(compose(short, hedge({ safe: true, afterMs: Infinity })))).toEqual([]);
    expect(lint(compose(short, hedge({ safe: true, afterMs: () => 1_000 })))).toEqual([]);
    expect(lint(compose(hedged, breaker))).toEqual([]);
    expect(lint(compose(trouble, logged, trouble))).toEqual([]);
  });

  test('wants a policy', () => {
    expect(() => lint([short, long] as never)).toThrow('Expected lint to get a policy.');
    expect(() => lint(undefined as never)).toThrow(TypeError);
  });
});

describe('of a keyed policy, lint', () => {
  const perKey = <P extends AnyPolicy>(inside: P) => keyed(() => inside, oneKey);

  test('knows nothing before there is a key', () => {
    const policies = perKey(compose(places, again));
    expect(lint(policies)).toEqual([]);
    expect(policies.size).toBe(0);
  });

  test('looks at the order inside', async () => {
    const policies = perKey(compose(places, again));
    await policies.execute(() => 'done');
    expect(lint(compose(logged, policies))).toMatchObject([
      { rule: 'bulkhead-outside-retry', layers: [1, 1] },
    ]);
  });

  test('compares what is inside with what is outside, at any depth', () => {
    const inner = perKey(again);
    const outer = perKey(compose(logged, inner));
    inner.get('a key');
    outer.get('a key');
    expect(lint(compose(limiter, outer, long))).toMatchObject([
      { rule: 'rate-limiter-outside-retry', layers: [0, 1] },
    ]);
    expect(lint(compose(perKey(again), memory))).toEqual([]);
    expect(lint(compose(outer, memory))).toMatchObject([{ rule: 'cache-inside', layers: [0, 1] }]);
  });

  test('looks into whatever tells what it puts inside itself', () => {
    const [layer] = logged.layers;
    const live = Object.assign(Object.create(layer as object), {
      sample: () => compose(places, again),
    });
    expect(lint({ layers: [live] } as unknown as AnyPolicy)).toMatchObject([
      { rule: 'bulkhead-outside-retry', layers: [0, 0] },
    ]);
  });

  test('bears what only calls itself so', () => {
    const [layer] = logged.layers;
    const odd = { layers: [Object.assign(Object.create(layer as object), { kind: 'keyed' })] };
    expect(lint(odd as unknown as AnyPolicy)).toEqual([]);
  });
});
