/** One reading of a source: the `ConfigReading` of `@holdfast/config`. */
export interface SourceReading {
  /** Plain data. */
  readonly data: unknown;
  /** What the source calls this state. */
  readonly version?: string | undefined;
}

/** Who is told what a watched source finds: the `ConfigListener` of `@holdfast/config`. */
export interface SourceListener {
  /** The source has something that may be new. */
  readonly changed: (reading: SourceReading) => void;
  /** The source could not be read. */
  readonly failed: (error: unknown) => void;
}

/** A running watch. */
export interface SourceWatch {
  /** Ends it; safe to call twice. */
  close(): void;
}

/**
 * A source of configuration: the `ConfigSource` of `@holdfast/config`, written down again by its shape,
 * so that this package does not need that one.
 */
export interface SourceUnderTest {
  /** Names the source in events and errors. */
  readonly name: string;
  /** Reads the whole configuration once. */
  read(options: { readonly signal: AbortSignal }): Promise<SourceReading>;
  /** Tells what there is, and each change from then on. */
  watch?(listener: SourceListener): SourceWatch;
}

/** A source with the store that it reads from, which the contract changes and breaks. */
export interface ConfigSourceSubject {
  /** The source. */
  readonly source: SourceUnderTest;
  /** Puts this data into the store, in place of all that was there. */
  readonly write: (data: Readonly<Record<string, unknown>>) => void | Promise<void>;
  /** Makes the store one that cannot be read, until the next `write`; left out where none can be. */
  readonly damage?: (() => void | Promise<void>) | undefined;
  /**
   * Called again and again while the contract waits for what a watch tells: moves a virtual clock on
   * by an interval, say.
   */
  readonly tick?: (() => void | Promise<void>) | undefined;
  /** Takes away what was made for the test. */
  readonly cleanUp?: (() => void | Promise<void>) | undefined;
}

/** Makes a source with a store of its own. */
export type MakeConfigSource = () => ConfigSourceSubject | Promise<ConfigSourceSubject>;

/** How `configSourceContract` is to treat a source. */
export interface ConfigSourceContractOptions {
  /**
   * Whether the source can be watched.
   *
   * @default true
   */
  readonly watches?: boolean | undefined;
  /**
   * Whether the store can be damaged: then `make` gives `damage`.
   *
   * @default true
   */
  readonly fails?: boolean | undefined;
  /**
   * How long a watch may take to tell something, in real milliseconds.
   *
   * @default 5_000
   */
  readonly patienceMs?: number | undefined;
}
