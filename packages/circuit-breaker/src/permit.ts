import type { Outcome } from '@holdfast/policy';
import type { ProbeEnd } from './state.ts';
import type { Ticket } from './ticket.ts';

/**
 * Leave to make one call by hand; see `tryAcquire`. It is settled once, by the first of its methods;
 * whoever forgets to holds a permit of a half-open circuit for `probeTimeoutMs`. At the end of a
 * `using` block it is ignored, unless it has been settled.
 */
export interface CircuitPermit extends Disposable {
  /** The call succeeded. */
  succeed(): void;
  /** The call failed. */
  fail(error: unknown): void;
  /** The call says nothing about the health of what was called, or was not made. */
  ignore(): void;
}

/** Whom a permit tells how its call ended. */
export interface PermitIssuer {
  settleTicket(ticket: Ticket, end: ProbeEnd, outcome: Outcome<unknown> | undefined): void;
}

export class TicketPermit implements CircuitPermit {
  private readonly issuer: PermitIssuer;
  private ticket: Ticket | undefined;

  constructor(issuer: PermitIssuer, ticket: Ticket | undefined) {
    this.issuer = issuer;
    this.ticket = ticket;
  }

  succeed(): void {
    this.settle('success', undefined);
  }

  fail(error: unknown): void {
    this.settle('failure', { ok: false, error });
  }

  ignore(): void {
    this.settle('ignored', undefined);
  }

  [Symbol.dispose](): void {
    this.settle('ignored', undefined);
  }

  private settle(end: ProbeEnd, outcome: Outcome<unknown> | undefined): void {
    const { ticket } = this;
    this.ticket = undefined;
    if (ticket !== undefined) this.issuer.settleTicket(ticket, end, outcome);
  }
}
