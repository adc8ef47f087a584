import { invalidOption, knownOptions, milliseconds } from '@holdfast/policy';
import { type DescribedBackoff, described } from './backoff.ts';
import { checkJitter, type Jitter, jittered, jitters } from './jitter.ts';

/** What {@link linear} can be told. */
export interface LinearOptions {
  /**
   * The first delay before jitter, in milliseconds.
   *
   * @default 100
   */
  readonly initialMs?: number | undefined;
  /**
   * By how much each delay is longer than the one before, in milliseconds.
   *
   * @default initialMs
   */
  readonly stepMs?: number | undefined;
  /**
   * The longest delay, in milliseconds.
   *
   * @default 20_000
   */
  readonly maxMs?: number | undefined;
  /**
   * How chance changes each delay.
   *
   * @default 'full'
   */
  readonly jitter?: Jitter | undefined;
  /**
   * Where chance comes from: numbers from 0 up to, but not including, 1.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

const names = ['initialMs', 'stepMs', 'maxMs', 'jitter', 'random'];

/**
 * Waits longer by the same amount each time: 100, 200, 300 ms and so on, then full jitter.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const policy = retry({ backoff: linear({ initialMs: 50, stepMs: 100, jitter: 'none' }) });
 * ```
 */
export function linear(options: LinearOptions = {}): DescribedBackoff {
  const { initialMs = 100, maxMs = 20_000 } = knownOptions(options, names);
  const { stepMs = initialMs, jitter = 'full', random = Math.random } = options;
  milliseconds('initialMs', initialMs);
  milliseconds('stepMs', stepMs);
  milliseconds('maxMs', maxMs);
  if (maxMs < initialMs) throw invalidOption('maxMs', `at least ${initialMs}`, maxMs, RangeError);
  checkJitter(jitter, jitters, random);
  return described(
    ({ step }) => jittered(Math.min(maxMs, initialMs + stepMs * (step - 1)), jitter, random),
    { kind: 'linear', initialMs, stepMs, maxMs, jitter },
  );
}
