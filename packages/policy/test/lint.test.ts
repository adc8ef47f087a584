import { type AnyPolicy, compose, LayeredPolicy, lint } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import { describe, expect, test } from 'vitest';

class Named extends LayeredPolicy {
  readonly kind: string;
  constructor(kind: string) {
    super(`my ${kind}`);
    this.kind = kind;
  }
  enter(): 0 {
    return 0;
  }
  success(): 0 {
    return 0;
  }
  failure(): 0 {
    return 0;
  }
  protected described(): Readonly<Record<string, unknown>> {
    return {};
  }
}

const [retry, breaker, bulkhead, limiter, fallback] = [
  'retry',
  'circuit-breaker',
  'bulkhead',
  'rate-limiter',
  'fallback',
].map((kind) => new Named(kind)) as [Named, Named, Named, Named, Named];
const long = timeout({ afterMs: 500, name: 'long' });
const short = timeout({ afterMs: 100, name: 'short' });

const findings: readonly [string, string, readonly AnyPolicy[]][] = [
  ['inner-timeout-not-shorter', 'error', [short, long]],
  ['inner-timeout-not-shorter', 'error', [short, retry, short]],
  ['bulkhead-twice', 'error', [bulkhead, bulkhead]],
  ['breaker-twice', 'error', [breaker, breaker]],
  ['bulkhead-outside-retry', 'warning', [bulkhead, retry]],
  ['fallback-inside', 'warning', [retry, fallback]],
  ['fallback-inside', 'warning', [breaker, fallback]],
  ['rate-limiter-outside-retry', 'warning', [limiter, retry]],
  ['breaker-outside-retry', 'info', [breaker, retry]],
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

  test('finds nothing in the order that the documentation recommends', () => {
    expect(lint(compose(fallback, long, retry, breaker, bulkhead, limiter, short))).toEqual([]);
    expect(lint(compose(new Named('bulkhead'), new Named('bulkhead')))).toEqual([]);
    expect(lint(compose(short, timeout({ afterMs: () => 1_000 })))).toEqual([]);
  });

  test('wants a policy', () => {
    expect(() => lint([short, long] as never)).toThrow('Expected lint to get a policy.');
    expect(() => lint(undefined as never)).toThrow(TypeError);
  });
});
