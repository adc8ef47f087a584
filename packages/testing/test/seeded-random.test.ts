import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../src/index.ts';

function draw(random: () => number, times: number): number[] {
  return Array.from({ length: times }, () => random());
}

describe('seededRandom', () => {
  test('gives the same numbers for the same seed', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => {
        expect(draw(seededRandom(seed), 20)).toEqual(draw(seededRandom(seed), 20));
      }),
    );
  });

  test.each([
    [0, [0.31748144353787644, 0.18830282972553158, 0.22070574447598978]],
    [42, [0.29439390788555, 0.9125655762203799, 0.15283040785296254]],
    [-7, [0.4084425042439418, 0.6560301508343493, 0.6374261076873681]],
    [Number.MAX_SAFE_INTEGER, [0.7609843358837698, 0.760523885805499, 0.44309726632753477]],
  ])('gives the numbers of sfc32 in C for the seed %d', (seed, numbers) => {
    expect(draw(seededRandom(seed), 3)).toEqual(numbers);
  });

  test('gives other numbers for another seed', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (one, other) => {
        fc.pre(one !== other);
        expect(draw(seededRandom(one), 4)).not.toEqual(draw(seededRandom(other), 4));
      }),
    );
  });

  test('gives numbers from 0 to below 1, spread evenly', () => {
    const buckets = Array.from({ length: 10 }, () => 0);
    for (const number of draw(seededRandom(1), 100_000)) {
      const bucket = Math.floor(number * 10);
      buckets[bucket] = (buckets[bucket] ?? Number.NaN) + 1;
    }

    for (const hits of buckets) expect(Math.abs(hits - 10_000)).toBeLessThan(400);
  });

  test('gives integers with both ends included', () => {
    const random = seededRandom(3);
    const seen = new Set(Array.from({ length: 200 }, () => random.integer(-2, 2)));

    expect([...seen].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  });

  test('stays within any range of integers', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.nat(), (one, other, seed) => {
        const [min, max] = [Math.min(one, other), Math.max(one, other)];
        const drawn = seededRandom(seed).integer(min, max);

        expect(Number.isInteger(drawn) && drawn >= min && drawn <= max).toBe(true);
      }),
    );
  });

  test('picks each item of a list', () => {
    const random = seededRandom(4);
    const seen = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])));

    expect([...seen].toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('shuffles into a new list with the same items', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (list, seed) => {
        const before = [...list];
        const shuffled = seededRandom(seed).shuffle(list);

        expect(shuffled).not.toBe(list);
        expect(list).toEqual(before);
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b));
      }),
    );
  });

  test('shuffles three items into each order about equally often', () => {
    const random = seededRandom(5);
    const times = new Map<string, number>();
    for (let i = 0; i < 6_000; i += 1) {
      const order = random.shuffle([1, 2, 3]).join();
      times.set(order, (times.get(order) ?? 0) + 1);
    }

    expect(times.size).toBe(6);
    for (const count of times.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  test('forks generators that do not change when their siblings are used', () => {
    const one = seededRandom(6);
    const first = one.fork();
    const second = one.fork();
    draw(first, 10);

    const other = seededRandom(6);
    other.fork();
    expect(draw(second, 5)).toEqual(draw(other.fork(), 5));
    expect(draw(seededRandom(6).fork(), 5)).not.toEqual(draw(seededRandom(6), 5));
  });

  test('tells its seed', () => {
    expect(seededRandom(-42).seed).toBe(-42);
  });

  test('refuses what cannot be used', () => {
    const random = seededRandom(0);

    expect(() => seededRandom(1.5)).toThrow('Expected `seed` to be a safe integer, got 1.5.');
    expect(() => seededRandom('7' as never)).toThrow(TypeError);
    expect(() => random.integer(2, 1)).toThrow('Expected `max` to be at least 2, got 1.');
    expect(() => random.integer(-(2 ** 52), 2 ** 53 - 1)).toThrow('less than 2^53 above');
    expect(() => random.integer(0.5, 1)).toThrow(RangeError);
    expect(() => random.pick([])).toThrow(RangeError);
    expect(() => random.pick('abc' as never)).toThrow(TypeError);
  });
});
