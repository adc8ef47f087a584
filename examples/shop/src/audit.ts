import type { LedgerLine } from './services/contract.ts';

/** What the books say at the end, compared with what the customers saw. */
export interface Audit {
  /** Orders that were confirmed to a customer. */
  readonly confirmed: number;
  /** Confirmed orders for which money was taken exactly once, and kept. */
  readonly paidOnce: number;
  /** Orders for which money was taken more than once. */
  readonly paidTwice: number;
  /** Money was taken and not given back, but there is no order. */
  readonly paidForNothing: number;
  /** There is an order, and it was paid, but the customer had given up before he heard of it. */
  readonly paidUnseen: number;
  /** Confirmed orders whose receipt never arrived. */
  readonly receiptsMissing: number;
}

/** What an audit is made from. */
export interface AuditInput {
  readonly confirmedIds: readonly string[];
  /** The books of the order service. */
  readonly orderIds: readonly string[];
  readonly ledger: readonly LedgerLine[];
  readonly receipts: readonly string[];
}

/** Compares the books of the services with what the customers saw. */
export function audit({ confirmedIds, ledger, orderIds, receipts }: AuditInput): Audit {
  const confirmed = new Set(confirmedIds);
  const ordered = new Set(orderIds);
  const received = new Set(receipts);
  const kept = ledger.filter((line) => line.timesCharged > 0 && !line.isVoided);
  return {
    confirmed: confirmed.size,
    paidOnce: kept.filter((line) => confirmed.has(line.orderId) && line.timesCharged === 1).length,
    paidTwice: ledger.filter((line) => line.timesCharged > 1).length,
    paidForNothing: kept.filter(({ orderId }) => !ordered.has(orderId)).length,
    paidUnseen: kept.filter(({ orderId }) => ordered.has(orderId) && !confirmed.has(orderId))
      .length,
    receiptsMissing: [...confirmed].filter((id) => !received.has(id)).length,
  };
}
