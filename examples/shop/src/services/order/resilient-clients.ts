import type { DatabaseSync } from 'node:sqlite';
import { fallback } from '@holdfast/fallback';
import { wrapFetch, type WrappedFetch } from '@holdfast/fetch';
import { contextKey, isRejectedError } from '@holdfast/policy';
import { type Dependency, type StockLevel, stockLevel } from '../contract.ts';
import type { ServiceSetup } from '../setup.ts';
import { type Clients, expectOk, json } from './clients.ts';
import type { Metrics } from './metrics.ts';
import { Outbox } from './outbox.ts';
import { type Guard, inventoryGuard, notificationGuard, paymentGuard } from './policies.ts';

/** Which product a call is about: what its fallback has to know. */
const skuKey = contextKey<string>('sku');

interface Stock {
  readonly level: StockLevel;
  readonly isFresh: boolean;
}

/** Reads the stock; where the inventory does not answer, the last known level has to do. */
function stockReader(fetchInventory: WrappedFetch, origin: string): Clients['stock'] {
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
        const response = await fetchInventory(`${origin}/stock/${sku}`, { signal: context.signal });
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
}

/** The clients with a policy around each fetch. */
export function resilientClients({ data, metrics, setup }: ResilientClientsOptions): Clients {
  const { peers } = setup;
  const guards = {
    inventory: inventoryGuard(),
    payment: paymentGuard(),
    notification: notificationGuard(),
  };
  watchCircuits(guards, metrics);
  const guarded = (name: Dependency): WrappedFetch =>
    wrapFetch(metrics.counted(name), guards[name].policy);
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
    stock: stockReader(guarded('inventory'), peers['inventory'] ?? ''),
    charge: charger(fetchPayment, { origin: peers['payment'] ?? '', outbox }),
    cancelCharge: (orderId) => outbox.add('void-charge', orderId),
    sendReceipt: receiptSender(send, outbox),
  };
}

function watchCircuits(guards: Readonly<Record<Dependency, Guard>>, metrics: Metrics): void {
  metrics.circuitState = (name) => guards[name].breaker.state;
  for (const [name, { breaker }] of Object.entries(guards)) {
    breaker.on('opened', () => metrics.circuitOpened(name as Dependency));
  }
}
