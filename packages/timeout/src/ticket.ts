import type { HeapedDeadline, QueuedDeadline, Run, TimeoutError } from '@holdfast/policy';

/** Whom a ticket tells that its time is over. */
export interface Expiry {
  expired(ticket: TimeoutTicket): void;
}

/** What a timeout remembers of one call: its place among the deadlines, and whom to cut. */
export class TimeoutTicket implements QueuedDeadline, HeapedDeadline {
  due = 0;
  previous: QueuedDeadline | null = null;
  next: QueuedDeadline | null = null;
  place = -1;
  /** The record of the call at present. */
  run: Run;
  readonly at: number;
  /** The time that the call has, in milliseconds. */
  readonly timeoutMs: number;
  /** Set when a cooperative timeout has struck. */
  error: TimeoutError | undefined = undefined;
  private readonly owner: Expiry;

  constructor(run: Run, at: number, timeoutMs: number, owner: Expiry) {
    this.run = run;
    this.at = at;
    this.timeoutMs = timeoutMs;
    this.owner = owner;
  }

  expire(): void {
    this.owner.expired(this);
  }
}
