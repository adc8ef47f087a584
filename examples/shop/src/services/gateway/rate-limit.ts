import { perKey, rateLimiter, rateLimitHeaders, tokenBucket } from '@holdfast/rate-limiter';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clientHeader } from '../contract.ts';

/** Ten times what a client needs who has things to order, and not what the whole shop can do. */
const perClient = tokenBucket({ replenishRate: 5, burstCapacity: 10 });

/**
 * Who it is that orders; those who do not say have one limit together. A real gateway asks whoever
 * has logged the client in: what a client says of itself, it can make up.
 */
function clientOf({ headers }: FastifyRequest): string | undefined {
  const client = headers[clientHeader];
  return typeof client === 'string' ? client : undefined;
}

/** Bounds what each client may send, so that nobody can take the shop away from the others. */
export function addRateLimit(app: FastifyInstance): void {
  const limiter = rateLimiter({
    name: 'orders',
    algorithm: perClient,
    keys: perKey({ maxKeys: 1_000 }),
  });
  app.addHook('onRequest', async (request, reply) => {
    const decision = limiter.tryAcquire({ key: clientOf(request) });
    reply.headers(rateLimitHeaders(decision, { policy: limiter.name }));
    if (decision.allowed) return undefined;
    const error = `too many orders; come back in ${Math.ceil(decision.retryAfterMs)} ms`;
    return reply.code(429).send({ error, code: 'RATE_LIMITED' });
  });
}
