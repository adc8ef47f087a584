/** What the callbacks of p-retry are told of a failure. */
export type RetryContext = {
  /** What was thrown; a `TypeError` about it if that was no `Error`. */
  readonly error: Error;
  /** Which attempt has failed, counted from 1. */
  readonly attemptNumber: number;
  /** How many retries there are still to consume. */
  readonly retriesLeft: number;
  /** How many retries have been consumed. */
  readonly retriesConsumed: number;
  /**
   * How long the wait before the next attempt would be, in milliseconds; `maxRetryTime` may shorten it.
   * 0 where it is clear that there will be none, or that this failure consumes no retry.
   */
  readonly retryDelay: number;
};

/** Options of p-retry that have a counterpart in `retry`. */
export type PRetryOptions = {
  /**
   * Called after each failure, before it is decided about a further attempt. If it throws or rejects, so
   * does the call. It is not called for an `AbortError`, nor after an abort.
   *
   * @default undefined
   */
  readonly onFailedAttempt?: ((context: RetryContext) => void | Promise<void>) | undefined;
  /**
   * Whether a failure is worth a further attempt. It is asked last, after `onFailedAttempt`, and only if
   * there may be one. If it throws or rejects, so does the call.
   *
   * @default () => true
   */
  readonly shouldRetry?: ((context: RetryContext) => boolean | Promise<boolean>) | undefined;
  /**
   * How often the function is called again at most: an integer from 0 up, or Infinity.
   *
   * @default 10
   */
  readonly retries?: number | undefined;
  /**
   * What each delay is multiplied by to get the next; 0 counts as 1.
   *
   * @default 2
   */
  readonly factor?: number | undefined;
  /**
   * The first delay, in milliseconds.
   *
   * @default 1_000
   */
  readonly minTimeout?: number | undefined;
  /**
   * The longest delay, in milliseconds. No delay is longer than 2^31-1 ms.
   *
   * @default Infinity
   */
  readonly maxTimeout?: number | undefined;
  /**
   * Multiplies each delay by a random number between 1 and 2.
   *
   * @default false
   */
  readonly randomize?: boolean | undefined;
  /**
   * For how long retries may go on, in milliseconds. It is looked at after each failure and each
   * callback; the last delay is shortened to it. What runs is not interrupted.
   *
   * @default Infinity
   */
  readonly maxRetryTime?: number | undefined;
  /**
   * Lets the process end although a call waits between two attempts.
   *
   * @default false
   */
  readonly unref?: boolean | undefined;
};

/** What `pRetry` can be told. As in p-retry, null is the same as undefined. */
export type Options = PRetryOptions & {
  /**
   * Whether a failure counts against `retries`. After one that does not, the next attempt begins at
   * once, so give such calls a `maxRetryTime`. It is asked first; undefined counts as true.
   *
   * @default () => true
   */
  readonly shouldConsumeRetry?:
    | ((context: RetryContext) => boolean | void | Promise<boolean | void>)
    | undefined;
  /**
   * Abort it to give the call up: it rejects with `signal.reason`, at once if it waits between two
   * attempts, or else as soon as the function or the callback that runs has settled.
   *
   * @default undefined
   */
  readonly signal?: AbortSignal | undefined;
};
