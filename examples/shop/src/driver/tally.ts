import { percentile, shareOf } from './statistics.ts';
import { isServed, type Visit } from './visit.ts';

/** What came of the visits of a while. */
export interface Totals {
  readonly orders: number;
  readonly served: number;
  readonly degraded: number;
  readonly gaveUp: number;
  /** Orders refused with a 429, and those of them which were told when to come back. */
  readonly limited: number;
  readonly toldWhen: number;
  /** Served orders among all, from 0 to 1. */
  readonly successRate: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

/** Sums up visits while they end. */
export class Tally {
  /** Customers who still wait for their answer. */
  waiting = 0;
  private readonly visits: Visit[] = [];

  add(visit: Visit): void {
    this.visits.push(visit);
  }

  /** The orders that were confirmed to a customer. */
  get confirmedIds(): string[] {
    return this.visits.filter(isServed).map((visit) => visit.orderId);
  }

  /** Whether each of the latest visits was served, oldest first. */
  latest(count: number): boolean[] {
    return this.visits.slice(-count).map(isServed);
  }

  totals(): Totals {
    const { visits } = this;
    const waits = visits.map((visit) => visit.waitedMs);
    const served = visits.filter(isServed).length;
    const limited = visits.filter((visit) => visit.result === 'limited');
    return {
      orders: visits.length,
      served,
      degraded: visits.filter((visit) => visit.result === 'degraded').length,
      gaveUp: visits.filter((visit) => visit.result === 'gave-up').length,
      limited: limited.length,
      toldWhen: limited.filter(({ retryAfterMs }) => retryAfterMs !== undefined).length,
      successRate: shareOf(served, visits.length),
      p50Ms: percentile(waits, 50),
      p99Ms: percentile(waits, 99),
    };
  }
}
