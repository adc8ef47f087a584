import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seeded } from '../random.ts';
import { type Fault, fault } from './contract.ts';

/** Makes a service sick on request: `PUT /control/fault`. What happens then is real. */
class FaultSwitch {
  private present: Fault = { kind: 'none' };
  /** Requests since the fault began. */
  private count = 0;
  private readonly random: Random;
  /** Requests that hang, until the fault is over. */
  private readonly hanging = new Set<FastifyRequest>();
  /** Requests whose connection is to break once the work is done. */
  private readonly doomed = new WeakSet<FastifyRequest>();

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  set(next: Fault): void {
    this.present = next;
    this.count = 0;
    for (const request of this.hanging) request.raw.socket.resetAndDestroy();
    this.hanging.clear();
  }

  /** Before the work of a request. True when the request goes on. */
  async before(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const { present } = this;
    if (present.kind === 'slow' && ++this.count % (present.every ?? 1) === 0) {
      await sleep(present.latencyMs * (0.75 + this.random() / 2));
    }
    if (present.kind === 'hang') {
      reply.hijack();
      this.hanging.add(request);
      request.raw.socket.once('close', () => this.hanging.delete(request));
      return false;
    }
    return present.kind !== 'fail' || this.mayFail(request, present, reply);
  }

  private async mayFail(
    request: FastifyRequest,
    { errorShare, resetShare }: Extract<Fault, { kind: 'fail' }>,
    reply: FastifyReply,
  ): Promise<boolean> {
    const draw = this.random();
    if (draw < errorShare) {
      await reply.code(500).send({ error: 'injected' });
      return false;
    }
    if (draw < errorShare + resetShare) this.doomed.add(request);
    return true;
  }

  /** After the work, before the answer is sent. */
  after(request: FastifyRequest, reply: FastifyReply): void {
    if (!this.doomed.has(request)) return;
    reply.hijack();
    request.raw.socket.resetAndDestroy();
  }
}

function isControl(request: FastifyRequest): boolean {
  return request.url.startsWith('/control/');
}

/** Gives a service its fault switch. */
export function addFaultSwitch(app: FastifyInstance, seed: number): void {
  const faults = new FaultSwitch(seed);
  app.put('/control/fault', (request, reply) => {
    faults.set(fault.parse(request.body));
    return reply.code(204).send();
  });
  app.addHook('preHandler', async (request, reply) => {
    if (!isControl(request) && !(await faults.before(request, reply))) return reply;
    return undefined;
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!isControl(request)) faults.after(request, reply);
    done(null, payload);
  });
}
