import type { DatabaseSync, StatementSync } from 'node:sqlite';

export const outboxSchema = `
  CREATE TABLE IF NOT EXISTS outbox (
    kind TEXT, orderId TEXT, PRIMARY KEY (kind, orderId)
  );
`;

/** Work that is put off until a dependency is well again. */
export type Errand = 'send-receipt' | 'void-charge';

/** Does an errand; rejects when it is still too early. */
export type Courier = (kind: Errand, orderId: string) => Promise<unknown>;

const pauseMs = 200;
const perRound = 20;

/** Remembers errands, on disk, and tries them again and again until they are done. */
export class Outbox {
  private readonly insert: StatementSync;
  private readonly remove: StatementSync;
  private readonly oldest: StatementSync;
  private readonly total: StatementSync;
  private readonly courier: Courier;

  constructor(data: DatabaseSync, courier: Courier) {
    this.insert = data.prepare('INSERT OR IGNORE INTO outbox VALUES (?, ?)');
    this.remove = data.prepare('DELETE FROM outbox WHERE kind = ? AND orderId = ?');
    this.oldest = data.prepare('SELECT kind, orderId FROM outbox ORDER BY rowid LIMIT ?');
    this.total = data.prepare('SELECT count(*) AS size FROM outbox');
    this.courier = courier;
  }

  add(kind: Errand, orderId: string): void {
    this.insert.run(kind, orderId);
  }

  get size(): number {
    return Number(this.total.get()?.['size'] ?? 0);
  }

  /** Begins to work, for as long as the process lives. */
  start(): void {
    setTimeout(() => void this.round().finally(() => this.start()), pauseMs).unref();
  }

  private async round(): Promise<void> {
    const rows = this.oldest.all(perRound) as unknown as { kind: Errand; orderId: string }[];
    await Promise.all(rows.map(({ kind, orderId }) => this.attempt(kind, orderId)));
  }

  private async attempt(kind: Errand, orderId: string): Promise<void> {
    try {
      await this.courier(kind, orderId);
      this.remove.run(kind, orderId);
    } catch {
      // It stays in the outbox: the next round tries again.
    }
  }
}
