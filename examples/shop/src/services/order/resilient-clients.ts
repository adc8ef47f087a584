import type { DatabaseSync } from 'node:sqlite';
import { fallback } from '@holdfast/fallback';
import { wrapFetch, type WrappedFetch } from '@holdfast/fetch';
import { contextKey, isRejectedError } from '@holdfast/policy';
import { type StockLevel, stockLevel } from '../contract.ts';
import type { ServiceSetup } from '../setup.ts';
import { Circuits } from './circuits.ts';
import { type Clients, expectOk, inventoriesOf, json } from './clients.ts';
import type { Metrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import type { OrderPolicies } from './policies.ts';
import { PolicyLog } from './policy-log.ts';
import { type FetchStock, StockReads } from './stock-reads.ts';

/** Which product a call is about: what its fallback has to know. */
const skuKey = contextKey<string>('sku');

interface Stock {
  readonly level: StockLevel;
  readonly isFresh: boolean;
}

/** Reads the stock; where the inventory does not answer, the last known level has to do. */
function stockReader(fetchStock: FetchStock): Clients['stock'] {
  const lastKnown = new Map<string, StockLevel>();
  const cached = fallback<Stock, Stock>({
    name: 'last known stock',
    use: (outcome, context) => {
      const level = lastKnown.get(context.get(skuKey) ?? '');
      if (level !== undefined) return { level, isFresh: false };
      throw outcome.ok ? new Error('nothing to replace') : outcome.error;
    },
  });

  return (sku, signal) =>
    cached.execute<Stock>(
      async (context) => {
        const response = await fetchStock(sku, context);
        const level = stockLevel.parse(JSON.parse(await expectOk('inventory', response)));
        lastKnown.set(sku, level);
        return { level, isFresh: true };
      },
      { signal, properties: [skuKey(sku)] },
    );
}

/** Takes the money once, however often it has to ask: the key says that it is the same charge. */
function charger(
  fetchPayment: WrappedFetch,
  { origin, outbox }: { readonly origin: string; readonly outbox: Outbox },
): Clients['charge'] {
  return async (charge, signal) => {
    const request = json('POST', charge);
    const headers = { ...request.headers, 'idempotency-key': charge.orderId };
    try {
      const response = await fetchPayment(`${origin}/charges`, { ...request, headers, signal });
      await expectOk('payment', response);
    } catch (error) {
      // Nobody knows whether the money was taken. If it was, it is given back.
      if (!isRejectedError(error)) outbox.add('void-charge', charge.orderId);
      throw error;
    }
  };
}

/** Sends a receipt now, or puts it into the outbox. */
function receiptSender(
  send: (orderId: string) => Promise<void>,
  outbox: Outbox,
): Clients['sendReceipt'] {
  const later = fallback({ name: 'receipt later', value: 'queued' });
  return async (orderId) => {
    const done = await later.execute(async () => {
      await send(orderId);
      return 'sent' as const;
    });
    if (done === 'queued') outbox.add('send-receipt', orderId);
    return done;
  };
}

/** What {@link resilientClients} is made from. */
export interface ResilientClientsOptions {
  readonly setup: ServiceSetup;
  readonly metrics: Metrics;
  readonly data: DatabaseSync;
  readonly policies: OrderPolicies;
}

/** The clients with a pipeline of `policies.json` around each fetch. */
export function resilientClients(options: ResilientClientsOptions): Clients {
  const { data, metrics, policies, setup } = options;
  const { peers } = setup;
  const reads = new StockReads({ metrics, origins: inventoriesOf(peers), policies });
  const log = new PolicyLog(policies, new Circuits(policies, metrics));
  metrics.policyNews = () => log.news;
  const guarded = (name: 'payment' | 'notification'): WrappedFetch =>
    wrapFetch(metrics.counted(name), policies.get(name));
  const fetchPayment = guarded('payment');
  const fetchNotification = guarded('notification');

  const send = async (orderId: string): Promise<void> => {
    const url = `${peers['notification']}/receipts`;
    await expectOk('notification', await fetchNotification(url, json('PUT', { orderId })));
  };
  const voidCharge = async (orderId: string): Promise<void> => {
    const url = `${peers['payment']}/charges/${orderId}`;
    await expectOk('payment', await fetchPayment(url, { method: 'DELETE' }));
  };
  const outbox = new Outbox(data, (kind, orderId) =>
    kind === 'send-receipt' ? send(orderId) : voidCharge(orderId),
  );
  outbox.start();
  metrics.outboxSize = () => outbox.size;

  return {
    stock: stockReader(reads.fetch),
    charge: charger(fetchPayment, { origin: peers['payment'] ?? '', outbox }),
    cancelCharge: (orderId) => outbox.add('void-charge', orderId),
    sendReceipt: receiptSender(send, outbox),
  };
}
