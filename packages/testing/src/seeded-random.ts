import { invalidOption } from '@holdfast/policy';
import { safeInteger } from './check-integer.ts';

/**
 * A source of numbers that look random and are the same in every run with the same seed.
 *
 * It is a function, so it fits wherever an option takes `random?: () => number`.
 */
export interface SeededRandom {
  /** The next number, at least 0 and below 1, with 53 random bits. */
  (): number;
  /** The seed this generator began with: print it in a failing test to run the same again. */
  readonly seed: number;
  /**
   * An integer from `min` to `max`, both included.
   *
   * @throws `RangeError` if one of them is not a safe integer, `max` is below `min`, or there
   * are more than 2^53 integers between them.
   */
  integer(min: number, max: number): number;
  /**
   * One item of the list.
   *
   * @throws `RangeError` if the list is empty.
   */
  pick<T>(list: readonly T[]): T;
  /** A new list with the same items in another order; every order is equally likely. */
  shuffle<T>(list: readonly T[]): T[];
  /**
   * Another generator, whose numbers have nothing to do with the ones that come from here.
   *
   * It takes one number from this generator. Give each part of a test its own, so that one more
   * draw in one part does not change what the others see.
   */
  fork(): SeededRandom;
}

/**
 * The generator sfc32, begun with the two words of the seed and warmed up by twelve rounds.
 *
 * Source: Chris Doty-Humphrey, PractRand (public domain).
 */
function sfc32(seed: number): () => number {
  let a = 0;
  let b = seed | 0;
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;

  function next(): number {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  for (let round = 0; round < 12; round += 1) next();
  return next;
}

function drawInteger(random: () => number, min: number, max: number): number {
  safeInteger('min', min);
  safeInteger('max', max);
  const count = max - min + 1;
  if (count < 1) throw invalidOption('max', `at least ${min}`, max, RangeError);
  if (count > 2 ** 53) throw invalidOption('max', `less than 2^53 above ${min}`, max, RangeError);
  return min + Math.floor(random() * count);
}

function drawItem<T>(random: () => number, list: readonly T[]): T {
  if (!Array.isArray(list)) throw invalidOption('list', 'an array', list, TypeError);
  if (list.length === 0) throw new RangeError('Expected `list` to have an item to pick, got none.');
  return list[drawInteger(random, 0, list.length - 1)] as T;
}

function shuffled<T>(random: () => number, list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/**
 * Makes a deterministic source of random numbers: the same seed gives the same numbers, on every
 * machine and in every version of Node.
 *
 * For tests only: nothing here is hard to guess. The algorithm is sfc32 (Chris Doty-Humphrey,
 * PractRand), two outputs of which make one number.
 *
 * @throws `TypeError` or `RangeError` if the seed is not a safe integer.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@holdfast/testing';
 *
 * const random = seededRandom(42);
 * const jitterMs = 100 * random();
 * const replica = random.pick(['a', 'b', 'c']);
 * ```
 */
export function seededRandom(seed: number): SeededRandom {
  safeInteger('seed', seed);
  const next32 = sfc32(seed);
  const random = (): number => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) / 2 ** 53;

  return Object.assign(random, {
    seed,
    integer: (min: number, max: number): number => drawInteger(random, min, max),
    pick: <T>(list: readonly T[]): T => drawItem(random, list),
    shuffle: <T>(list: readonly T[]): T[] => shuffled(random, list),
    fork: (): SeededRandom => seededRandom(Math.floor(random() * 2 ** 53)),
  });
}
