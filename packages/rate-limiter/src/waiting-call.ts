import type { HeapedDeadline, Run } from '@holdfast/policy';
import type { RateState, Taken } from './algorithm.ts';
import type { Bucket } from './bucket.ts';
import type { LineMember } from './waiting-line.ts';

/** Whom a call tells that it has waited for long enough. */
export interface LineKeeper {
  overdue(call: WaitingCall): void;
}

/** A call that comes in. */
export interface NewCall {
  readonly bucket: Bucket;
  /** How many units it is. */
  readonly units: number;
  /** Its rank among those that wait; see `LineOrder`. */
  readonly rank: number;
  readonly now: number;
  /** The position of the limiter in the pipeline. */
  readonly at: number;
}

/** A call that has to wait until it may go. */
export class WaitingCall implements HeapedDeadline, LineMember<WaitingCall> {
  /** Its place among the deadlines of the clock. */
  place = -1;
  /** When it has to go at the latest, if there is such a time. */
  due: number | undefined = undefined;
  ahead: WaitingCall | undefined = undefined;
  behind: WaitingCall | undefined = undefined;
  state: 'waiting' | 'called' | 'overdue' = 'waiting';
  /** What it has taken, once it is called. */
  taken: Taken | undefined = undefined;
  /** The counts that it has taken it from. */
  takenFrom: RateState | undefined = undefined;
  readonly run: Run;
  readonly bucket: Bucket;
  readonly units: number;
  readonly rank: number;
  /** When it began to wait. */
  readonly since: number;
  private readonly keeper: LineKeeper;

  constructor(run: Run, keeper: LineKeeper, call: NewCall) {
    this.run = run;
    this.keeper = keeper;
    this.bucket = call.bucket;
    this.units = call.units;
    this.rank = call.rank;
    this.since = call.now;
  }

  expire(): void {
    this.keeper.overdue(this);
  }
}
