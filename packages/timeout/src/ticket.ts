import { type HeapedDeadline, keepShape, type QueuedDeadline, type Run } from '@holdfast/policy';

/** Whom a ticket tells that its time is over. */
export interface Expiry {
  expired(ticket: TimeoutTicket, timeoutMs?: number): void;
}

/** What a timeout remembers of one call: its place among the deadlines, and whom to cut. */
export class TimeoutTicket implements QueuedDeadline {
  declare due: number | undefined;
  declare previous: QueuedDeadline | null;
  declare next: QueuedDeadline | null;
  /** The record of the call at present. */
  declare run: Run;
  declare readonly at: number;
  declare readonly owner: Expiry;

  constructor(run: Run, at: number, owner: Expiry) {
    this.due = undefined;
    this.previous = null;
    this.next = null;
    this.run = run;
    this.at = at;
    this.owner = owner;
  }

  expire(): void {
    this.owner.expired(this);
  }
}

keepShape(new TimeoutTicket(undefined as unknown as Run, 0, undefined as unknown as Expiry));

/** The ticket of a call that has less time, or more, than the constant duration. */
export class OwnTimeTicket extends TimeoutTicket implements HeapedDeadline {
  place = -1;
  /** The time that the call has, in milliseconds. */
  readonly timeoutMs: number;

  constructor(run: Run, at: number, owner: Expiry, timeoutMs: number) {
    super(run, at, owner);
    this.timeoutMs = timeoutMs;
  }

  override expire(): void {
    this.owner.expired(this, this.timeoutMs);
  }
}
