import { wrapFetch, type WrappedFetch } from '@holdfast/fetch';
import { isPolicyError } from '@holdfast/policy';
import type { FastifyInstance } from 'fastify';
import { abandoned } from '../abandoned.ts';
import { placeOrder } from '../contract.ts';
import { runService } from '../run-service.ts';
import type { ServiceSetup } from '../setup.ts';
import { gatewayPolicies } from './policies.ts';
import { addRateLimit } from './rate-limit.ts';

function post(body: unknown): { method: string; headers: Record<string, string>; body: string } {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

async function routes(app: FastifyInstance, setup: ServiceSetup): Promise<void> {
  const orders = `${setup.peers['order']}/orders`;
  const isResilient = setup.mode === 'resilient';
  let send = fetch as WrappedFetch;
  if (isResilient) {
    const policies = await gatewayPolicies(setup.policiesFile);
    send = wrapFetch(fetch, policies.get('orders'));
    addRateLimit(app, policies);
  }

  app.post('/orders', async (request, reply) => {
    const order = placeOrder.parse(request.body);
    const signal = isResilient ? abandoned(reply) : undefined;
    try {
      const response = await send(orders, { ...post(order), signal: signal ?? null });
      const body = await response.text();
      return await reply.code(response.status).type('application/json').send(body);
    } catch (error) {
      const code = isPolicyError(error) ? error.code : 'UPSTREAM';
      return reply.code(isPolicyError(error) ? 503 : 502).send({ error: String(error), code });
    }
  });
}

await runService(routes);
