import { describe, expect, test } from 'vitest';
import { percentile, shareOf } from '../src/driver/statistics.ts';

describe('percentile', () => {
  test('is the value of the nearest rank', () => {
    const values = [15, 20, 35, 40, 50];
    expect(percentile(values, 30)).toBe(20);
    expect(percentile(values, 40)).toBe(20);
    expect(percentile(values, 50)).toBe(35);
    expect(percentile(values, 100)).toBe(50);
    expect(percentile(values, 0)).toBe(15);
  });

  test('sorts by number, and leaves the values as they were', () => {
    const values = [100, 9, 20];
    expect(percentile(values, 50)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  test('of 100 values, the 99th is the last but one', () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(percentile(values, 99)).toBe(99);
  });

  test('of nothing is undefined', () => {
    expect(percentile([], 50)).toBeUndefined();
  });
});

test('the share of nothing is all of it', () => {
  expect(shareOf(0, 0)).toBe(1);
  expect(shareOf(1, 4)).toBe(0.25);
});
