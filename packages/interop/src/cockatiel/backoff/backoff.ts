/** Where a chain of delays begins; it is never changed, so that many calls may share it. */
export interface IBackoffFactory<T> {
  /** The first delay, for what has just happened. */
  next(context: T): IBackoff<T>;
}

/** One delay of a chain. */
export interface IBackoff<T> extends IBackoffFactory<T> {
  /** How long to wait, in milliseconds. */
  readonly duration: number;
}
