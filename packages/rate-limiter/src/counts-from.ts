import type { RateAlgorithm, RateState } from './algorithm.ts';

/** Counts, and the algorithm that keeps them. */
export interface FormerCounts {
  readonly algorithm: RateAlgorithm;
  readonly state: RateState;
}

/** Makes the counts of an algorithm out of those that another one has kept until `now`. */
export function countsFrom(algorithm: RateAlgorithm, former: FormerCounts, now: number): RateState {
  const taken = algorithm.takeOver?.(former.state, now);
  if (taken !== undefined) return taken;
  const state = algorithm.makeState();
  const used = former.algorithm.capacity - former.state.remaining(now);
  // Not more than may go at one moment: what is beyond that would go later, which nobody asked for.
  const units = Math.min(algorithm.capacity, used);
  if (units > 0) state.take(now, units);
  return state;
}
