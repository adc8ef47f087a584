import type { FastifyInstance } from 'fastify';
import { receipt } from '../contract.ts';
import { openData } from '../data.ts';
import { addFaultSwitch } from '../fault-switch.ts';
import { runService } from '../run-service.ts';
import type { ServiceSetup } from '../setup.ts';

function routes(app: FastifyInstance, setup: ServiceSetup): void {
  const data = openData(setup, 'CREATE TABLE IF NOT EXISTS receipts (orderId TEXT PRIMARY KEY)');
  const add = data.prepare('INSERT OR IGNORE INTO receipts VALUES (?)');
  const all = data.prepare('SELECT orderId FROM receipts');
  addFaultSwitch(app, setup.seed);
  // PUT: to send the same receipt twice is to send it once.
  app.put('/receipts', (request, reply) => {
    add.run(receipt.parse(request.body).orderId);
    return reply.code(204).send();
  });
  app.get('/control/receipts', () => all.all().map((row) => row['orderId']));
}

await runService(routes);
