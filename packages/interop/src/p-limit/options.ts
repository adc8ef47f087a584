/** What `pLimit` can be told. */
export type Options = {
  /** How many functions may run at once: an integer from 1 up, or Infinity. */
  readonly concurrency: number;
  /**
   * Rejects with an `AbortError` what `clearQueue()` drops. Otherwise the promises of those calls never
   * settle.
   *
   * @default false
   */
  readonly rejectOnClear?: boolean;
};

/** Runs functions, only so many at once; made by `pLimit`. */
export type LimitFunction = {
  /** How many functions run. */
  readonly activeCount: number;
  /** How many functions wait. */
  readonly pendingCount: number;
  /**
   * How many functions may run at once. More lets those that wait start at once; fewer lets those that
   * run end.
   *
   * @throws `TypeError` for what is no integer from 1 up, nor Infinity.
   */
  concurrency: number;
  /** Drops the functions that wait; see `rejectOnClear`. Those that run go on. */
  clearQueue: () => void;
  /**
   * Calls a function with each item and its index, only so many at once, and resolves with the results in
   * the order of the items. If the iterable throws, so does the promise; what has been scheduled by then
   * runs all the same.
   */
  map: <Input, Result>(
    iterable: Iterable<Input>,
    mapper: (input: Input, index: number) => PromiseLike<Result> | Result,
  ) => Promise<Result[]>;
  /**
   * Calls a function with these arguments once there is room, in the async context of the caller. A
   * function must not wait for another one of the same limit: they may wait for each other for ever.
   */
  <Args extends unknown[], Result>(
    fn: (...args: Args) => PromiseLike<Result> | Result,
    ...args: Args
  ): Promise<Result>;
};
