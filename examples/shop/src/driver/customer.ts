import { retryAfterOf } from '@holdfast/fetch';
import { Agent, request } from 'undici';
import { clientHeader, confirmation } from '../services/contract.ts';
import type { Arrival } from './arrivals.ts';
import type { Visit } from './visit.ts';

/** Every customer has a browser of his own: no limit on connections. */
const browsers = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

/** How one order is placed. */
export interface PlaceOptions {
  readonly gatewayUrl: string;
  /** How long the customer waits before he gives up. */
  readonly patienceMs: number;
  /** When he wanted to order, in milliseconds of `performance.now()`. */
  readonly wantedAt: number;
}

/** Who orders, and what. */
type Order = Pick<Arrival, 'client' | 'order'>;
type Answer = Pick<Visit, 'result' | 'retryAfterMs'>;

async function send({ client, order }: Order, url: string, signal: AbortSignal): Promise<Answer> {
  const { body, headers, statusCode } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [clientHeader]: client },
    body: JSON.stringify(order),
    dispatcher: browsers,
    signal,
  });
  const text = await body.text();
  if (statusCode === 429) {
    const told = { 'retry-after': String(headers['retry-after'] ?? '') };
    const value = new Response(null, { status: statusCode, headers: told });
    return { result: 'limited', retryAfterMs: retryAfterOf({ ok: true, value }) };
  }
  if (statusCode !== 201) return { result: 'failed' };
  const { receipt, stock } = confirmation.parse(JSON.parse(text));
  return { result: stock === 'fresh' && receipt === 'sent' ? 'confirmed' : 'degraded' };
}

/** Places an order as a customer does, and tells what he saw. */
export async function place(order: Order, options: PlaceOptions): Promise<Visit> {
  const { gatewayUrl, patienceMs, wantedAt } = options;
  const leftMs = Math.max(0, wantedAt + patienceMs - performance.now());
  const signal = AbortSignal.timeout(Math.ceil(leftMs));
  let answer: Answer;
  try {
    answer = await send(order, `${gatewayUrl}/orders`, signal);
  } catch {
    answer = { result: signal.aborted ? 'gave-up' : 'failed' };
  }
  return { orderId: order.order.orderId, ...answer, waitedMs: performance.now() - wantedAt };
}

/** Closes all browsers. */
export async function goHome(): Promise<void> {
  await browsers.destroy();
}
