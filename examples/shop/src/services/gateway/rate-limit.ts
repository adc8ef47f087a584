import { rateLimitHeaders, type RateLimiter } from '@holdfast/rate-limiter';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clientHeader } from '../contract.ts';
import { layerNow } from '../policies.ts';
import type { GatewayPolicies } from './policies.ts';

/**
 * Who it is that orders; those who do not say have one limit together. A real gateway asks whoever
 * has logged the client in: what a client says of itself, it can make up.
 */
function clientOf({ headers }: FastifyRequest): string | undefined {
  const client = headers[clientHeader];
  return typeof client === 'string' ? client : undefined;
}

/** Bounds what each client may send, so that nobody can take the shop away from the others. */
export function addRateLimit(app: FastifyInstance, policies: GatewayPolicies): void {
  app.addHook('onRequest', async (request, reply) => {
    const limiter = layerNow<RateLimiter>(policies, 'clients', 'rateLimiter');
    if (limiter === undefined) return undefined;
    const decision = limiter.tryAcquire({ key: clientOf(request) });
    reply.headers(rateLimitHeaders(decision, { policy: 'orders' }));
    if (decision.allowed) return undefined;
    const error = `too many orders; come back in ${Math.ceil(decision.retryAfterMs)} ms`;
    return reply.code(429).send({ error, code: 'RATE_LIMITED' });
  });
}
