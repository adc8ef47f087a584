import { stockLevel } from '../contract.ts';
import type { ServiceSetup } from '../setup.ts';
import { type Clients, expectOk, inventoriesOf, json } from './clients.ts';
import { inTurn } from './in-turn.ts';
import type { Metrics } from './metrics.ts';

/** The clients as most services have them: fetch, and hope. */
export function plainClients({ peers }: ServiceSetup, metrics: Metrics): Clients {
  const fetchInventory = metrics.counted('inventory');
  const inventory = inTurn(inventoriesOf(peers));
  const fetchPayment = metrics.counted('payment');
  const fetchNotification = metrics.counted('notification');

  return {
    async stock(sku) {
      const body = await expectOk('inventory', await fetchInventory(`${inventory()}/stock/${sku}`));
      return { level: stockLevel.parse(JSON.parse(body)), isFresh: true };
    },
    async charge(charge) {
      await expectOk(
        'payment',
        await fetchPayment(`${peers['payment']}/charges`, json('POST', charge)),
      );
    },
    cancelCharge() {},
    async sendReceipt(orderId) {
      const url = `${peers['notification']}/receipts`;
      await expectOk('notification', await fetchNotification(url, json('PUT', { orderId })));
      return 'sent';
    },
  };
}
