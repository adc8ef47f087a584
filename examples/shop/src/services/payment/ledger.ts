import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Charge, LedgerLine } from '../contract.ts';

export const ledgerSchema = `
  CREATE TABLE IF NOT EXISTS charges (
    orderId TEXT PRIMARY KEY, amountCents INTEGER, timesCharged INTEGER, isVoided INTEGER
  );
  CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY);
`;

/** What came of a request for money. */
export type ChargeResult = 'charged' | 'known' | 'voided';

/** The books: who was charged, how often, and whether the money was given back. */
export class Ledger {
  private readonly take: StatementSync;
  private readonly giveBack: StatementSync;
  private readonly addKey: StatementSync;
  private readonly find: StatementSync;
  private readonly all: StatementSync;

  constructor(data: DatabaseSync) {
    this.take = data.prepare(
      `INSERT INTO charges VALUES (?, ?, 1, 0)
       ON CONFLICT (orderId) DO UPDATE SET timesCharged = timesCharged + 1`,
    );
    // A void that overtakes its charge stands in the books first, and the charge is refused.
    this.giveBack = data.prepare(
      `INSERT INTO charges VALUES (?, 0, 0, 1) ON CONFLICT (orderId) DO UPDATE SET isVoided = 1`,
    );
    this.addKey = data.prepare('INSERT OR IGNORE INTO keys VALUES (?)');
    this.find = data.prepare('SELECT isVoided FROM charges WHERE orderId = ?');
    this.all = data.prepare('SELECT orderId, timesCharged, isVoided FROM charges');
  }

  /** Takes the money; with a key that was seen before, nothing happens again. */
  charge({ orderId, amountCents }: Charge, idempotencyKey: string | undefined): ChargeResult {
    if (this.find.get(orderId)?.['isVoided'] === 1) return 'voided';
    const isNew = idempotencyKey === undefined || this.addKey.run(idempotencyKey).changes === 1;
    if (!isNew) return 'known';
    this.take.run(orderId, amountCents);
    return 'charged';
  }

  /** Gives the money back, if any was taken, and sees to it that none will be. */
  void(orderId: string): void {
    this.giveBack.run(orderId);
  }

  lines(): LedgerLine[] {
    return this.all.all().map((row) => ({
      orderId: row['orderId'] as string,
      timesCharged: row['timesCharged'] as number,
      isVoided: row['isVoided'] === 1,
    }));
  }
}
