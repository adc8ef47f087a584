/** The ticket of a call whose duration matters. */
export class TimedTicket {
  readonly epoch: number;
  readonly startedAt: number;

  constructor(epoch: number, startedAt: number) {
    this.epoch = epoch;
    this.startedAt = startedAt;
  }
}

/**
 * What a breaker remembers of a call that counts: the epoch of the circuit that admitted it. A call
 * that has none, because it has been settled or does not count, has undefined.
 */
export type Ticket = number | TimedTicket;

/** The epoch in which the call was admitted. */
export function epochOf(ticket: Ticket): number {
  return typeof ticket === 'number' ? ticket : ticket.epoch;
}

/** How long the call has taken; 0 when nobody wants to know. */
export function durationOf(ticket: Ticket, now: number): number {
  return typeof ticket === 'number' ? 0 : now - ticket.startedAt;
}
