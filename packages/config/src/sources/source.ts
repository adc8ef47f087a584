/** One reading of a source: the whole configuration as plain data. */
export interface ConfigReading {
  /** Plain data, as `JSON.parse` gives it: not yet validated. Whoever gets it may change it. */
  readonly data: unknown;
  /** What the source calls this state: a commit, a modify index, a resource version. */
  readonly version?: string | undefined;
}

/**
 * Who is told what a watched source finds. Neither function throws, and neither is called before
 * `watch` has returned or after `close`.
 */
export interface ConfigListener {
  /** The source has something that may be new: whoever listens compares the content. */
  readonly changed: (reading: ConfigReading) => void;
  /**
   * The source could not be read. The watch goes on, and tells the next reading that succeeds even
   * if it is the one from before: so whoever listens knows that the trouble is over.
   */
  readonly failed: (error: unknown) => void;
}

/** A running watch. */
export interface ConfigWatch {
  /** Ends the watch: timers, file watchers and requests; safe to call twice. */
  close(): void;
}

/**
 * Where a configuration comes from. Implement it for a store of your own: a source only reads and
 * tells of changes; comparing, validating and applying is done once, for all of them.
 * `configSourceContract` of `@holdfast/testing` tests yours.
 */
export interface ConfigSource {
  /** Names the source in events and errors: `file /etc/policies.json`. Holds no secret. */
  readonly name: string;
  /** Reads the whole configuration once; rejects when it cannot, and with `signal.reason` on abort. */
  read(options: { readonly signal: AbortSignal }): Promise<ConfigReading>;
  /**
   * Tells what there is, and each change from then on: because the first is told too, nothing is
   * lost between a `read` and a `watch`. Of changes in quick succession the last one is enough. A
   * source without it never changes.
   */
  watch?(listener: ConfigListener): ConfigWatch;
}
