import type { HeapedDeadline, Run } from '@holdfast/policy';
import type { Taken } from '../algorithm.ts';
import type { RefusedReason } from '../events.ts';
import type { LineMember } from '../waiting-line.ts';
import type { Lot } from './lot.ts';
import type { SharedBucket } from './shared-bucket.ts';

/**
 * A call that could not be decided at once: it waits for an answer (`asking`), or for its turn
 * (`waiting`); then it may go (`called`), or not (`refused`), or nobody waits any more (`gone`).
 */
export type ClaimState = 'asking' | 'waiting' | 'called' | 'refused' | 'gone';

/** Why a claim may not go, and when it might. */
export interface Refusing {
  readonly reason: RefusedReason | 'away';
  readonly waitMs: number;
}

/** Who may not go, and of which bucket. */
export type Refused = Pick<Claim, 'bucket' | 'units'>;

/** Whom a claim tells that it has waited for long enough. */
export interface ClaimKeeper {
  overdue(claim: Claim): void;
}

/** What a claim is made from. */
export interface ClaimOptions {
  readonly bucket: SharedBucket;
  /** How many units it is. */
  readonly units: number;
  /** Its rank among those that wait; see `LineOrder`. */
  readonly rank: number;
  /** Whether it may wait for its turn. */
  readonly mayWait: boolean;
  readonly now: number;
  /** When it is of no use any more. */
  readonly deadline: number | undefined;
}

/** A call, or somebody who asks by hand, that has to wait. */
export class Claim implements HeapedDeadline, LineMember<Claim> {
  place = -1;
  due: number | undefined = undefined;
  ahead: Claim | undefined = undefined;
  behind: Claim | undefined = undefined;
  state: ClaimState = 'asking';
  /** Why it may not go, once it is refused. */
  refusing: Refusing | undefined = undefined;
  /** Whether somebody waits for its state to change. */
  isHeld = false;
  /** Whether somebody was told that it waits for its turn. */
  hasWaited = false;
  /** What it has taken of what Redis granted, once it is called. */
  lot: Lot | undefined = undefined;
  /** What it has taken of the local counts, once it is called. */
  taken: Taken | undefined = undefined;
  readonly bucket: SharedBucket;
  readonly units: number;
  readonly rank: number;
  readonly mayWait: boolean;
  readonly since: number;
  readonly deadline: number | undefined;
  private readonly keeper: ClaimKeeper;
  private readonly waiter: Run | (() => void);

  constructor(keeper: ClaimKeeper, waiter: Run | (() => void), options: ClaimOptions) {
    this.keeper = keeper;
    this.waiter = waiter;
    this.bucket = options.bucket;
    this.units = options.units;
    this.rank = options.rank;
    this.mayWait = options.mayWait;
    this.since = options.now;
    this.deadline = options.deadline;
  }

  /** Lets it go on: its state tells how. */
  wake(): void {
    const { waiter } = this;
    if (typeof waiter === 'function') waiter();
    else waiter.resume();
  }

  expire(): void {
    this.keeper.overdue(this);
  }
}
