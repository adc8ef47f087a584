import process from 'node:process';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { type ServiceReport, type ServiceSetup, serviceSetup } from './setup.ts';

/** How long requests in flight may take to finish once the service has been told to stop. */
const drainMs = 800;

/** Adds the routes of a service. */
export type ServiceRoutes = (app: FastifyInstance, setup: ServiceSetup) => void | Promise<void>;

function report(message: ServiceReport): void {
  process.send?.(message);
}

function makeApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: 'idle', keepAliveTimeout: 60_000 });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ZodError) return reply.code(400).send({ error: error.message });
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(500).send({ error: message });
  });
  return app;
}

/** Ends the service: requests in flight may finish, but not for ever. */
function stop(app: FastifyInstance): void {
  setTimeout(() => process.exit(0), drainMs).unref();
  app.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
}

function explain(error: unknown, { port }: ServiceSetup): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `port ${port} is taken by another program`;
  return error instanceof Error ? error.message : String(error);
}

/**
 * Runs one service as a process of its own: it listens, tells its port, stops on SIGTERM, and never
 * outlives the process that started it.
 */
export async function runService(routes: ServiceRoutes): Promise<void> {
  const setup = serviceSetup.parse(JSON.parse(process.argv[2] ?? '{}'));
  process.title = `shop ${setup.mode} ${setup.name}`;
  // These reach every process of the terminal; the one that started us says when to stop.
  for (const signal of ['SIGHUP', 'SIGINT']) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  if (process.send !== undefined && !process.connected) process.exit(0);
  const app = makeApp();
  process.on('SIGTERM', () => stop(app));
  try {
    await routes(app, setup);
    await app.listen({ host: '127.0.0.1', port: setup.port });
    report({ type: 'listening', port: (app.server.address() as AddressInfo).port });
  } catch (error) {
    report({ type: 'failed', message: explain(error, setup) });
    process.disconnect();
    process.exitCode = 1;
  }
}
