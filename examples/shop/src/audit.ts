import type { LedgerLine } from './services/contract.ts';

/** What the books say at the end, compared with what the customers saw. */
export interface Audit {
  /** Orders that were confirmed to a customer. */
  readonly confirmed: number;
  /** Confirmed orders for which money was taken exactly once, and kept. */
  readonly paidOnce: number;
  /** Orders for which money was taken more than once. */
  readonly paidTwice: number;
  /** Orders that no customer saw confirmed, although money was taken and not given back. */
  readonly paidForNothing: number;
  /** Confirmed orders whose receipt never arrived. */
  readonly receiptsMissing: number;
}

/** What an audit is made from. */
export interface AuditInput {
  readonly confirmedIds: readonly string[];
  readonly ledger: readonly LedgerLine[];
  readonly receipts: readonly string[];
}

/** Compares the books of payment and notification with what the customers saw. */
export function audit({ confirmedIds, ledger, receipts }: AuditInput): Audit {
  const confirmed = new Set(confirmedIds);
  const received = new Set(receipts);
  const kept = ledger.filter((line) => line.timesCharged > 0 && !line.isVoided);
  return {
    confirmed: confirmed.size,
    paidOnce: kept.filter((line) => confirmed.has(line.orderId) && line.timesCharged === 1).length,
    paidTwice: ledger.filter((line) => line.timesCharged > 1).length,
    paidForNothing: kept.filter((line) => !confirmed.has(line.orderId)).length,
    receiptsMissing: [...confirmed].filter((id) => !received.has(id)).length,
  };
}
