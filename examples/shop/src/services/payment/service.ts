import type { FastifyInstance } from 'fastify';
import { charge } from '../contract.ts';
import { openData } from '../data.ts';
import { addFaultSwitch } from '../fault-switch.ts';
import { runService } from '../run-service.ts';
import type { ServiceSetup } from '../setup.ts';
import { type ChargeResult, Ledger, ledgerSchema } from './ledger.ts';

const statusOf: Readonly<Record<ChargeResult, number>> = { charged: 201, known: 200, voided: 409 };

function routes(app: FastifyInstance, setup: ServiceSetup): void {
  const ledger = new Ledger(openData(setup, ledgerSchema));
  addFaultSwitch(app, setup.seed);
  app.post('/charges', (request, reply) => {
    const wanted = charge.parse(request.body);
    const key = request.headers['idempotency-key'];
    const result = ledger.charge(wanted, typeof key === 'string' ? key : undefined);
    return reply.code(statusOf[result]).send({ orderId: wanted.orderId, result });
  });
  app.delete<{ Params: { orderId: string } }>('/charges/:orderId', (request, reply) => {
    ledger.void(request.params.orderId);
    return reply.code(204).send();
  });
  app.get('/control/ledger', () => ledger.lines());
}

await runService(routes);
