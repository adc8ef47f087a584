import { type Clock, commonOptions, invalidOption, knownOptions } from '@holdfast/policy';
import type { BlastRadius } from './blast-radius.ts';
import type { Injections } from './injection.ts';
import type { Decide, Schedule } from './schedule.ts';

/** Which calls chaos strikes: a schedule, or a predicate on the context of a call. */
export type When = Schedule | Decide;

/**
 * What {@link chaos} can be told.
 *
 * @typeParam I - The injections.
 */
export interface ChaosOptions<I extends Injections = Injections> {
  /**
   * What happens to a call that is struck: an injection, or several that all happen to it, in this order.
   * {@link oneOf} chooses one of several.
   */
  readonly inject: I;
  /**
   * Which calls are struck: `rate`, `everyNth`, `nth`, `outages`, or a predicate on the context, for
   * which only `true` means yes. Of a list all have to say yes; each is asked only about calls to which
   * those before it have said yes, so that `[isTest, everyNth(10)]` is each tenth call of the tests.
   */
  readonly when: When | readonly When[];
  /**
   * How many calls may be struck at once, per time, of all and at all; made by {@link blastRadius}.
   *
   * @default undefined (no limit)
   */
  readonly blastRadius?: BlastRadius | undefined;
  /**
   * The same seed strikes the same calls in the same way, whatever their timing: a safe integer. Without
   * it a fresh one is drawn, which events and the property `seed` tell.
   *
   * @default undefined
   */
  readonly seed?: number | undefined;
  /**
   * Where random numbers come from, each at least 0 and below 1. Only one of `seed` and `random` can be
   * given.
   *
   * @default undefined
   */
  readonly random?: (() => number) | undefined;
  /**
   * Whether the policy strikes from the start; see `enable` and `disable`.
   *
   * @default true
   */
  readonly enabled?: boolean | undefined;
  /**
   * Whether the policy may be made while `NODE_ENV` is `'production'`.
   *
   * @default false
   */
  readonly allowProduction?: boolean | undefined;
  /**
   * The name for errors, events and `describe()`.
   *
   * @default 'chaos'
   */
  readonly name?: string | undefined;
  /**
   * Where the time comes from.
   *
   * @default systemClock
   */
  readonly clock?: Clock | undefined;
}

const names = [
  'inject',
  'when',
  'blastRadius',
  'seed',
  'random',
  'enabled',
  'allowProduction',
  'name',
  'clock',
];

/** The parts of `when`, as a list. */
export function partsOf(when: ChaosOptions['when']): readonly When[] {
  return Array.isArray(when) ? (when as readonly When[]) : [when as When];
}

/** Throws an error that names the first option that cannot be used; `inject` is checked where it is read. */
export function checkOptions(options: ChaosOptions): void {
  const { when, blastRadius, enabled, allowProduction } = knownOptions(options, names);
  const parts = partsOf(when);
  if (parts.length === 0) throw invalidOption('when', 'not empty', when, TypeError);
  for (const part of parts) {
    if (typeof part !== 'function' && typeof part?.start !== 'function') {
      throw invalidOption('when', 'a schedule, a function, or a list of them', part, TypeError);
    }
  }
  if (blastRadius !== undefined && typeof blastRadius?.tryStrike !== 'function') {
    throw invalidOption('blastRadius', 'what blastRadius made', blastRadius, TypeError);
  }
  checkRandomness(options);
  for (const [name, flag] of Object.entries({ enabled, allowProduction })) {
    if (flag !== undefined && typeof flag !== 'boolean') {
      throw invalidOption(name, 'a boolean', flag, TypeError);
    }
  }
  commonOptions(options);
}

function checkRandomness({ seed, random }: ChaosOptions): void {
  if (random !== undefined && typeof random !== 'function') {
    throw invalidOption('random', 'a function', random, TypeError);
  }
  if (seed === undefined) return;
  if (random !== undefined) {
    throw new TypeError('Expected options to have only one of `seed` and `random`.');
  }
  if (typeof seed !== 'number') throw invalidOption('seed', 'a safe integer', seed, TypeError);
  if (!Number.isSafeInteger(seed)) throw invalidOption('seed', 'a safe integer', seed, RangeError);
}
