import { invalidOption, positiveInteger } from '@holdfast/policy';

/** How many calls probe whether to close a half-open circuit. */
export interface IHalfOpenSamplingOptions {
  /** How many calls are let in. */
  calls: number;
  /** The circuit opens again when more than this share of them failed: from 0 up, below 1. */
  threshold: number;
}

/** How many calls probe, and how many of them may fail. */
export interface HalfOpenSampling {
  readonly calls: number;
  readonly bearable: number;
}

/** Throws an error that names the option that cannot be used. */
export function samplingOf(options: IHalfOpenSamplingOptions | undefined): HalfOpenSampling {
  const { calls, threshold } = options ?? { calls: 1, threshold: 0 };
  positiveInteger('halfOpenSampling.calls', calls);
  if (!(threshold >= 0 && threshold < 1)) {
    const expected = 'a number from 0 up, below 1';
    throw invalidOption('halfOpenSampling.threshold', expected, threshold, RangeError);
  }
  return { calls, bearable: Math.floor(threshold * calls) };
}
