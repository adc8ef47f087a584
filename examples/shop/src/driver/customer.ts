import { Agent, request } from 'undici';
import { confirmation, type PlaceOrder } from '../services/contract.ts';
import type { Visit, VisitResult } from './visit.ts';

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

async function send(order: PlaceOrder, url: string, signal: AbortSignal): Promise<VisitResult> {
  const { body, statusCode } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
    dispatcher: browsers,
    signal,
  });
  const text = await body.text();
  if (statusCode !== 201) return 'failed';
  const { receipt, stock } = confirmation.parse(JSON.parse(text));
  return stock === 'fresh' && receipt === 'sent' ? 'confirmed' : 'degraded';
}

/** Places an order as a customer does, and tells what he saw. */
export async function place(order: PlaceOrder, options: PlaceOptions): Promise<Visit> {
  const { gatewayUrl, patienceMs, wantedAt } = options;
  const leftMs = Math.max(0, wantedAt + patienceMs - performance.now());
  const signal = AbortSignal.timeout(Math.ceil(leftMs));
  let result: VisitResult;
  try {
    result = await send(order, `${gatewayUrl}/orders`, signal);
  } catch {
    result = signal.aborted ? 'gave-up' : 'failed';
  }
  return { orderId: order.orderId, result, waitedMs: performance.now() - wantedAt };
}

/** Closes all browsers. */
export async function goHome(): Promise<void> {
  await browsers.destroy();
}
