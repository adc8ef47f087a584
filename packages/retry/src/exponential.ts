import { invalidOption, knownOptions, milliseconds, numberBetween } from '@holdfast/policy';
import { type DescribedBackoff, described } from './backoff.ts';
import { checkJitter, type Jitter, jittered, jitters } from './jitter.ts';

/** What {@link exponential} can be told. */
export interface ExponentialOptions {
  /**
   * The first delay before jitter, in milliseconds.
   *
   * @default 100 (as in the AWS SDKs)
   */
  readonly initialMs?: number | undefined;
  /**
   * The longest delay, in milliseconds.
   *
   * @default 20_000 (as in the AWS SDKs)
   */
  readonly maxMs?: number | undefined;
  /**
   * What each delay is multiplied by to get the next, from 1 up.
   *
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * How chance changes each delay. `'decorrelated'` draws it between `initialMs` and `factor + 1`
   * times the delay before, so that the steps themselves differ from caller to caller.
   *
   * @default 'full'
   */
  readonly jitter?: Jitter | 'decorrelated' | undefined;
  /**
   * Where chance comes from: numbers from 0 up to, but not including, 1.
   *
   * @default Math.random
   */
  readonly random?: (() => number) | undefined;
}

const names = ['initialMs', 'maxMs', 'factor', 'jitter', 'random'];

/** The delay of a step before jitter; never NaN, however many steps there have been. */
function delayOf(step: number, initialMs: number, { factor, maxMs }: Growth): number {
  return initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (step - 1));
}

interface Growth {
  readonly factor: number;
  readonly maxMs: number;
}

/**
 * Waits twice as long each time: up to 100, 200, 400 ms and so on, but never over `maxMs`. By
 * default chance takes any share of it (full jitter), which spreads the load of many callers best.
 *
 * Source of the formulas: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 *
 * @throws `TypeError` or `RangeError` naming the option that cannot be used.
 *
 * @example
 * ```ts
 * const policy = retry({ backoff: exponential({ initialMs: 50, maxMs: 1_000 }) });
 * ```
 */
export function exponential(options: ExponentialOptions = {}): DescribedBackoff {
  const { initialMs = 100, maxMs = 20_000, factor = 2 } = knownOptions(options, names);
  const { jitter = 'full', random = Math.random } = options;
  milliseconds('initialMs', initialMs);
  milliseconds('maxMs', maxMs);
  if (maxMs < initialMs) throw invalidOption('maxMs', `at least ${initialMs}`, maxMs, RangeError);
  numberBetween('factor', factor, 1, 1_000);
  checkJitter(jitter, [...jitters, 'decorrelated'], random);
  const growth = { factor, maxMs };
  const description = { kind: 'exponential', initialMs, ...growth, jitter };
  if (jitter !== 'decorrelated') {
    return described(
      ({ step }) => jittered(delayOf(step, initialMs, growth), jitter, random),
      description,
    );
  }
  return described(({ previousDelayMs = initialMs }) => {
    const longest = Math.max(initialMs, previousDelayMs * (factor + 1));
    return Math.min(maxMs, initialMs + random() * (longest - initialMs));
  }, description);
}
