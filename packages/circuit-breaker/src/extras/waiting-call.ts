import type { HeapedDeadline, QueuedDeadline, Run } from '@holdfast/policy';
import type { Ticket } from '../ticket.ts';

/** Whom to tell that the time of a waiting call is over, and when it was. */
export interface WaitKeeper {
  waitExpired(call: WaitingCall, due: number): void;
}

/** A call that waits for the decision of the probes. */
export class WaitingCall implements QueuedDeadline, HeapedDeadline {
  readonly run: Run;
  /** When it began to wait, in milliseconds of the breaker's clock. */
  readonly since: number;
  private readonly keeper: WaitKeeper;
  /** Its neighbours in the queue. */
  ahead: WaitingCall | undefined = undefined;
  behind: WaitingCall | undefined = undefined;
  /** What has become of it. */
  state: 'waiting' | 'called' | 'expired' | 'too-late' = 'waiting';
  /** The permit that it has been given. */
  permit: Ticket | undefined = undefined;
  /** Its place among the deadlines. */
  due: number | undefined = undefined;
  previous: QueuedDeadline | null = null;
  next: QueuedDeadline | null = null;
  place = -1;

  constructor(run: Run, since: number, keeper: WaitKeeper) {
    this.run = run;
    this.since = since;
    this.keeper = keeper;
  }

  expire(): void {
    this.keeper.waitExpired(this, this.due ?? 0);
  }
}
