import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { audit } from '../src/audit.ts';
import { Ledger, ledgerSchema } from '../src/services/payment/ledger.ts';

function ledger(): Ledger {
  const data = new DatabaseSync(':memory:');
  data.exec(ledgerSchema);
  return new Ledger(data);
}

const order = { orderId: 'o-1', amountCents: 100 };

describe('the ledger', () => {
  test('takes money once for a key, however often it is asked', () => {
    const books = ledger();
    expect(books.charge(order, 'key')).toBe('charged');
    expect(books.charge(order, 'key')).toBe('known');
    expect(books.lines()).toEqual([{ orderId: 'o-1', timesCharged: 1, isVoided: false }]);
  });

  test('takes money twice where there is no key', () => {
    const books = ledger();
    books.charge(order, undefined);
    books.charge(order, undefined);
    expect(books.lines()[0]?.timesCharged).toBe(2);
  });

  test('gives money back, and takes none for an order that was voided before', () => {
    const books = ledger();
    books.charge(order, 'key');
    books.void('o-1');
    books.void('o-2');
    expect(books.charge({ ...order, orderId: 'o-2' }, 'other')).toBe('voided');
    expect(books.lines()).toEqual([
      { orderId: 'o-1', timesCharged: 1, isVoided: true },
      { orderId: 'o-2', timesCharged: 0, isVoided: true },
    ]);
  });
});

test('the audit compares what customers saw with what was paid', () => {
  const line = { timesCharged: 1, isVoided: false };
  const result = audit({
    confirmedIds: ['good', 'twice', 'unpaid'],
    orderIds: ['good', 'twice', 'unpaid', 'unseen'],
    receipts: ['good', 'twice'],
    ledger: [
      { ...line, orderId: 'good' },
      { ...line, orderId: 'twice', timesCharged: 2 },
      { ...line, orderId: 'unseen' },
      { ...line, orderId: 'lost' },
      { ...line, orderId: 'given-back', isVoided: true },
    ],
  });
  expect(result).toEqual({
    confirmed: 3,
    paidOnce: 1,
    paidTwice: 1,
    paidForNothing: 1,
    paidUnseen: 1,
    receiptsMissing: 1,
  });
});
