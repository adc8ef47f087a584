/**
 * How much may go, and when: the rule of a limiter, as {@link gcra}, {@link tokenBucket} or
 * {@link slidingWindow} makes it. It holds no counts: the limiter makes a {@link RateState} for each
 * key.
 */
export interface RateAlgorithm {
  /** The kind, for `describe()`. */
  readonly kind: string;
  /** How many units may go in `windowMs`, in the long run. */
  readonly limit: number;
  /** The window of the limit, in milliseconds. */
  readonly windowMs: number;
  /** How many units may go at one moment; a call that weighs more can never go. */
  readonly capacity: number;
  /** Makes the counts of one key. */
  makeState(): RateState;
  /**
   * Makes the counts of one key out of those that another algorithm has kept until `now`; undefined if
   * it does not understand them. Then, and without this method, what had been used of the former
   * capacity counts as taken at that moment.
   */
  takeOver?(former: RateState, now: number): RateState | undefined;
}

/**
 * The counts of one key. Times are readings of the limiter's clock in milliseconds. Where a clock goes
 * back, what was taken stays where it was: nothing goes too early. None of its methods throws.
 */
export interface RateState {
  /** After how many milliseconds, counted from `now`, so many units may go; 0 means at once. */
  waitFor(now: number, units: number): number;
  /**
   * Lets so many units go as soon as they may, which is after `waitFor(now, units)`, and returns what
   * {@link RateState.giveBack} wants.
   */
  take(now: number, units: number): Taken;
  /** Lets one unit go, if it may go at once; false if not. */
  takeOne(now: number): boolean;
  /**
   * Takes back, at `now`, what did not go after all, as far as nothing that was taken later counts on
   * it. Once for each {@link Taken}.
   */
  giveBack(taken: Taken, now: number): void;
  /** How many units may go at `now`: as many as `waitFor` answers 0 for. */
  remaining(now: number): number;
  /** After how many milliseconds all of the capacity is there, if nothing more goes. */
  resetAfter(now: number): number;
}

/** What {@link RateState.take} took. */
export interface Taken {
  /** How many units. */
  readonly units: number;
  /** When they may go. */
  readonly at: number;
}

/** Waits below this are the rounding of sums, not time: ten millionths of a millisecond. */
export const rounding = 1e-5;
