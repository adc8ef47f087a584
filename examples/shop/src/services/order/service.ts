import type { FastifyInstance } from 'fastify';
import { abandoned } from '../abandoned.ts';
import { type Confirmation, placeOrder, type PlaceOrder } from '../contract.ts';
import { openData } from '../data.ts';
import { runService } from '../run-service.ts';
import type { ServiceSetup } from '../setup.ts';
import type { Clients } from './clients.ts';
import { Metrics } from './metrics.ts';
import { outboxSchema } from './outbox.ts';
import { plainClients } from './plain-clients.ts';
import { orderPolicies } from './policies.ts';
import { resilientClients } from './resilient-clients.ts';

const ordersSchema = `
  CREATE TABLE IF NOT EXISTS orders (
    orderId TEXT PRIMARY KEY, sku TEXT, quantity INTEGER, amountCents INTEGER, stock TEXT, receipt TEXT
  );
`;

class SoldOut extends Error {
  override readonly name = 'SoldOut';
}

/** Takes an order through its three steps; without its confirmation, the money goes back. */
async function fulfil(
  { amountCents, orderId, quantity, sku }: PlaceOrder,
  { clients, signal }: { readonly clients: Clients; readonly signal: AbortSignal },
): Promise<Confirmation> {
  const { level, isFresh } = await clients.stock(sku, signal);
  if (level.available < quantity) throw new SoldOut(`${sku} is sold out`);
  await clients.charge({ orderId, amountCents }, signal);
  try {
    signal.throwIfAborted();
    const receipt = await clients.sendReceipt(orderId, signal);
    signal.throwIfAborted();
    return { orderId, status: 'confirmed', stock: isFresh ? 'fresh' : 'stale', receipt };
  } catch (error) {
    clients.cancelCharge(orderId);
    throw error;
  }
}

async function routes(app: FastifyInstance, setup: ServiceSetup): Promise<void> {
  const data = openData(setup, ordersSchema + outboxSchema);
  const save = data.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)');
  const all = data.prepare('SELECT orderId FROM orders');
  const metrics = new Metrics();
  const isResilient = setup.mode === 'resilient';
  const clients = isResilient
    ? resilientClients({ setup, metrics, data, policies: await orderPolicies(setup.policiesFile) })
    : plainClients(setup, metrics);

  app.get('/control/orders', () => all.all().map((row) => row['orderId']));
  app.get('/metrics', () => metrics.snapshot());
  app.post('/orders', async (request, reply) => {
    const order = placeOrder.parse(request.body);
    metrics.inFlight++;
    try {
      const signal = isResilient ? abandoned(reply) : new AbortController().signal;
      const done = await fulfil(order, { clients, signal });
      save.run(
        order.orderId,
        order.sku,
        order.quantity,
        order.amountCents,
        done.stock,
        done.receipt,
      );
      return await reply.code(201).send(done);
    } catch (error) {
      return await reply.code(error instanceof SoldOut ? 409 : 502).send({ error: String(error) });
    } finally {
      metrics.inFlight--;
    }
  });
}

await runService(routes);
