import {
  invalidOption,
  knownOptions,
  numberBetween,
  optionalFunction,
  positiveCount,
  positiveInteger,
  positiveMilliseconds,
} from '@holdfast/policy';
import type { AdaptiveLimitOptions, LatencyLimitOptions } from './adaptive-limit.ts';

const defaultMinLimit = 1;
const defaultMaxLimit = 200;
const defaultInitialLimit = 20;
const defaultWindowMs = 1_000;
const defaultMinSamples = 10;
const defaultProbeEvery = 30;

/** The limits, checked and complete. */
export interface CheckedLimits {
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly initialLimit: number;
}

/** What an algorithm that goes by the latency has to know, checked and complete. */
export interface CheckedLatencyOptions extends CheckedLimits {
  readonly windowMs: number;
  readonly minSamples: number;
  readonly probeEvery: number;
  readonly random: () => number;
}

/** Throws an error that names the first option that cannot be used; returns the limits. */
export function checkedLimits(
  options: AdaptiveLimitOptions,
  names: readonly string[],
): CheckedLimits {
  knownOptions(options, ['minLimit', 'maxLimit', 'initialLimit', 'isDrop', ...names]);
  const { minLimit = defaultMinLimit, maxLimit = defaultMaxLimit, initialLimit } = options;
  positiveInteger('minLimit', minLimit);
  positiveInteger('maxLimit', maxLimit);
  if (maxLimit < minLimit) {
    throw invalidOption('maxLimit', `at least minLimit (${minLimit})`, maxLimit, RangeError);
  }
  if (initialLimit !== undefined) {
    positiveInteger('initialLimit', initialLimit);
    numberBetween('initialLimit', initialLimit, minLimit, maxLimit);
  }
  optionalFunction('isDrop', options.isDrop);
  const nearest = Math.max(minLimit, Math.min(maxLimit, defaultInitialLimit));
  return { minLimit, maxLimit, initialLimit: initialLimit ?? nearest };
}

/** As {@link checkedLimits}, for what goes by the latency. */
export function checkedLatencyOptions(
  options: LatencyLimitOptions,
  names: readonly string[],
): CheckedLatencyOptions {
  const own = ['windowMs', 'minSamples', 'probeEvery', 'random', ...names];
  const limits = checkedLimits(options, own);
  const { windowMs = defaultWindowMs, minSamples = defaultMinSamples } = options;
  const { probeEvery = defaultProbeEvery, random = Math.random } = options;
  positiveMilliseconds('windowMs', windowMs);
  positiveInteger('minSamples', minSamples);
  positiveCount('probeEvery', probeEvery);
  optionalFunction('random', random);
  return { ...limits, windowMs, minSamples, probeEvery, random };
}

/** The options as `describe()` tells them. */
export function withoutFunctions(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options).filter(([, value]) => typeof value !== 'function');
  return Object.fromEntries(entries);
}
