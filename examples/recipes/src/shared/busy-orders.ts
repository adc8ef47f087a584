import { setTimeout as sleep } from 'node:timers/promises';

/** An answer about an order. */
export interface OrderResponse {
  readonly status: number;
  readonly text: string;
}

let calls = 0;

/** Asks for an order: busy at first, and there is no order 0. */
export async function request(id: number, signal?: AbortSignal): Promise<OrderResponse> {
  await sleep(1, undefined, { signal });
  if (id === 0) return { status: 404, text: '' };
  calls++;
  return calls <= 2 ? { status: 503, text: '' } : { status: 200, text: `order ${id}` };
}
