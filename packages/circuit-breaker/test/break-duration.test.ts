import { growing, retryAfter } from '@holdfast/circuit-breaker';
import { seededRandom } from '@holdfast/testing';
import { describe, expect, test } from 'vitest';

describe('growing', () => {
  test('takes off at most the share of its jitter, and never exceeds its longest break', () => {
    const breakFor = growing({ jitter: 0.2, random: seededRandom(1) });
    for (let openings = 1; openings < 2_000; openings++) {
      const longest = Math.min(60_000, 5_000 * 2 ** (openings - 1));
      const ms = breakFor({ openings, outcome: undefined });
      expect(ms).toBeLessThanOrEqual(longest);
      expect(ms).toBeGreaterThan(longest * 0.8);
    }
  });

  test('stays at nothing when it begins there', () => {
    expect(growing({ initialMs: 0 })({ openings: 5_000, outcome: undefined })).toBe(0);
  });

  test('is never longer than the first one where that is the longest', () => {
    const breakFor = growing({ initialMs: 90_000, jitter: 0 });
    expect(breakFor({ openings: 3, outcome: undefined })).toBe(90_000);
  });

  test('names the option that cannot be used', () => {
    expect(() => growing({ maxMs: 10 })).toThrow(/`maxMs`.*at least 5000/);
    expect(() => growing({ factor: 0.5 })).toThrow(/`factor`/);
    expect(() => growing({ jitter: 2 })).toThrow(/`jitter`/);
  });
});

describe('retryAfter', () => {
  const told = (retryAfterMs: unknown): { ok: false; error: unknown } => ({
    ok: false,
    error: { retryAfterMs },
  });

  test.each([
    ['what the error tells', told(1_500), 1_500],
    ['nothing, if the error tells so', told(0), 0],
    ['at most its longest break', told(1e9), 300_000],
    ['its other break when the error tells nonsense', told(-1), 70],
    ['its other break when the error tells none', told(undefined), 70],
    ['its other break for an error that is none', { ok: false, error: null } as const, 70],
    ['its other break for a value', { ok: true, value: { retryAfterMs: 1 } } as const, 70],
    ['its other break for a probe that hung', undefined, 70],
  ])('gives %s', (_, outcome, expected) => {
    expect(retryAfter({ otherwiseMs: () => 70 })({ openings: 1, outcome })).toBe(expected);
  });

  test('reads a value by the function that it is given', () => {
    const breakFor = retryAfter<{ waitMs: number }>({
      read: (outcome) => (outcome.ok ? outcome.value.waitMs : undefined),
    });
    const info = { openings: 1, outcome: { ok: true, value: { waitMs: 42 } } } as const;
    expect(breakFor(info)).toBe(42);
    expect(breakFor({ openings: 1, outcome: undefined })).toBe(5_000);
  });
});
