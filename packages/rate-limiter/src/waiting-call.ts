import type { HeapedDeadline, Run } from '@holdfast/policy';
import type { Taken } from './algorithm.ts';
import type { Bucket } from './bucket.ts';

/** Whom a call tells that it has waited for long enough. */
export interface LineKeeper {
  overdue(call: WaitingCall): void;
}

/** A call that has to wait until it may go. */
export class WaitingCall implements HeapedDeadline {
  /** Its place among the deadlines of the clock. */
  place = -1;
  ahead: WaitingCall | undefined = undefined;
  behind: WaitingCall | undefined = undefined;
  state: 'waiting' | 'called' | 'overdue' = 'waiting';
  /** What it has taken, once it is called. */
  taken: Taken | undefined = undefined;
  readonly run: Run;
  readonly bucket: Bucket;
  /** How many units it is. */
  readonly units: number;
  /** From 0, which goes first, to 7. */
  readonly urgency: number;
  /** When it began to wait. */
  readonly since: number;
  /** When it has to go at the latest. */
  due: number;
  private readonly keeper: LineKeeper;

  constructor(run: Run, keeper: LineKeeper, call: Omit<NewCall, 'at'>) {
    this.run = run;
    this.keeper = keeper;
    this.bucket = call.bucket;
    this.units = call.units;
    this.urgency = call.urgency;
    this.since = call.now;
    this.due = Number.POSITIVE_INFINITY;
  }

  expire(): void {
    this.keeper.overdue(this);
  }
}

/** A call that comes in. */
export interface NewCall {
  readonly bucket: Bucket;
  readonly units: number;
  readonly urgency: number;
  readonly now: number;
  readonly at: number;
}
