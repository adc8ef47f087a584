import { oneOf, optionalFunction } from '@holdfast/policy';

/**
 * How chance changes a delay, so that callers which failed together do not come back together:
 * `'none'` keeps it, `'full'` takes any share of it, `'equal'` keeps half and takes any share of the
 * other half.
 */
export type Jitter = 'none' | 'full' | 'equal';

/** What a back-off with jitter can be told about chance. */
export interface JitterOptions {
  /**
   * How chance changes each delay.
   *
   * @default 'none'
   */
  readonly jitter?: Jitter | undefined;
  /**
   * Where chance comes from: numbers from 0 up to, but not including, 1.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

export const jitters: readonly Jitter[] = ['none', 'full', 'equal'];

/** Throws an error that names the option that cannot be used. */
export function checkJitter(jitter: string, allowed: readonly string[], random: unknown): void {
  oneOf('jitter', jitter, allowed);
  optionalFunction('random', random);
}

/**
 * Applies jitter to a delay.
 *
 * Source of the formulas: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function jittered(delayMs: number, jitter: Jitter, random: () => number): number {
  if (jitter === 'none') return delayMs;
  if (jitter === 'full') return random() * delayMs;
  return delayMs / 2 + random() * (delayMs / 2);
}
