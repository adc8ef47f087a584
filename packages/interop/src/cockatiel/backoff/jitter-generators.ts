import type { IExponentialBackoffOptions } from './exponential-backoff.ts';

/** Tells the next delay in milliseconds, and a state that it gets back the next time. */
export type GeneratorFn<S> = (
  state: S | undefined,
  options: IExponentialBackoffOptions<S>,
) => [number, S];

/** Delays that grow by `exponent`, up to `maxDelay`, without jitter. */
export const noJitterGenerator: GeneratorFn<number> = (step = 0, options) => {
  const { initialDelay, exponent, maxDelay } = options;
  return [Math.min(maxDelay, initialDelay * exponent ** step), step + 1];
};

/** Any share of such a delay. */
export const fullJitterGenerator: GeneratorFn<number> = (state, options) => {
  const [delay, next] = noJitterGenerator(state, options);
  return [Math.floor(Math.random() * delay), next];
};

/** Half of such a delay, and any share of the other half. */
export const halfJitterGenerator: GeneratorFn<number> = (state, options) => {
  const [delay, next] = noJitterGenerator(state, options);
  return [Math.floor((delay + Math.random() * delay) / 2), next];
};

/** How steeply the curve of {@link decorrelatedJitterGenerator} begins. */
const steepness = 4;
/** Lets the median of its first delay be about `initialDelay`. */
const scale = 1 / 1.4;

/**
 * Delays between which there is no gap, and that come to no peaks: each is the way along a curve
 * between two points at random, of which the second is the first of the next delay.
 *
 * Source of the formula: Polly.Contrib.WaitAndRetry, "DecorrelatedJitterBackoffV2", 2019.
 */
export const decorrelatedJitterGenerator: GeneratorFn<[number, number]> = (state, options) => {
  const [step, before] = state ?? [0, 0];
  const { exponent, initialDelay, maxDelay } = options;
  const at = step + Math.random();
  const height = exponent ** at * Math.tanh(Math.sqrt(steepness * at));
  // Far out the curve is beyond all numbers, and so is the way along it.
  const way = Number.isFinite(height) ? Math.max(0, height - before) : Number.POSITIVE_INFINITY;
  return [Math.min(way * scale * initialDelay, maxDelay), [step + 1, height]];
};
