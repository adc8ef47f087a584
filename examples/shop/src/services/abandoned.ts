import type { FastifyReply } from 'fastify';

/** A signal that is aborted when the client goes away before it has its answer. */
export function abandoned(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('the client has gone'));
  });
  return controller.signal;
}
