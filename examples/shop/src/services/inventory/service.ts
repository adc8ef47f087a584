import type { FastifyInstance } from 'fastify';
import type { StockLevel } from '../contract.ts';
import { openData } from '../data.ts';
import { addFaultSwitch } from '../fault-switch.ts';
import { runService } from '../run-service.ts';
import type { ServiceSetup } from '../setup.ts';
import { products } from './products.ts';
import { WorkerPool } from './worker-pool.ts';

/** One worker of 80 ms: the two instances can answer 25 requests a second together, and no more. */
const workers = 1;
const jobMs = 80;

function openStock(setup: ServiceSetup): (sku: string) => StockLevel | undefined {
  const data = openData(
    setup,
    'CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, available INTEGER)',
  );
  const put = data.prepare('INSERT OR IGNORE INTO stock VALUES (?, ?)');
  for (const sku of products) put.run(sku, 1_000);
  const get = data.prepare('SELECT sku, available FROM stock WHERE sku = ?');
  return (sku) => get.get(sku) as StockLevel | undefined;
}

function routes(app: FastifyInstance, setup: ServiceSetup): void {
  const stockOf = openStock(setup);
  const pool = new WorkerPool(workers, jobMs);
  addFaultSwitch(app, setup.seed);
  app.get<{ Params: { sku: string } }>('/stock/:sku', async (request, reply) => {
    const level = await pool.work(() => stockOf(request.params.sku));
    return level ?? reply.code(404).send({ error: 'no such product' });
  });
}

await runService(routes);
