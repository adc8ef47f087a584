import { bulkhead } from '@holdfast/bulkhead';
import { wrapFetch, type WrappedFetch } from '@holdfast/fetch';
import { compose, isPolicyError } from '@holdfast/policy';
import { timeout } from '@holdfast/timeout';
import type { FastifyInstance } from 'fastify';
import { abandoned } from '../abandoned.ts';
import { placeOrder } from '../contract.ts';
import { runService } from '../run-service.ts';
import type { ServiceSetup } from '../setup.ts';
import { addRateLimit } from './rate-limit.ts';

/** No customer waits longer, and no more than so many orders are on their way at once. */
const patience = compose(timeout({ afterMs: 2_500 }), bulkhead({ maxConcurrent: 200 }));

function post(body: unknown): { method: string; headers: Record<string, string>; body: string } {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function routes(app: FastifyInstance, { mode, peers }: ServiceSetup): void {
  const orders = `${peers['order']}/orders`;
  const isResilient = mode === 'resilient';
  const send: WrappedFetch = isResilient ? wrapFetch(fetch, patience) : (fetch as WrappedFetch);

  if (isResilient) addRateLimit(app);
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
