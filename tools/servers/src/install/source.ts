/** How a server gets onto the machine. */
export interface Source {
  /** Which version it is, for the folder in the cache and for people. */
  readonly version: string;
  /** What the installation does, for people: `a package of Debian`. */
  readonly description: string;
  /** Roughly how long a first installation takes, in seconds. */
  readonly estimateSeconds: number;
  /** Packages of Debian that must be there, each with a file by which one sees that it is. */
  readonly packages: readonly DebianPackage[];
  /** The files that the recipe works with, by name; `undefined` where something is missing. */
  find(): Readonly<Record<string, string>> | undefined;
  /** Builds what is not a package, after the packages; throws with what to do. */
  build?(): Promise<void>;
}

/** A package of Debian. */
export interface DebianPackage {
  readonly name: string;
  /** Whether what it brings is there, from wherever. */
  isPresent(): boolean;
}
