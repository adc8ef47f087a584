import type { Batch } from './batch.ts';

/** Somebody who is measured in a group. */
export interface Contender {
  /** `'holdfast'`, the peer or `'floor'`, and after a comma how it is set up. */
  readonly name: string;
  /** Makes the batch, in the process that measures it. */
  readonly make: () => Batch | Promise<Batch>;
  /** What we want, as a ratio to the group's base. */
  readonly goal?: number | undefined;
  /** The base of this contender alone, where it is not the group's. */
  readonly base?: () => Batch;
}

/** Contenders that do the same. */
export interface Group {
  readonly name: string;
  /** What a ratio of 1 is, in words. */
  readonly baseName: string;
  readonly base: () => Batch;
  readonly contenders: readonly Contender[];
  /** How many calls are in flight together; a round is one or more such waves. */
  readonly size?: number | undefined;
}

/** Somebody whose instances are weighed. */
export interface Weighed {
  readonly name: string;
  /** Makes an instance, as it is after a call. */
  readonly make: () => unknown;
  /** Lets go of what `make` keeps for all of them. */
  readonly drop?: () => void;
  /** How many can be made at most; 100,000 unless it says otherwise. */
  readonly most?: number;
  /** What we want, in bytes for each instance. */
  readonly goal?: number | undefined;
}

/** Things of one kind that are kept by the hundred thousand. */
export interface Weighing {
  readonly name: string;
  readonly contenders: readonly Weighed[];
}
